"""Delimited text, long or wide: every field as text, ragged rows set aside with their line."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.csv as pa_csv

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import BLOCK_BYTES, Content, LongLine, text_blocks
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import BrokenRow, Chunk, find_column, too_long
from energy_lib.landing.formats.line_by_line import line_by_line
from energy_lib.landing.formats.record_counts import delimited_records
from energy_lib.landing.formats.stray_quotes import stray_quotes
from energy_lib.landing.sources.allowed_values import Format
from energy_lib.landing.sources.source import Source

# A wide row holds hundreds of readings: smaller blocks keep a chunk's memory where it is for long files.
WIDE_BLOCK_BYTES = BLOCK_BYTES // 8


def read_delimited(content: Content, source: Source, wanted: Sequence[str]) -> Iterator[Chunk]:
    """Chunks with the wanted columns as text: quoted as RFC 4180 has it, with any separator, header and comments.

    A row with another number of fields than the header, or with a quote that it does not close, is a broken row. The
    records of each block are counted from its bytes; a row that is missing is never passed over.
    Raises FileFault for a file without rows or without a wanted column.
    """
    size = WIDE_BLOCK_BYTES if source.format is Format.WIDE_CSV else BLOCK_BYTES
    long_lines: list[LongLine] = []
    with content.open() as stream:
        names: list[str] = list(source.column_names)
        line, rows, above = 1, 0, ""
        for index, whole in enumerate(text_blocks(stream, source.encoding, size, long_lines)):
            lines = whole.count(b"\n")
            block = whole
            if index == 0:
                above, block = _skipped(whole, source.skip_rows)
                block, names = _without_header(block, source, names)
                line += lines - block.count(b"\n")
                lines = block.count(b"\n")
            chunk = replace(
                _parse(_without_comments(block, source.comment), source, names, wanted, line), above_header=above
            )
            line += lines
            rows += chunk.table.num_rows + len(chunk.broken)
            yield chunk
        if rows + len(long_lines) == 0:
            raise FileFault(file_faults.FILE_EMPTY, "the file holds a header and no rows")
        if long_lines:
            yield Chunk(_no_rows(_columns(names, wanted)), too_long(long_lines), above)


def _skipped(block: bytes, rows: int) -> tuple[str, bytes]:
    """The text of the lines to skip, and the block after them."""
    at = 0
    for _ in range(rows):
        at = block.find(b"\n", at) + 1
        if at == 0:
            raise FileFault(file_faults.FILE_EMPTY, f"the file ends within the {rows} lines to skip")
    return block[:at].decode("utf-8").replace("\r\n", "\n"), block[at:]


def _without_header(block: bytes, source: Source, names: list[str]) -> tuple[bytes, list[str]]:
    """The block without its header, and the names of the columns."""
    block = _without_comments(block, source.comment)
    if names:
        return block, names
    header, _, rest = block.lstrip(b"\r\n").partition(b"\n")
    if not header.strip():
        raise FileFault(file_faults.FILE_EMPTY, "the file holds no text")
    fields = next(csv.reader([header.decode("utf-8").rstrip("\r")], delimiter=source.separator), [])
    return rest, unique_names([field.strip() for field in fields])


def unique_names(fields: list[str]) -> list[str]:
    """Nameless and repeated columns get a number that no other column has, so that each can be asked for."""
    seen: Counter[str] = Counter()
    names: dict[str, None] = {}
    for number, field in enumerate(fields, start=1):
        first = name = field or f"column_{number}"
        seen[first] += 1
        while name in names or (name != first and name in fields):
            seen[first] += name != first
            name = f"{first}_{seen[first]}"
        names[name] = None
    return list(names)


def _without_comments(block: bytes, comment: str | None) -> bytes:
    """The block with an empty line for each comment, so that lines keep their numbers."""
    if not comment or comment.encode() not in block:
        return block
    mark = comment.encode()
    return b"".join(b"\n" if line.startswith(mark) else line for line in block.splitlines(keepends=True))


def _columns(names: list[str], wanted: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(find_column(names, column) for column in wanted)) or names


def _no_rows(columns: list[str]) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in columns})


def _parse(block: bytes, source: Source, names: list[str], wanted: Sequence[str], line: int) -> Chunk:
    """The block's rows; where the reader's count is not that of the bytes, each line is read on its own."""
    columns = _columns(names, wanted)
    block, stray = _without_stray_quotes(block, source.separator, len(names))
    broken = [
        BrokenRow(text, file_faults.RAGGED_ROW, f"line {line + position} opens a quote that it does not close")
        for position, text in stray.items()
    ]
    if not block.strip():
        return Chunk(_no_rows(columns), tuple(broken))
    try:
        table, ragged = _read(block, source, names, columns, line, list(stray))
        counted = table.num_rows + len(ragged) == delimited_records(block)
    except pa.ArrowInvalid:
        counted = False
    if not counted:
        table, ragged = line_by_line(block, source.separator, names, line)
    return Chunk(table.select(columns), (*broken, *ragged))


def _read(
    block: bytes, source: Source, names: list[str], columns: list[str], line: int, stray: list[int]
) -> tuple[pa.Table, list[BrokenRow]]:
    """The rows that have a field for each name, and those that have not."""
    ragged: list[BrokenRow] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        number = row.number
        for position in stray:
            number += position < number
        reason = f"line {line + number - 1} has {row.actual_columns} fields, the header {row.expected_columns}"
        ragged.append(BrokenRow(row.text, file_faults.RAGGED_ROW, reason))
        return "skip"

    table = pa_csv.read_csv(
        io.BytesIO(block),
        read_options=pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block) + 1),
        parse_options=pa_csv.ParseOptions(
            delimiter=source.separator, newlines_in_values=True, invalid_row_handler=set_aside
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, include_columns=columns, check_utf8=False
        ),
    )
    return table, ragged


def _without_stray_quotes(block: bytes, separator: str, fields: int) -> tuple[bytes, dict[int, str]]:
    """The block without lines that open a quote by mistake, and those lines by their position."""
    if b'"' not in block:
        return block, {}
    lines = block.split(b"\n")
    stray = stray_quotes(lines, separator.encode(), fields)
    if not stray:
        return block, {}
    texts = {position: lines[position].decode("utf-8").rstrip("\r") for position in stray}
    for position in stray:
        lines[position] = b""
    return b"\n".join(lines), texts

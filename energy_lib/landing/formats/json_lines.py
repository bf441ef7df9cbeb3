"""JSON lines: one object a line; nested fields are named with dots."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import SHOWN_BYTES, Content, LongLine, text_blocks
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import BrokenRow, Chunk, too_long
from energy_lib.landing.formats.record_counts import filled_lines
from energy_lib.landing.sources.source import Source

ABSENT = object()
BLANKS = "".join(map(chr, range(33)))


def read_json_lines(content: Content, source: Source, wanted: Sequence[str]) -> Iterator[Chunk]:
    """Chunks with the wanted fields as text: one JSON object a line (https://jsonlines.org).

    A field is named by its path (`read.kwh`); one that is wanted twice comes once. A line that is no object is a
    broken row. The lines of each block are counted from its bytes. Raises FileFault for a file without lines, if a
    wanted field stands on no line of the first chunk, or if a line was passed over.
    """
    fields = list(dict.fromkeys(wanted))
    long_lines: list[LongLine] = []
    with content.open() as stream:
        line, rows = 1, 0
        for index, block in enumerate(text_blocks(stream, source.encoding, long_lines=long_lines)):
            lines = block.decode("utf-8").split("\n")[:-1]
            chunk, named = _parse(lines, fields, line)
            _require_all(chunk, block, line)
            if index == 0 and chunk.table.num_rows:
                _require(named, fields)
            line += len(lines)
            rows += chunk.table.num_rows + len(chunk.broken)
            yield chunk
        if rows + len(long_lines) == 0:
            raise FileFault(file_faults.FILE_EMPTY, "the file holds no lines")
        if long_lines:
            yield Chunk(_parse([], fields, line)[0].table, too_long(long_lines))


def _parse(lines: list[str], fields: Sequence[str], first_line: int) -> tuple[Chunk, set[str]]:
    """The lines' chunk, and which of the fields (each given once) some line names, with a value or with null."""
    named: set[str] = set()
    values: dict[str, list[str | None]] = {name: [] for name in fields}
    broken: list[BrokenRow] = []
    for number, text in enumerate(lines, start=first_line):
        if not text.strip(BLANKS):
            continue
        row = json_object(text, f"line {number}")
        texts = row if isinstance(row, BrokenRow) else field_texts(row, fields, text, f"line {number}")
        if isinstance(texts, BrokenRow):
            broken.append(texts)
            continue
        for name, value in texts.items():
            if value is not ABSENT:
                named.add(name)
            values[name].append(None if value is ABSENT else value)
    table = pa.table({name: pa.array(column, pa.string()) for name, column in values.items()})
    return Chunk(table, tuple(broken)), named


def json_object(text: str, where: str) -> dict[str, Any] | BrokenRow:
    try:
        row = json.loads(text)
    except ValueError as error:
        return BrokenRow(text, file_faults.UNPARSEABLE_ROW, f"{where} is not JSON ({error})")
    except RecursionError:
        return BrokenRow(text[:SHOWN_BYTES], file_faults.UNPARSEABLE_ROW, f"{where} is nested too deep")
    if isinstance(row, dict):
        return row
    return BrokenRow(text, file_faults.UNPARSEABLE_ROW, f"{where} is not a JSON object")


def field_texts(row: dict[str, Any], fields: Sequence[str], text: str, where: str) -> dict[str, Any] | BrokenRow:
    """Each field's value as a text, None for null, or ABSENT."""
    try:
        texts = {name: _text(_value(row, name)) for name in fields}
    except RecursionError:
        return BrokenRow(text[:SHOWN_BYTES], file_faults.UNPARSEABLE_ROW, f"{where} is nested too deep")
    for name, value in texts.items():
        if isinstance(value, str) and not _encodable(value):
            reason = f"{where}: {name} holds half of a surrogate pair, which is no character"
            return BrokenRow(text, file_faults.UNPARSEABLE_ROW, reason)
    return texts


def _encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _require_all(chunk: Chunk, block: bytes, line: int) -> None:
    given, there = chunk.table.num_rows + len(chunk.broken), filled_lines(block)
    if given != there and chunk.table.num_columns:
        reason = f"from line {line} on, {given} of {there} lines were read: please report it"
        raise FileFault(file_faults.FILE_MISCOUNTED, reason)


def _value(row: dict[str, Any], dotted: str) -> Any:
    """What stands under a name, or under a path of names; ABSENT if nothing does."""
    if dotted in row:
        return row[dotted]
    value: Any = row
    for part in dotted.split("."):
        value = value.get(part, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def _text(value: Any) -> Any:
    if value is None or value is ABSENT or isinstance(value, str):
        return value
    # What json.dumps gives as well, in a tenth of the time.
    return repr(value) if type(value) is int or (type(value) is float and isfinite(value)) else json.dumps(value)


def _require(named: set[str], fields: Sequence[str]) -> None:
    for name in fields:
        if name not in named:
            raise FileFault(file_faults.FILE_MISSING_COLUMN, f"no line has the field {name!r}")

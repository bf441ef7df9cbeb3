"""JSON lines: one object a line; nested fields are named with dots."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content, text_blocks
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import BrokenRow, Chunk
from energy_lib.landing.sources.source import Source

ABSENT = object()


def read_json_lines(content: Content, source: Source, wanted: Sequence[str]) -> Iterator[Chunk]:
    """Chunks with the wanted fields as text: one JSON object a line (https://jsonlines.org).

    A field is named by its path (`read.kwh`); one that is wanted twice comes once. A line that is no object is a
    broken row. Raises FileFault for a file without lines, or if a wanted field stands on no line of the first chunk.
    """
    fields = list(dict.fromkeys(wanted))
    with content.open() as stream:
        line, rows = 1, 0
        for index, block in enumerate(text_blocks(stream, source.encoding)):
            lines = block.decode("utf-8").split("\n")[:-1]
            chunk, named = _parse(lines, fields, line)
            if index == 0 and chunk.table.num_rows:
                _require(named, fields)
            line += len(lines)
            rows += chunk.table.num_rows + len(chunk.broken)
            yield chunk
        if rows == 0:
            raise FileFault(file_faults.FILE_EMPTY, "the file holds no lines")


def _parse(lines: list[str], fields: Sequence[str], first_line: int) -> tuple[Chunk, set[str]]:
    """The lines' chunk, and which of the fields (each given once) some line names, with a value or with null."""
    named: set[str] = set()
    values: dict[str, list[str | None]] = {name: [] for name in fields}
    broken: list[BrokenRow] = []
    for number, text in enumerate(lines, start=first_line):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except ValueError as error:
            broken.append(BrokenRow(text, file_faults.UNPARSEABLE_ROW, f"line {number} is not JSON ({error})"))
            continue
        if not isinstance(row, dict):
            broken.append(BrokenRow(text, file_faults.UNPARSEABLE_ROW, f"line {number} is not a JSON object"))
            continue
        for name in fields:
            value = _value(row, name)
            if value is not ABSENT:
                named.add(name)
            values[name].append(_text(value))
    table = pa.table({name: pa.array(column, pa.string()) for name, column in values.items()})
    return Chunk(table, tuple(broken)), named


def _value(row: dict[str, Any], dotted: str) -> Any:
    """What stands under a name, or under a path of names; ABSENT if nothing does."""
    value: Any = row
    for part in [dotted] if dotted in row else dotted.split("."):
        value = value.get(part, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def _text(value: Any) -> str | None:
    if value is None or value is ABSENT:
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _require(named: set[str], fields: Sequence[str]) -> None:
    for name in fields:
        if name not in named:
            raise FileFault(file_faults.FILE_MISSING_COLUMN, f"no line has the field {name!r}")

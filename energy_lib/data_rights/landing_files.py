"""A landed file without somebody's rows: rewritten where a row is of one meter, else to be removed as a whole."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from energy_lib.data_rights.mentions import GZIP
from energy_lib.data_rights.subject import Subject, bytes_pattern
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import find_column
from energy_lib.landing.parsing.arrow_columns import AS_TEXT
from energy_lib.landing.sources.allowed_values import Format, Layout
from energy_lib.landing.sources.source import Kind, Source

_AS_TEXT = re.compile(AS_TEXT)


def without_rows(file: Path, source: Source, subject: Subject) -> bytes | None:
    """The file's bytes without the subject's rows; all others stay as they are.

    A row is theirs by the columns that name a meter or a building, or by any cell that is an id and no short number.
    None where the file cannot be parted: a meter has no rows of its own in it, the file's name names one, or an id
    still stands somewhere afterwards.
    """
    left = bytes_pattern(subject.told_in_texts) if subject.told_in_texts else None
    by_row = source.kind is not Kind.READINGS or source.layout is not Layout.METER_COLUMNS
    named = left is not None and left.search(file.name.encode("utf-8", "surrogateescape"))
    if source.format not in READERS or not by_row or named or (source.meter is not None and not source.meter.column):
        return None
    content = file.read_bytes()
    packed = content.startswith(GZIP)
    try:
        kept = READERS[source.format](gzip.decompress(content) if packed else content, source, subject)
    except (ValueError, OSError, EOFError, csv.Error, pa.ArrowInvalid, FileFault):
        return None
    if kept is None or (left is not None and source.format is not Format.PARQUET and left.search(kept)):
        return None
    return gzip.compress(kept, mtime=0) if packed else kept


def _columns_of_ids(source: Source, subject: Subject) -> dict[str, frozenset[str]]:
    """The file's columns that name a meter, a building, a site or a project, each with the ids to look for in it."""
    meters = subject.meters | subject.points
    if source.kind is Kind.READINGS:
        named = {source.meter.column if source.meter else None: meters, source.building: subject.buildings}
        return {column: ids for column, ids in named.items() if column is not None}
    of = {"meter_id": meters, "virtual_meter_id": meters, "building_id": subject.buildings}
    of |= {"site_id": subject.sites, "project_id": subject.projects}
    return {spec.column: of[name] for name, spec in source.columns.items() if name in of and spec.column is not None}


def _delimited(content: bytes, source: Source, subject: Subject) -> bytes | None:
    """Line by line, so that what stays keeps its bytes. A quoted line break would make a line of half a row."""
    lines = content.decode(source.encoding).splitlines(keepends=True)
    if any(line.count('"') % 2 for line in lines):
        return None
    told, wanted = set(subject.told_in_texts), _columns_of_ids(source, subject)
    names, kept = list(source.column_names), []
    places: dict[int, frozenset[str]] | None = None
    for number, line in enumerate(lines):
        cells = [_shown(cell) for cell in next(csv.reader([line], delimiter=source.separator), [])]
        above = (
            number < source.skip_rows or not line.strip() or bool(source.comment and line.startswith(source.comment))
        )
        is_header = not above and places is None and not names
        if places is None and not above:
            names = names or [cell.removeprefix("\N{BYTE ORDER MARK}") for cell in cells]
            places = {names.index(find_column(names, name)): ids for name, ids in wanted.items()}
        theirs = any(cells[place] in ids for place, ids in (places or {}).items() if place < len(cells))
        if above or is_header or not (theirs or told & set(cells)):
            kept.append(line)
    return "".join(kept).encode(source.encoding)


def _shown(cell: str) -> str:
    """A cell as it is read: without blanks around it, and `="0012"` as 0012."""
    match = _AS_TEXT.match(cell)
    return (match.group(1) or match.group(2)) if match else cell.strip()


def _json_lines(content: bytes, source: Source, subject: Subject) -> bytes | None:
    told, wanted, kept = set(subject.told_in_texts), _columns_of_ids(source, subject), []
    for line in content.decode(source.encoding).splitlines(keepends=True):
        row = json.loads(line.strip() or "null")
        theirs = isinstance(row, dict) and any(str(row.get(name)).strip() in ids for name, ids in wanted.items())
        if not (theirs or told & set(_values(row))):
            kept.append(line)
    return "".join(kept).encode(source.encoding)


def _values(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _values(each)
    elif isinstance(value, str | int):
        yield str(value).strip()


def _parquet(content: bytes, source: Source, subject: Subject) -> bytes | None:
    rows = pq.read_table(io.BytesIO(content))
    keep = pa.array([True] * rows.num_rows)
    for name, ids in _columns_of_ids(source, subject).items():
        texts = pc.utf8_trim_whitespace(pc.cast(rows.column(find_column(rows.column_names, name)), pa.string()))
        keep = pc.and_(keep, pc.invert(pc.fill_null(pc.is_in(texts, pa.array(sorted(ids), pa.string())), False)))
    written = io.BytesIO()
    pq.write_table(rows.filter(keep), written)
    return written.getvalue()


Reader = Callable[[bytes, Source, Subject], "bytes | None"]
READERS: dict[Format, Reader] = {
    Format.CSV: _delimited,
    Format.JSON_LINES: _json_lines,
    Format.PARQUET: _parquet,
}

"""What the readers of formats give: chunks of a table as it stands in the file, or readings taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import LongLine
from energy_lib.landing.files.file_faults import FileFault


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not be taken apart: its text, the rule it broke, and why."""

    text: str
    rule_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file: `table` has the file's columns (text, or typed where the format is).

    `above_header` is the text of the lines that the YAML skips.
    """

    table: pa.Table
    broken: tuple[BrokenRow, ...] = ()
    above_header: str = ""


@dataclass(frozen=True, slots=True)
class RawReadings:
    """Readings as the file gives them: one row a reading, texts where the format has texts.

    `stamp` is text, a naive timestamp in the source's zone, or a timestamp with a zone; `value` text or a number;
    `minutes` the interval's length where the file says it, or `until` the text of the stamp of its end; `period` its
    number in the local day of the stamp;
    `rule`/`reason` are set where the reader already knows that the row cannot be used. `flow` is the file's text or a
    word of Flow. `meter` is the id of the point, unless `meters_apart`: then it tells the registers of a point apart
    already, and no flow is added to it. Of `register_reads` the values are those of a cumulative register, and `stamp`
    is when it was read. `tariff` tells rows of one register apart that are to be summed. `raw_stamp` and `raw_value`
    are what the file shows where stamp and value were made of several of its texts.
    """

    meter: pa.Array
    stamp: pa.Array
    value: pa.Array
    minutes: pa.Array | None = None
    until: pa.Array | None = None
    unit: pa.Array | None = None
    fuel: pa.Array | None = None
    flow: pa.Array | None = None
    building: pa.Array | None = None
    quality: pa.Array | None = None
    offset: pa.Array | None = None
    period: pa.Array | None = None
    available: pa.Array | None = None
    tariff: pa.Array | None = None
    raw_stamp: pa.Array | None = None
    raw_value: pa.Array | None = None
    rule: pa.Array | None = None
    reason: pa.Array | None = None
    meters_apart: bool = False
    register_reads: bool = False
    broken: tuple[BrokenRow, ...] = field(default=())

    def with_broken(self, broken: tuple[BrokenRow, ...]) -> RawReadings:
        return replace(self, broken=broken)


def too_long(lines: Sequence[LongLine]) -> tuple[BrokenRow, ...]:
    """The rows of lines that were too long to be read."""
    return tuple(
        BrokenRow(
            line.begins,
            file_faults.LINE_TOO_LONG,
            f"line {line.number} has {line.size_bytes:,} bytes: here is how it begins",
        )
        for line in lines
    )


def find_column(names: list[str], wanted: str) -> str:
    """The one column of that name, or that matches the pattern; raises FileFault naming what there is."""
    if wanted in names:
        return wanted
    matches = [name for name in names if "*" in wanted and fnmatchcase(name, wanted)]
    if len(matches) == 1:
        return matches[0]
    what = f"{len(matches)} columns match {wanted!r}" if matches else f"there is no column {wanted!r}"
    raise FileFault(file_faults.FILE_MISSING_COLUMN, f"{what}; the file has {', '.join(names) or 'no columns'}")

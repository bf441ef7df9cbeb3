"""NEM12, AEMO's interval meter data file: records 100 to 900, times in Eastern Standard Time all year (UTC+10).

Layout: AEMO, "Meter Data File Format Specification NEM12 & NEM13". A 200 record opens a data stream, a 300 record
holds a day of it, 400 records give qualities to ranges of that day's intervals.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase

import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content, text_blocks
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import BrokenRow, RawReadings
from energy_lib.landing.sources.source import Source
from energy_lib.vocabulary import Fuel, Quality

MINUTES_A_DAY = 1440
# N: there is no value. V: the 400 records that follow give the qualities.
QUALITY_OF = {"A": Quality.MEASURED, "E": Quality.ESTIMATED, "F": Quality.ESTIMATED, "S": Quality.ESTIMATED}
QUALITY_METHOD = re.compile(r"[AEFNSV](\d\d)?")
HEADER, STREAM, DAY, RANGE, B2B, END = "100", "200", "300", "400", "500", "900"
READINGS_A_CHUNK = 200_000


@dataclass(slots=True)
class _DataStream:
    """What a 200 record says of the days after it; `other_channel` is why its readings are not wanted, if so."""

    meter: str
    unit: str
    minutes: int
    other_channel: str | None


@dataclass(slots=True)
class _ReadingColumns:
    """Readings gathered so far, column by column; `micros` are their starts in microseconds since 1970 UTC."""

    meter: list[str] = field(default_factory=list)
    micros: list[int] = field(default_factory=list)
    value: list[str | None] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    quality: list[str | None] = field(default_factory=list)
    updated: list[str | None] = field(default_factory=list)
    other_channel: list[str | None] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)

    def raw(self) -> RawReadings:
        rejections = [
            _rejection(other, quality) for other, quality in zip(self.other_channel, self.quality, strict=True)
        ]
        return RawReadings(
            meter=pa.array(self.meter, pa.string()),
            stamp=pa.array(self.micros, pa.int64()).cast(pa.timestamp("us", "UTC")),
            value=pa.array(self.value, pa.string()),
            minutes=pa.array(self.minutes, pa.int32()),
            unit=pa.array(self.unit, pa.string()),
            fuel=pa.repeat(pa.scalar(Fuel.ELECTRICITY.value), len(self.meter)),
            quality=pa.array(self.quality, pa.string()),
            available=pa.array(self.updated, pa.string()),
            rule=pa.array([rule for rule, _ in rejections], pa.string()),
            reason=pa.array([reason for _, reason in rejections], pa.string()),
            broken=tuple(self.broken),
        )


def _rejection(other_channel: str | None, quality: str | None) -> tuple[str | None, str | None]:
    """Rule and reason of a reading that is not to be used."""
    if other_channel is not None:
        return file_faults.OTHER_CHANNEL, other_channel
    if quality is None:
        return file_faults.UNPARSEABLE_VALUE, "the quality of its day is V (varies), and no 400 record says its own"
    return None, None


def read_nem12(content: Content, source: Source) -> Iterator[RawReadings]:
    """Readings of the file, as the AEMO specification lays out its records; `source.channels` names NMI suffixes.

    A reading's meter is `<NMI>_<suffix>`. A record that does not fit its place is a broken row; a suffix that is not
    wanted breaks `other_channel`. Raises FileFault without a 100 header or a 900 end.
    """
    rows, stream, last_day = _ReadingColumns(), None, 0
    ended, number = False, 0
    for number, record in enumerate(_records(content, source.encoding), start=1):
        kind = record[0]
        if number == 1 and (kind != HEADER or len(record) < 2 or record[1] != "NEM12"):
            raise FileFault(file_faults.FILE_UNREADABLE, "the first record is not 100,NEM12")
        if kind == STREAM:
            stream = _stream(record, source.channels)
            if stream is None:
                rows.broken.append(_broken(record, number, "is not a whole 200 record"))
        elif kind == DAY:
            if len(rows.meter) >= READINGS_A_CHUNK:
                yield rows.raw()
                rows = _ReadingColumns()
            last_day = len(rows.meter)
            _add_day(rows, stream, record, number)
        elif kind == RANGE:
            _set_quality(rows, last_day, record, number)
        elif kind not in (HEADER, B2B, END):
            rows.broken.append(_broken(record, number, "is none of 100, 200, 300, 400, 500 and 900"))
        ended = kind == END
    if not ended:
        raise FileFault(file_faults.FILE_TRUNCATED, f"the file ends after {number} records without its 900 record")
    yield rows.raw()


def _records(content: Content, encoding: str) -> Iterator[list[str]]:
    with content.open() as stream:
        for block in text_blocks(stream, encoding):
            for record in csv.reader(io.StringIO(block.decode("utf-8"))):
                if record and any(record):
                    yield [text.strip() for text in record]


def _stream(record: list[str], channels: tuple[str, ...]) -> _DataStream | None:
    """`200,NMI,configuration,register,suffix,data stream,serial,unit,minutes,next read`"""
    try:
        nmi, suffix, unit, minutes = record[1], record[4], record[7], int(record[8])
    except (IndexError, ValueError):
        return None
    if minutes <= 0 or MINUTES_A_DAY % minutes:
        return None
    wanted = any(fnmatchcase(suffix, pattern) for pattern in channels)
    other = None if wanted else f"channel {suffix} is not among {', '.join(channels)}"
    return _DataStream(f"{nmi}_{suffix}", unit, minutes, other)


def _add_day(rows: _ReadingColumns, stream: _DataStream | None, record: list[str], number: int) -> None:
    """`300,YYYYMMDD,value 1 … value n,quality method,reason,description,updated,loaded`"""
    if stream is None:
        rows.broken.append(_broken(record, number, "has no whole 200 record before it"))
        return
    count = MINUTES_A_DAY // stream.minutes
    quality = record[2 + count] if len(record) > 2 + count else ""
    if not QUALITY_METHOD.fullmatch(quality):
        what = f"has no quality after the {count} values that a day of {stream.minutes} minutes holds"
        rows.broken.append(_broken(record, number, what, file_faults.RAGGED_ROW))
        return
    try:
        day = date.fromisoformat(record[1])
    except ValueError:
        rows.broken.append(_broken(record, number, f"has no date, but {record[1]!r}"))
        return
    midnight = ((day - date(1970, 1, 1)).days * 24 - 10) * 3_600_000_000
    missing = quality[0] == "N"
    rows.meter += [stream.meter] * count
    rows.micros += [midnight + i * stream.minutes * 60_000_000 for i in range(count)]
    rows.value += [None] * count if missing else list(record[2 : 2 + count])
    rows.minutes += [stream.minutes] * count
    rows.unit += [stream.unit] * count
    rows.quality += [_quality_of(quality)] * count
    rows.other_channel += [stream.other_channel] * count
    updated = record[5 + count] if len(record) > 5 + count and record[5 + count] else None
    rows.updated += [_eastern(updated) if updated else None] * count


def _set_quality(rows: _ReadingColumns, last_day: int, record: list[str], number: int) -> None:
    """`400,first interval,last interval,quality method,reason,description`, of the 300 record before it"""
    try:
        first, last, quality = int(record[1]), int(record[2]), record[3]
        if not 1 <= first <= last <= len(rows.meter) - last_day or not QUALITY_METHOD.fullmatch(quality):
            raise ValueError
    except (IndexError, ValueError):
        rows.broken.append(_broken(record, number, "is not a range of the day before it and a quality"))
        return
    for i in range(last_day + first - 1, last_day + last):
        rows.quality[i] = _quality_of(quality)
        if quality[0] == "N":
            rows.value[i] = None


def _quality_of(quality: str) -> str | None:
    """A quality method such as A, E64 or N; None for V, where 400 records say it."""
    if quality[0] == "V":
        return None
    return QUALITY_OF.get(quality[0], Quality.MEASURED).value


def _eastern(stamp: str) -> str:
    """`YYYYMMDDhhmmss` → ISO 8601 with its offset."""
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14] or '00'}+10:00"


def _broken(record: list[str], number: int, what: str, rule_id: str = file_faults.UNPARSEABLE_ROW) -> BrokenRow:
    return BrokenRow(",".join(record), rule_id, f"record {number} {what}")

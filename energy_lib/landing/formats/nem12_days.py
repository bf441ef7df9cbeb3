"""The days of a NEM12 file as readings: its 200, 300 and 400 records, gathered column by column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase

import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.formats.chunk import BrokenRow, RawReadings
from energy_lib.landing.formats.nem12_suffixes import flow_of, is_active_energy
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import Available
from energy_lib.vocabulary import Flow, Fuel, Quality

MINUTES_A_DAY = 1440
MINUTE_US = 60_000_000
EPOCH = date(1970, 1, 1)
# N: there is no value. V: the 400 records that follow give the qualities.
QUALITY_OF = {"A": Quality.MEASURED, "E": Quality.ESTIMATED, "F": Quality.ESTIMATED, "S": Quality.ESTIMATED}
QUALITY_METHOD = re.compile(r"[AEFNSV](\d\d)?")
UPDATED = re.compile(r"\d{12}(\d\d)?")
NO_QUALITY = (
    file_faults.UNPARSEABLE_VALUE,
    "the quality of its day is V (varies), and no 400 record says its own",
)
Rejection = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _DataStream:
    """What a 200 record says of the days after it; `other_channel` is why its readings are not wanted, if so."""

    meter: str
    flow: Flow
    unit: str
    minutes: int
    other_channel: str | None


@dataclass(slots=True)
class _Columns:
    """Readings gathered so far; `micros` are their starts in microseconds since 1970 UTC."""

    meter: list[str] = field(default_factory=list)
    flow: list[str] = field(default_factory=list)
    micros: list[int] = field(default_factory=list)
    value: list[str | None] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    quality: list[str | None] = field(default_factory=list)
    updated: list[str | None] = field(default_factory=list)
    rejection: list[Rejection | None] = field(default_factory=list)


class Days:
    """The open data stream and the readings since the last `given`; `broken` are records that did not fit.

    Each method that takes a record gives the rule and the reason if it does not fit its place.
    """

    def __init__(self, source: Source) -> None:
        self.broken: list[BrokenRow] = []
        self._columns, self._last_day = _Columns(), 0
        self._stream: _DataStream | None = None
        self._channels, self._utc_offset = source.channels, source.nem12.utc_offset
        hours, minutes = self._utc_offset.split(":")
        self._offset_minutes = int(hours) * 60 + int(f"{hours[0]}{minutes}")
        # Where UpdateDateTime says when a reading was known, every version of a day counts from its own.
        self._one_version = not isinstance(source.available, Available) or source.available.column is None
        self._newest_update: dict[tuple[str, date], str] = {}

    def __len__(self) -> int:
        return len(self._columns.meter)

    def given(self) -> RawReadings:
        """The readings gathered since the last time; ranges of them can no longer come."""
        columns, broken = self._columns, tuple(self.broken)
        self._columns, self._last_day, self.broken = _Columns(), 0, []
        rejections = [
            rejection or (NO_QUALITY if quality is None else (None, None))
            for rejection, quality in zip(columns.rejection, columns.quality, strict=True)
        ]
        return RawReadings(
            meter=pa.array(columns.meter, pa.string()),
            stamp=pa.array(columns.micros, pa.int64()).cast(pa.timestamp("us", "UTC")),
            value=pa.array(columns.value, pa.string()),
            minutes=pa.array(columns.minutes, pa.int32()),
            unit=pa.array(columns.unit, pa.string()),
            fuel=pa.repeat(pa.scalar(Fuel.ELECTRICITY.value), len(columns.meter)),
            flow=pa.array(columns.flow, pa.string()),
            quality=pa.array(columns.quality, pa.string()),
            available=pa.array(columns.updated, pa.string()),
            rule=pa.array([rule for rule, _ in rejections], pa.string()),
            reason=pa.array([reason for _, reason in rejections], pa.string()),
            meters_apart=True,
            broken=broken,
        )

    def close(self, *, stream: bool) -> None:
        """End the last day, and the `stream` too: a record that cannot be read stands between them and what follows."""
        self._last_day = len(self)
        if stream:
            self._stream = None

    def open_stream(self, record: list[str]) -> Rejection | None:
        """`200,NMI,configuration,register,suffix,data stream,serial,unit,minutes,next read`"""
        self.close(stream=True)
        broken = file_faults.UNPARSEABLE_ROW, "is not a whole 200 record"
        try:
            nmi, suffix, unit, minutes = record[1], record[4], record[7], int(record[8])
        except (IndexError, ValueError):
            return broken
        if minutes <= 0 or MINUTES_A_DAY % minutes:
            return broken
        other = None
        if not any(fnmatchcase(suffix, pattern) for pattern in self._channels):
            other = f"channel {suffix} is not among {', '.join(self._channels)}"
        elif not is_active_energy(suffix, unit):
            other = f"channel {suffix} in {unit} is reactive or apparent energy"
        self._stream = _DataStream(f"{nmi}_{suffix}", flow_of(suffix), unit, minutes, other)
        return None

    def add_day(self, record: list[str]) -> Rejection | None:
        """`300,YYYYMMDD,value 1 … value n,quality method,reason,description,updated,loaded`"""
        self.close(stream=False)
        stream = self._stream
        if stream is None:
            return file_faults.UNPARSEABLE_ROW, "has no whole 200 record before it"
        count = MINUTES_A_DAY // stream.minutes
        quality = record[2 + count] if len(record) > 2 + count else ""
        if not QUALITY_METHOD.fullmatch(quality):
            what = f"has no quality after the {count} values that a day of {stream.minutes} minutes holds"
            return file_faults.RAGGED_ROW, what
        try:
            day = date.fromisoformat(record[1])
        except ValueError:
            return file_faults.UNPARSEABLE_ROW, f"has no date, but {record[1]!r}"
        updated = record[5 + count] if len(record) > 5 + count else ""
        columns, midnight = self._columns, self._midnight_us(day)
        columns.meter += [stream.meter] * count
        columns.flow += [stream.flow.value] * count
        columns.micros += [midnight + i * stream.minutes * MINUTE_US for i in range(count)]
        columns.value += [None] * count if quality[0] == "N" else list(record[2 : 2 + count])
        columns.minutes += [stream.minutes] * count
        columns.unit += [stream.unit] * count
        columns.quality += [_quality_of(quality)] * count
        columns.updated += [self._instant(updated)] * count
        columns.rejection += [self._rejection(stream, day, updated)] * count
        return None

    def set_quality(self, record: list[str]) -> Rejection | None:
        """`400,first interval,last interval,quality method,reason,description`, of the 300 record before it"""
        columns, last_day = self._columns, self._last_day
        try:
            first, last, quality = int(record[1]), int(record[2]), record[3]
            if not 1 <= first <= last <= len(self) - last_day or not QUALITY_METHOD.fullmatch(quality):
                raise ValueError
        except (IndexError, ValueError):
            return file_faults.UNPARSEABLE_ROW, "is not a range of the day before it and a quality"
        for i in range(last_day + first - 1, last_day + last):
            columns.quality[i] = _quality_of(quality)
            if quality[0] == "N":
                columns.value[i] = None
        return None

    def _rejection(self, stream: _DataStream, day: date, updated: str) -> Rejection | None:
        if stream.other_channel is not None:
            return file_faults.OTHER_CHANNEL, stream.other_channel
        if not self._one_version or not UPDATED.fullmatch(updated):
            return None
        newest = self._newest_update.setdefault((stream.meter, day), updated)
        if updated < newest:
            return file_faults.OLDER_VERSION, f"the day was updated at {updated}, a record before it at {newest}"
        self._newest_update[stream.meter, day] = updated
        return None

    def _midnight_us(self, day: date) -> int:
        """Its midnight on the file's clock, in microseconds since 1970 UTC."""
        return ((day - EPOCH).days * MINUTES_A_DAY - self._offset_minutes) * MINUTE_US

    def _instant(self, stamp: str) -> str | None:
        """`YYYYMMDDhhmmss` → ISO 8601 with the file's offset."""
        if not stamp:
            return None
        seconds = stamp[12:14] or "00"
        date_, time = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}", f"{stamp[8:10]}:{stamp[10:12]}:{seconds}"
        return f"{date_}T{time}{self._utc_offset}"


def _quality_of(quality: str) -> str | None:
    """A quality method such as A, E64 or N; None for V, where 400 records say it."""
    if quality[0] == "V":
        return None
    return QUALITY_OF.get(quality[0], Quality.MEASURED).value

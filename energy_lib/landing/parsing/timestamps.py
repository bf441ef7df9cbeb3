"""Wall clocks to UTC, by whole columns, right at both clock changes; stamp_parser.py applies a source's YAML."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Micros = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MINUTE = 60_000_000
NAT = np.iinfo(np.int64).min
_OFFSET = r"(?:Z|z|[+-]\d{2}:?\d{2})$"
_MIDNIGHT_24 = r"\b24(?=:?00(?::?00)?(?:\.0+)?$)"


@dataclass(frozen=True, slots=True)
class Clock:
    """What stamps show: microseconds since 1970, on the source's wall clock or (`absolute`) in UTC; NAT if unread."""

    micros: Micros
    absolute: Mask

    def shifted(self, minutes: npt.NDArray[np.int64]) -> Clock:
        return Clock(_shifted(self.micros, minutes), self.absolute)


def read_clock(stamps: pa.Array, format_: str | None) -> Clock:
    """Stamps as texts or timestamps → what they show; equal stamps are read once.

    `format_` is a strptime format, `epoch_s`, `epoch_ms`, or None for ISO 8601. 24:00 is the midnight
    that ends the day.
    """
    if pa.types.is_timestamp(stamps.type):
        micros = pc.fill_null(stamps.cast(pa.timestamp("us", stamps.type.tz), safe=False).cast(pa.int64()), NAT)
        return Clock(_numpy(micros), np.full(len(stamps), stamps.type.tz is not None))
    if not pa.types.is_string(stamps.type):
        stamps = stamps.cast(pa.string())
    encoded = stamps.dictionary_encode()
    codes = _numpy(pc.fill_null(encoded.indices.cast(pa.int64()), -1))
    texts = pd.Series(encoded.dictionary.to_pandas(), dtype="object").astype("str").str.strip()
    unique = _read_texts(texts, format_)
    # One more entry for the null stamps, which have code -1.
    micros_of = np.append(unique.micros, NAT)
    return Clock(micros_of[codes], np.append(unique.absolute, False)[codes])


def _read_texts(texts: pd.Series, format_: str | None) -> Clock:
    if format_ in ("epoch_s", "epoch_ms"):
        scale = 1_000_000 if format_ == "epoch_s" else 1_000
        numbers = pd.to_numeric(texts, errors="coerce")
        micros = (numbers * scale).round().fillna(0).astype("int64").where(numbers.notna(), NAT)
        return Clock(np.asarray(micros, dtype=np.int64), np.ones(len(texts), dtype=bool))
    # Without %z in the format, -2024 at a stamp's end is a year and not an offset.
    offsets_allowed = format_ is None or "%z" in format_
    absolute = texts.str.contains(_OFFSET, regex=True).to_numpy(dtype=bool) & offsets_allowed
    parsed = _parse(texts, format_)
    if absolute.any() and not absolute.all():
        # Apart: pandas lends an offset it has seen to the texts after it that have none.
        parsed[~absolute] = _parse(texts[~absolute], format_)
    late = (parsed.isna() & texts.str.contains(_MIDNIGHT_24, regex=True)).to_numpy(dtype=bool)
    if late.any():
        # 24:00 is the midnight that ends the day.
        days = texts[late].str.replace(_MIDNIGHT_24, "00", regex=True)
        parsed[late] = _parse(days, format_) + pd.Timedelta(days=1)
    return Clock(_micros(parsed), absolute)


def _parse(texts: pd.Series, format_: str | None) -> pd.Series:
    """UTC-aware stamps; of a text without an offset, the wall clock labelled UTC."""
    parsed: pd.Series = pd.to_datetime(texts, format=format_ or "ISO8601", errors="coerce", utc=True)
    return parsed


def _micros(stamps: pd.Series) -> Micros:
    naive = stamps.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    return np.asarray(naive.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Instants:
    """UTC microseconds, and where the wall clock never showed the time (nonexistent) or showed it twice."""

    micros: Micros
    second_micros: Micros
    nonexistent: Mask
    ambiguous: Mask

    def chosen(self, second: Mask) -> Instants:
        """With the passage of the doubled hour decided: the second where `second` says so, else the first."""
        micros = np.where(second, self.second_micros, self.micros)
        return Instants(micros, micros, self.nonexistent, self.ambiguous)

    def shifted(self, minutes: npt.NDArray[np.int64]) -> Instants:
        return Instants(
            _shifted(self.micros, minutes), _shifted(self.second_micros, minutes), self.nonexistent, self.ambiguous
        )


def to_utc(clock: Clock, zone: str) -> Instants:
    """Wall clocks of an IANA zone to UTC; `micros` is the first passage of a doubled hour, `second_micros` the second.

    What is absolute already stays. A time that the zone's clock never showed is NAT.
    """
    nothing = np.zeros(len(clock.micros), dtype=bool)
    if zone == "UTC":
        return Instants(clock.micros, clock.micros, nothing, nothing)
    codes, unique = pd.factorize(clock.micros)
    wall = pd.DatetimeIndex(np.where(unique == NAT, 0, unique).astype("datetime64[us]"))
    tz = ZoneInfo(zone)
    first = _localize(wall, tz, summer=True)
    second = _localize(wall, tz, summer=False)
    local = ~clock.absolute & (clock.micros != NAT)
    nonexistent = (first == NAT)[codes] & local
    ambiguous = (first != second)[codes] & local
    return Instants(
        np.where(local, first[codes], clock.micros),
        np.where(local, second[codes], clock.micros),
        nonexistent,
        ambiguous,
    )


def _localize(wall: pd.DatetimeIndex, zone: ZoneInfo, *, summer: bool) -> Micros:
    is_summer = np.full(len(wall), summer)
    utc = wall.tz_localize(zone, ambiguous=is_summer, nonexistent="NaT").tz_convert("UTC").tz_localize(None)
    return np.asarray(utc.to_numpy().astype("datetime64[us]").astype(np.int64))


def offset_minutes(texts: pa.Array, mapping: dict[str, str]) -> npt.NDArray[np.float64]:
    """`+01:00`, `+0100`, `1`, `Z` or a text of `mapping` → minutes ahead of UTC; NaN if it is none of these."""
    encoded = texts.cast(pa.string()).dictionary_encode()
    minutes = [_offset(mapping.get(text.strip(), text.strip())) for text in encoded.dictionary.to_pylist()]
    codes = _numpy(pc.fill_null(encoded.indices.cast(pa.int64()), -1))
    return np.append(np.array(minutes, dtype=float), np.nan)[codes]


def _offset(text: str) -> float:
    if text in ("Z", "z"):
        return 0.0
    sign = -1.0 if text.startswith("-") else 1.0
    digits = text.lstrip("+-")
    hours, colon, rest = digits.partition(":")
    if not colon and len(digits) == 4:
        hours, rest = digits[:2], digits[2:]
    try:
        return sign * (float(hours) * 60 + (float(rest) if rest else 0.0))
    except ValueError:
        return float("nan")


def _shifted(micros: Micros, minutes: npt.NDArray[np.int64]) -> Micros:
    return np.where(micros == NAT, NAT, micros + minutes * MINUTE)


def _numpy(array: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.int64)

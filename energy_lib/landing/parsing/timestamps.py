"""Wall clocks to UTC, by whole columns, right at both clock changes; stamp_parser.py applies a source's YAML."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.intervals import END_INSTANT, FIRST_INSTANT

Micros = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MINUTE = 60_000_000
DAY = 1440 * MINUTE
NAT = int(np.iinfo(np.int64).min)
FIRST_MICROS, END_MICROS = (int(instant.timestamp()) * 1_000_000 for instant in (FIRST_INSTANT, END_INSTANT))


@dataclass(frozen=True, slots=True)
class Clock:
    """What stamps show: microseconds since 1970, on the source's wall clock or (`absolute`) in UTC; NAT if unread."""

    micros: Micros
    absolute: Mask

    @property
    def out_of_range(self) -> Mask:
        """Where the year is none of 1900 … 2200."""
        beyond = (self.micros < FIRST_MICROS) | (self.micros >= END_MICROS)
        return np.asarray(beyond & (self.micros != NAT), dtype=bool)

    def without(self, rows: Mask) -> Clock:
        return Clock(np.where(rows, NAT, self.micros), self.absolute)

    def shifted(self, minutes: npt.NDArray[np.int64]) -> Clock:
        return Clock(_shifted(self.micros, minutes), self.absolute)


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


def day_starts(days: Micros, zone: str) -> Micros:
    """The instants at which local days begin; where a clock change skips midnight, the first instant after it.

    `days` are wall clocks at midnight, in microseconds.
    """
    codes, unique = pd.factorize(days)
    wall = pd.DatetimeIndex(unique.astype("datetime64[us]"))
    first = np.ones(len(wall), dtype=bool)
    utc = wall.tz_localize(ZoneInfo(zone), ambiguous=first, nonexistent="shift_forward").tz_convert("UTC")
    return np.asarray(utc.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64))[codes]


def wall_micros(instants: Micros, zone: str) -> Micros:
    """What the clock of a zone shows at the instants (NAT stays)."""
    known = instants != NAT
    utc = pd.DatetimeIndex(np.where(known, instants, 0).astype("datetime64[us]")).tz_localize("UTC")
    wall = utc.tz_convert(ZoneInfo(zone)).tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    return np.where(known, wall, NAT)


def _shifted(micros: Micros, minutes: npt.NDArray[np.int64]) -> Micros:
    return np.where(micros == NAT, NAT, micros + minutes * MINUTE)

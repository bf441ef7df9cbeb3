"""How long an interval is, as files write it: 15, 15 min, 00:15:00, PT15M, P1D, P1M."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from energy_lib.intervals import LONGEST_INTERVAL_DAYS
from energy_lib.landing.parsing.timestamps import DAY, MINUTE, NAT, Clock, to_utc, wall_micros

Longs = npt.NDArray[np.int64]

# No bill covers more; longer than that is a mistake.
LONGEST_MINUTES = LONGEST_INTERVAL_DAYS * 1440
_ISO = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M(?:IN)?)?(?:(?P<seconds>\d+)(?:\.0+)?S)?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2})(?:\.0+)?)?")
_WORDS = re.compile(r"(\d+(?:[.,]\d+)?)?[\s_-]*([^\W\d_]+)\.?")
_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "t", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "hourly"), 3600),
}
_DAYS = {**dict.fromkeys(("d", "day", "days", "daily"), 1), **dict.fromkeys(("w", "week", "weeks", "weekly"), 7)}
_MONTHS = {**dict.fromkeys(("month", "months", "monthly"), 1), **dict.fromkeys(("year", "years", "yearly"), 12)}


@dataclass(frozen=True, slots=True)
class Duration:
    """A length on the clock (`minutes`), or on the calendar, where a day may have 23 hours and a month 28 days."""

    minutes: int = 0
    days: int = 0
    months: int = 0


@lru_cache(maxsize=4096)
def read_duration(text: str) -> Duration | None:
    """A length as a file writes it, a bare number being minutes; None for what is none, or no whole minutes.

    ISO 8601 has PT15M and P1M; Fingrid writes PT15MIN.

    >>> read_duration("PT1H30M")
    Duration(minutes=90, days=0, months=0)
    >>> read_duration("1 day")
    Duration(minutes=0, days=1, months=0)
    """
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d*)?", text):
        return _of_seconds(float(text) * 60)
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return _of_seconds(hours * 3600 + minutes * 60 + seconds)
    if len(text) > 1 and (match := _ISO.fullmatch(text)):
        return _of_iso({name: int(number or 0) for name, number in match.groupdict().items()})
    if match := _WORDS.fullmatch(text):
        count, word = float((match[1] or "1").replace(",", ".")), match[2].lower()
        if word in _SECONDS:
            return _of_seconds(count * _SECONDS[word])
        if count == int(count) and count > 0 and (word in _DAYS or word in _MONTHS):
            return Duration(0, int(count) * _DAYS.get(word, 0), int(count) * _MONTHS.get(word, 0))
    return None


def _of_seconds(seconds: float) -> Duration | None:
    whole = seconds > 0 and seconds % 60 == 0 and seconds <= LONGEST_MINUTES * 60
    return Duration(int(seconds) // 60) if whole else None


def _of_iso(parts: dict[str, int]) -> Duration | None:
    months, days = parts["years"] * 12 + parts["months"], parts["weeks"] * 7 + parts["days"]
    seconds = parts["hours"] * 3600 + parts["minutes"] * 60 + parts["seconds"]
    if seconds and not months:
        return _of_seconds(seconds + days * 86400)
    if seconds or (months and days) or not (0 < months * 31 + days <= LONGEST_MINUTES // 1440):
        return None
    return Duration(0, days, months)


def calendar_minutes(stamps: Longs, days: Longs, months: Longs, zone: str, *, backwards: bool) -> Longs:
    """Minutes of so many days and months of the zone's calendar that begin (or end: `backwards`) at the stamps.

    `stamps` are instants in UTC microseconds; 0 where one is unread. A day without the stamp's date (31 April) is the
    month's last.
    """
    walls = wall_micros(stamps, zone)
    sign = -1 if backwards else 1
    moved = moved_walls(walls, sign * days, sign * months)
    other = to_utc(Clock(np.where(walls == NAT, NAT, moved), np.zeros(len(walls), dtype=bool)), zone)
    # Of a time that the clock skips, what it would have shown.
    far = np.where(other.nonexistent, stamps + (moved - walls), other.second_micros if backwards else other.micros)
    return np.where(stamps == NAT, 0, np.rint(np.abs(far - stamps) / MINUTE)).astype(np.int64)


def moved_walls(walls: Longs, days: Longs | int, months: Longs | int) -> Longs:
    """Wall clocks (microseconds) so many days and months on; NAT stays."""
    known = walls != NAT
    safe = np.where(known, walls, 0)
    day, rest = np.divmod(safe, DAY)
    shown = day.astype("datetime64[D]")
    month = shown.astype("datetime64[M]")
    place = (shown - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.asarray(months, dtype=np.int64)
    last = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64) - 1
    moved = target.astype("datetime64[D]").astype(np.int64) + np.minimum(place, last) + days
    return np.where(known, moved * DAY + rest, NAT)

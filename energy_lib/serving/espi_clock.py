"""A zone's clock as ESPI's LocalTimeParameters: its offset, and by which rules summer time begins and ends."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

NO_RULE = "FFFFFFFF"
# Operators of a DstRuleType: the n-th such weekday of the month is 1 + n, the last one 7.
NTH, LAST = 1, 7
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class EspiClock:
    """Elements of LocalTimeParameters, in the order of espi.xsd: offsets in seconds, rules in hexadecimal digits."""

    dst_end_rule: str
    dst_offset: int
    dst_start_rule: str
    tz_offset: int


def espi_clock(zone: str, year: int) -> EspiClock:
    """The clock of an IANA zone in a year. ESPI holds one rule each way: a zone without two changes has none."""
    changes = _changes(ZoneInfo(zone), year)
    offsets = {_seconds(instant, ZoneInfo(zone)) for instant in changes}
    if len(changes) != 2 or len(offsets) != 2:
        return EspiClock(NO_RULE, 0, NO_RULE, _seconds(datetime(year, 12, 31, 23, tzinfo=UTC), ZoneInfo(zone)))
    standard, summer = sorted(offsets)
    start, end = sorted(changes, key=lambda instant: _seconds(instant, ZoneInfo(zone)), reverse=True)
    # The wall clock of a rule is that of before the change.
    return EspiClock(_rule(end, summer), summer - standard, _rule(start, standard), standard)


def _changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The half hours of the year that begin with another offset than the one before."""
    first = datetime(year, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=day) for day in range(366 + calendar.isleap(year))]
    near = [day for day, after in pairwise(days) if _seconds(day, zone) != _seconds(after, zone)]
    steps = [day + HALF_HOUR * step for day in near for step in range(1, 49)]
    return [step for step in steps if _seconds(step, zone) != _seconds(step - HALF_HOUR, zone)]


def _seconds(instant: datetime, zone: ZoneInfo) -> int:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _rule(instant: datetime, offset_before: int) -> str:
    """A DstRuleType (espi.xsd): from the highest bit month, operator, day of the month, weekday, hour and seconds."""
    wall = instant + timedelta(seconds=offset_before)
    days = calendar.monthrange(wall.year, wall.month)[1]
    operator = LAST if wall.day > days - 7 else NTH + (wall.day + 6) // 7
    seconds = wall.minute * 60 + wall.second
    return f"{wall.month << 28 | operator << 25 | wall.isoweekday() << 17 | wall.hour << 12 | seconds:08X}"

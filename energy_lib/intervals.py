"""Days, origins and intervals: the only place that turns dates into instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from energy_lib.errors import BadConfig

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A_MONDAY = date(1970, 1, 5)
# The years that anything is dated in, 1900 … 2200: no meter was read before, and no plan reaches further. The first
# instant of them, and the first after.
FIRST_INSTANT, END_INSTANT = datetime(1900, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)
# No interval of a reading is longer: beyond it, a length is none (landing), and a reading is rejected (cleaning).
LONGEST_INTERVAL_DAYS = 400


def utc_text(instant: datetime, timespec: str = "auto") -> str:
    """An instant in UTC by RFC 3339, for instance 2024-05-01T00:00:00Z; `timespec` as of datetime.isoformat.

    Without a zone it is UTC, as all instants of the lake are.
    """
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return aware.isoformat(timespec=timespec).replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first` … `last`, both included; a nightly run has one day."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadConfig(f"--to {self.last} is before --from {self.first}: give a later --to.")

    @classmethod
    def day(cls, day: date) -> Period:
        return cls(day, day)

    @property
    def only_day(self) -> date:
        """The day of a period of one, for jobs that work on one; raises BadConfig for a longer one."""
        if self.first != self.last:
            raise BadConfig(f"This job works on one day and {self} is several: give --date, and run it once a day.")
        return self.first

    def days(self) -> list[date]:
        return [self.first + DAY * i for i in range((self.last - self.first).days + 1)]

    def parts(self, days: int) -> list[Period]:
        """The period cut into parts of so many days, the last as long as is left."""
        firsts = self.days()[::days]
        return [Period(first, min(first + DAY * (days - 1), self.last)) for first in firsts]

    def origin_days(self, every_days: int = 1) -> list[date]:
        """The days on which forecasts are issued: each, or every so many, counted from a Monday (7: Mondays)."""
        return [day for day in self.days() if (day - A_MONDAY).days % every_days == 0]

    def origins(self, hour_utc: int = 0, every_days: int = 1) -> list[datetime]:
        """The forecast origins, as aware UTC datetimes."""
        return [midnight_utc(day) + HOUR * hour_utc for day in self.origin_days(every_days)]

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"


def midnight_utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def parse_day(text: str) -> date:
    """`YYYY-MM-DD` → date; raises BadConfig."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadConfig(f"'{text}' is not a date: write it as YYYY-MM-DD.") from None

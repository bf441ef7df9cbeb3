"""The night that a report is of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from energy_lib.intervals import DAY, HOUR, midnight_utc


@dataclass(frozen=True, slots=True)
class AsOf:
    """A report of `day` is what its night knew: readings of hours before its origin, and the forecast from it.

    `origin` and `until` are instants in UTC without a zone, as the views have them. What was said at or after `until`,
    the next night's origin, was said later.
    """

    day: date
    origin_hour_utc: int = 0

    @property
    def origin(self) -> datetime:
        return (midnight_utc(self.day) + HOUR * self.origin_hour_utc).replace(tzinfo=None)

    @property
    def until(self) -> datetime:
        return self.origin + DAY

    @property
    def yesterday(self) -> date:
        return self.day - DAY

    @property
    def parameters(self) -> dict[str, date | datetime]:
        """What queries of reporting may name: $day, $yesterday, $origin, $until."""
        return {"day": self.day, "yesterday": self.yesterday, "origin": self.origin, "until": self.until}

"""The time split: training, then validation, then the days on which a challenger must win."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from energy_lib.config import Config
from energy_lib.intervals import DAY, HOUR, Period, midnight_utc


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """Origin days of each part, both ends included; `train_first` None: from the first day there is."""

    train_first: date | None
    train_last: date
    validation_first: date
    validation_last: date
    backtest_first: date
    backtest_last: date

    @property
    def backtest(self) -> Period:
        return Period(self.backtest_first, self.backtest_last)

    def as_json(self) -> dict[str, str | None]:
        return {name: None if (day := getattr(self, name)) is None else str(day) for name in self.__slots__}

    @classmethod
    def from_json(cls, values: dict[str, str | None]) -> TimeSplit:
        days = {name: None if text is None else date.fromisoformat(text) for name, text in values.items()}
        return cls(**days)  # type: ignore[arg-type]  # the JSON was written by as_json


def time_split(config: Config, day: date) -> TimeSplit:
    """The split known on `day`: every target of the backtest lies before that day's origin.

    Parts lie a horizon apart, so that no target of one part is an input's future in the next.
    """
    training, reach = config.training, max_days(config.features.horizon_hours)
    backtest_last = day - DAY * reach
    backtest_first = backtest_last - DAY * (training.backtest_days - 1)
    validation_last = backtest_first - DAY * reach
    validation_first = validation_last - DAY * (training.validation_days - 1)
    train_last = validation_first - DAY * reach
    train_first = None if training.train_days is None else train_last - DAY * (training.train_days - 1)
    return TimeSplit(train_first, train_last, validation_first, validation_last, backtest_first, backtest_last)


def max_days(horizon_hours: int) -> int:
    """Whole days a horizon covers."""
    return -(-horizon_hours // 24)


def origin_bounds(first: date | None, last: date, hour_utc: int) -> tuple[datetime | None, datetime]:
    """First and last origin of the days, as aware UTC datetimes."""
    start = None if first is None else midnight_utc(first) + HOUR * hour_utc
    return start, midnight_utc(last) + HOUR * hour_utc


def last_target(last: date, hour_utc: int, horizon_hours: int) -> datetime:
    """End of the last interval that origins up to `last` forecast."""
    return midnight_utc(last) + timedelta(hours=hour_utc + horizon_hours)

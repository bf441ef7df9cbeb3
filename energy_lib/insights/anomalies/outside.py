"""How much of an event lay outside what had been forecast of its hours before they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.models.baselines import BASELINES

# The published band: a tenth of all hours lie below it and a tenth above if nothing is wrong.
LOW, HIGH = "p10", "p90"
COLUMNS = ("meter_id", "interval_start_utc", "origin_utc", "model_name", "model_version", LOW, HIGH)
EPOCH, HOUR = pd.Timestamp(0, tz="UTC"), pd.Timedelta(hours=1)
# Epoch hour -> (p10, p90), kWh.
Bands = Mapping[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Outside:
    """Of an event the hours that were forecast and read, and how many of them lay below and above the band."""

    hours: int
    below: int
    above: int

    @property
    def share(self) -> float:
        return (self.below + self.above) / self.hours

    @property
    def told(self) -> str:
        """A line of evidence."""
        return (
            f"forecast: of {self.hours} hours {self.above / self.hours:.0%} were above {HIGH} and "
            f"{self.below / self.hours:.0%} below {LOW}"
        )


def epoch_hours(starts: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Hours since 1970 of aware instants."""
    return np.asarray((starts - EPOCH) // HOUR, dtype=np.int64)


def outside(hours: Sequence[int], energy_kwh: Sequence[float], bands: Bands) -> Outside | None:
    """What was read in epoch hours against the bands; None where no hour was both forecast and read."""
    both = [(kwh, bands[hour]) for hour, kwh in zip(hours, energy_kwh, strict=True) if hour in bands]
    if not both:
        return None
    below = sum(kwh < low for kwh, (low, _) in both)
    above = sum(kwh > high for kwh, (_, high) in both)
    return Outside(len(both), below, above)


def bands_of(forecasts: pd.DataFrame) -> dict[str, dict[int, tuple[float, float]]]:
    """meter_id -> bands, of rows (COLUMNS) that were issued before their hour.

    Of an hour the last origin counts, and of its models a trained one before a baseline, then the highest version.
    """
    version = pd.to_numeric(forecasts["model_version"], errors="coerce").fillna(0)
    rows = forecasts.assign(trained=~forecasts["model_name"].isin(BASELINES), version=version)
    order = ["meter_id", "interval_start_utc", "origin_utc", "trained", "version", "model_name", "model_version"]
    last = rows.sort_values(order).drop_duplicates(order[:2], keep="last")
    found: dict[str, dict[int, tuple[float, float]]] = {}
    for meter_id, own in last.groupby("meter_id", sort=True):
        hours = epoch_hours(pd.DatetimeIndex(own["interval_start_utc"]))
        found[str(meter_id)] = dict(zip(hours.tolist(), zip(own[LOW], own[HIGH], strict=True), strict=True))
    return found

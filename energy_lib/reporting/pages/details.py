"""A building and its meters: readings, forecast, events, base load, heating, and like buildings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.insights.recommendations.change_point import HeatingModel, fit_heating
from energy_lib.insights.recommendations.peers import LEAST_BUILDINGS, QUARTILES
from energy_lib.reporting.figure import Figure

HEAT_MAP_DAYS = 28


@dataclass(frozen=True)
class Details:
    """Frames of some buildings, as energy_lib.reporting.reading.details queries them. `order`: the buildings."""

    order: tuple[str, ...]
    meters: Figure
    hours: Figure
    days: Figure
    forecast: Figure
    events: Figure
    months: Figure
    scores: Figure
    like: Figure
    actions: Figure

    @cached_property
    def _by_meter(self) -> dict[str, dict[str, pd.DataFrame]]:
        named = ("hours", "days", "forecast", "events", "months", "scores")
        return {
            name: {str(meter): rows for meter, rows in getattr(self, name).rows.groupby("meter_id", sort=False)}
            for name in named
        }

    def of_meter(self, name: str, meter_id: str) -> Figure:
        """The figure `name`, of one meter."""
        figure: Figure = getattr(self, name)
        return figure.showing(self._by_meter[name].get(meter_id, figure.rows.iloc[:0]))

    def of_building(self, name: str, building_id: str) -> Figure:
        """The figure `name` (meters, actions or like), of one building."""
        figure: Figure = getattr(self, name)
        return figure.showing(figure.rows[figure.rows["building_id"] == building_id])


@dataclass(frozen=True, slots=True)
class LikeBuildings:
    """A building's kWh per m2 in four weeks, of a fuel, and the quartiles of `count` buildings of its use."""

    fuel: str
    own: float
    count: int
    quartiles: tuple[float, float, float] | None


def like_buildings(like: pd.DataFrame, building_id: str) -> list[LikeBuildings]:
    """A row a fuel; without quartiles where fewer than LEAST_BUILDINGS can be compared."""
    found = []
    for _, own in like[like["building_id"] == building_id].sort_values("fuel").iterrows():
        same = like[(like["use"] == own["use"]) & (like["fuel"] == own["fuel"])]["kwh_per_m2"]
        enough = len(same) >= LEAST_BUILDINGS
        lower, median, upper = np.quantile(same, QUARTILES) if enough else (0.0, 0.0, 0.0)
        quartiles = (float(lower), float(median), float(upper)) if enough else None
        found.append(LikeBuildings(str(own["fuel"]), float(own["kwh_per_m2"]), len(same), quartiles))
    return found


def heating(days: pd.DataFrame) -> HeatingModel | None:
    """How the daily energy rises with the cold; None where it does not, or too few days are known."""
    warmth, energy = (days[name].to_numpy(dtype=float) for name in ("temperature_c", "energy_kwh"))
    return fit_heating(warmth, energy)


def hour_by_day(hours: pd.DataFrame, zone: str, last: date) -> tuple[list[pd.Timestamp], NDArray[np.float64]]:
    """The local days up to `last`, and their energy (days, 24) [kWh]; NaN where it is not known.

    Of an hour that comes twice (the clock goes back) the mean.
    """
    local = hours["interval_start_utc"].dt.tz_localize("UTC").dt.tz_convert(zone)
    table = hours.assign(day=local.dt.tz_localize(None).dt.normalize(), hour=local.dt.hour).pivot_table(
        index="day", columns="hour", values="energy_kwh", aggfunc="mean", dropna=False
    )
    if table.empty:
        return [], np.empty((0, 24))
    days = pd.date_range(end=pd.Timestamp(last), periods=HEAT_MAP_DAYS, freq="D")
    return list(days), table.reindex(index=days, columns=range(24)).to_numpy(dtype=float)

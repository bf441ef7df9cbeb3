"""What a kWh costs and emits in each hour of the reach: the one place where the answers' inputs of money come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.insights.recommendations.hourly_series import REACH_HOURS, series
from energy_lib.insights.recommendations.meter_year import Floats, Grid, Prices
from energy_lib.vocabulary import Intensity

Row = dict[str, Any]
# Today's rates of a price series: the mean of its last days, by hour of day.
TODAY_DAYS = 28
GRAMS = 1000.0


@dataclass(frozen=True, eq=False)
class RateBook:
    """Rows of silver.prices and silver.carbon_intensity of the reach, as they were known at its end."""

    prices: pa.Table
    intensity: pa.Table
    end_hour: int
    _then: dict[tuple[str, str], tuple[Floats, str | None]] = field(default_factory=dict)
    _carbon: dict[tuple[str | None, str], Floats] = field(default_factory=dict)

    def prices_of(self, meter: Row, grid: Grid) -> Prices:
        """Prices of a row of silver.meters."""
        key = str(meter["tariff_id"]), str(meter["fuel"])
        if key not in self._then:
            chosen = self.prices.filter(
                pc.and_(pc.equal(self.prices["tariff_id"], key[0]), pc.equal(self.prices["fuel"], key[1]))
            )
            currency = chosen["currency"][0].as_py() if chosen.num_rows else None
            self._then[key] = series(chosen, "interval_start_utc", "price_per_kwh", self.end_hour), currency
        then, currency = self._then[key]
        return Prices(today=todays(then, grid), then=then, currency=currency)

    def carbon_of(self, meter: Row, method: Intensity) -> Floats:
        """(n,) kgCO2e per kWh of a meter's grid region; NaN where unknown, as for fuels that no grid delivers."""
        region = meter["carbon_region"] if meter["fuel"] == "electricity" else None
        key = region, method.value
        if key not in self._carbon:
            chosen = self.intensity.filter(
                pc.and_(
                    pc.equal(self.intensity["region"], region or ""), pc.equal(self.intensity["method"], method.value)
                )
            )
            self._carbon[key] = series(chosen, "interval_start_utc", "intensity_gco2_per_kwh", self.end_hour) / GRAMS
        return self._carbon[key]


def todays(then: Floats, grid: Grid) -> Floats:
    """(n,) today's rates of a price series, laid over each hour: the last TODAY_DAYS' mean of its local hour of day."""
    last = slice(REACH_HOURS - 24 * TODAY_DAYS, REACH_HOURS)
    known = ~np.isnan(then[last])
    hour = grid.hour[last][known]
    count = np.bincount(hour, minlength=24)
    total = np.bincount(hour, weights=then[last][known], minlength=24)
    by_hour = np.full(24, np.nan)
    np.divide(total, count, out=by_hour, where=count > 0)
    return by_hour[grid.hour]

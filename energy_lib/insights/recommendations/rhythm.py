"""When a building is open: learnt from the working days of each four weeks, so that seasons do not mislead."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import bottleneck as bn
import numpy as np
from numpy.typing import NDArray

from energy_lib.insights.recommendations.meter_year import MeterYear

Floats = NDArray[np.float64]
LEAST_DAYS = 8
# A rhythm is told where the open level exceeds the closed one by this share of it.
LEAST_SWING = 0.3
# Hours of the profile within this share of the swing above the base are closed hours, from the other share on open.
CLOSED_BELOW, OPEN_FROM = 0.25, 0.5
# An hour of day is closed if it is in this share of the year's four weeks: four weeks of late running change nothing.
USUALLY = 0.75
# How far a day's weather may move the levels of its four weeks.
WEATHER_FACTORS = (0.25, 4.0)


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Of each hour (n,) by the working days of its four weeks; NaN or False where there is no rhythm.

    `usual`: the median of the same hour of day, of an hour that is closed in other weeks alone the resting level;
    `spread`: the median distance from the median. `closed`: whether the building rests at that hour of day. `rest_kw`
    and `open_kw`: the levels of the closed and open hours. Where the meter's energy rises with the cold, levels are
    those of the day's own temperature.
    """

    usual: Floats
    spread: Floats
    closed: NDArray[np.bool_]
    rest_kw: Floats
    open_kw: Floats

    @property
    def exists(self) -> bool:
        return bool((~np.isnan(self.rest_kw)).any())


@lru_cache(maxsize=1)
def rhythm(year: MeterYear) -> Rhythm:
    """The meter's rhythm; kept for the next action that asks for the same meter's."""
    grid, blocks = year.grid, int(year.grid.block[0]) + 1
    tables = {name: np.full((blocks, 24), np.nan) for name in ("usual", "spread", "closed", "rest", "top")}
    for block in range(blocks):
        days = year.matrix[(grid.block == block) & year.workday]
        if len(days) < LEAST_DAYS or (~np.isnan(days)).sum(axis=0).min() < LEAST_DAYS:
            continue
        usual = bn.nanmedian(days, axis=0)
        ordered = np.sort(usual)
        base, top = ordered[:4].mean(), ordered[-4:].mean()
        swing = top - base
        if swing <= LEAST_SWING * top or top <= 0:
            continue
        closed, is_open = usual <= base + CLOSED_BELOW * swing, usual >= base + OPEN_FROM * swing
        tables["usual"][block], tables["closed"][block] = usual, closed
        tables["spread"][block] = bn.nanmedian(np.abs(days - usual), axis=0)
        tables["rest"][block], tables["top"][block] = usual[closed].mean(), usual[is_open].mean()
    usually_closed = bn.nanmean(tables["closed"], axis=0) >= USUALLY
    tables["usual"] = np.where(usually_closed & (tables["closed"] == 0), tables["rest"], tables["usual"])
    by_weather = _weather_factor(year)[grid.day]
    at = {name: table[grid.block[grid.day], grid.hour] * by_weather for name, table in tables.items()}
    return Rhythm(at["usual"], at["spread"], usually_closed[grid.hour] & ~np.isnan(at["rest"]), at["rest"], at["top"])


def _weather_factor(year: MeterYear) -> Floats:
    """(days,): by what a day's temperature raises or lowers the levels of its four weeks; 1 where it does not."""
    model = year.heating
    factor = np.ones(len(year.grid.dates))
    if model is None:
        return factor
    expected = np.maximum(model.predicted(year.daily_c), 0.0)
    for block in range(int(year.grid.block[0]) + 1):
        here = year.grid.block == block
        usual = float(bn.nanmedian(expected[here & year.workday])) if (here & year.workday).any() else np.nan
        if usual > 0:
            factor[here] = np.clip(np.nan_to_num(expected[here] / usual, nan=1.0), *WEATHER_FACTORS)
    return factor

"""Like buildings: those of the same use, by fuel, on weather-normalised energy and base load per m2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import bottleneck as bn
import numpy as np

from energy_lib.insights.recommendations.meter_year import Floats, MeterYear, Peers

LEAST_BUILDINGS = 8
LEAST_DAYS = 120
# It heats where the cold explains this share of its days.
HEATS_FROM = 0.3
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Level:
    """A meter's energy in a year of everybody's weather, kWh, and its base load of the last four weeks, kW."""

    kwh: float
    base_kw: float


def common_weather(years: Sequence[MeterYear]) -> Floats:
    """(365,): daily mean temperatures of the last year, the mean over the meters; NaN where no one knows any."""
    known = [year.daily_c[-365:] for year in years if not np.isnan(year.daily_c).all()]
    return np.asarray(bn.nanmean(np.array(known), axis=0)) if known else np.full(365, np.nan)


def level(year: MeterYear, weather_c: Floats) -> Level | None:
    """None with fewer than LEAST_DAYS known days.

    Where energy rises with the cold, the year's mean is moved from the weather of the meter's known days to that of
    `weather_c` (365,): by the ratio of what its model expects of the two.
    """
    daily, base = year.daily_kwh[-365:], year.base_kw[year.grid.block == 0]
    known = ~np.isnan(daily)
    if int(known.sum()) < LEAST_DAYS or np.isnan(base).all():
        return None
    mean = float(daily[known].mean())
    own, everybody = year.daily_c[-365:][known], weather_c[~np.isnan(weather_c)]
    own = own[~np.isnan(own)]
    if year.heating is not None and len(own) and len(everybody):
        expected = float(year.heating.predicted(own).mean())
        if expected > 0:
            mean *= float(year.heating.predicted(everybody).mean()) / expected
    return Level(mean * 365, float(bn.nanmedian(base)))


def with_peers(years: Sequence[MeterYear]) -> list[MeterYear]:
    """The same meters with their peers: where LEAST_BUILDINGS buildings of their use and fuel can be compared.

    Those that heat with the fuel and those that do not are no peers. A building's level is the sum of its meters' of
    the fuel, over its floor area.
    """
    weather_c = common_weather(years)
    members: dict[tuple[str, str, bool], dict[str, list[MeterYear]]] = defaultdict(lambda: defaultdict(list))
    for year in years:
        if year.meter.use and year.meter.floor_area_m2:
            members[year.meter.use, year.meter.fuel, _heats(year)][_place(year)].append(year)
    found: dict[tuple[str, str], Peers] = {}
    for (_, fuel, _), buildings in members.items():
        levels = {place: _of_building(group, weather_c) for place, group in buildings.items()}
        known = {place: both for place, both in levels.items() if both is not None}
        if len(known) < LEAST_BUILDINGS:
            continue
        kwh, base = (_quartiles(column) for column in zip(*known.values(), strict=True))
        for place, (own, own_base) in known.items():
            found[place, fuel] = Peers(len(known), own, kwh, own_base, base)
    return [replace(year, peers=found.get((_place(year), year.meter.fuel))) for year in years]


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    lower, median, upper = map(float, np.quantile(np.array(values), QUARTILES))
    return lower, median, upper


def _heats(year: MeterYear) -> bool:
    return year.heating is not None and year.heating.explained >= HEATS_FROM


def _place(year: MeterYear) -> str:
    return year.meter.building_id or year.meter.meter_id


def _of_building(group: Sequence[MeterYear], weather_c: Floats) -> tuple[float, float] | None:
    """kWh per m2 and year, and W per m2; None if one of its meters is not known well enough."""
    levels = [level(year, weather_c) for year in group]
    area = max(year.meter.floor_area_m2 or 0.0 for year in group)
    if any(each is None for each in levels):
        return None
    known = [each for each in levels if each is not None]
    return sum(each.kwh for each in known) / area, 1000 * sum(each.base_kw for each in known) / area

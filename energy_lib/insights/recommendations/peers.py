"""Like buildings: those of the same use, by fuel, on weather-normalised energy and base load per m2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, Floats, MeterYear, Peers

LEAST_BUILDINGS = 8
LEAST_DAYS = 120
# It heats where the cold explains this share of its days.
HEATS_FROM = 0.3
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Level:
    """A meter's kWh in a year of everybody's weather, and its base load of the last four weeks; None: too few days.

    `kind`: use, fuel, and whether it heats; only buildings of one kind are like.
    """

    kind: tuple[str, str, bool]
    place: str
    area_m2: float
    kwh: float | None
    base_kw: float | None


def place_of(year: MeterYear) -> tuple[str, str]:
    """Building (or meter, where it is unknown) and fuel: what is compared."""
    return year.meter.building_id or year.meter.meter_id, year.meter.fuel


def level(year: MeterYear, weather_c: Floats) -> Level | None:
    """None where use or floor area are unknown.

    Where energy rises with the cold, the mean of its known days is moved to the year's weather `weather_c` (n,), by the
    ratio of what its model expects of the two.
    """
    if not year.meter.use or not year.meter.floor_area_m2:
        return None
    heats = year.heating is not None and year.heating.explained >= HEATS_FROM
    kind, area = (year.meter.use, year.meter.fuel, heats), year.meter.floor_area_m2
    daily, base = year.daily_kwh[-365:], year.base_kw[year.grid.block == 0]
    known = ~np.isnan(daily)
    if int(known.sum()) < LEAST_DAYS or np.isnan(base).all():
        return Level(kind, place_of(year)[0], area, None, None)
    mean = float(daily[known].mean())
    own, everybody = year.daily_c[-365:][known], weather_c[-YEAR_HOURS:].reshape(-1, 24).mean(axis=1)
    own, everybody = own[~np.isnan(own)], everybody[~np.isnan(everybody)]
    if year.heating is not None and len(own) and len(everybody):
        expected = float(year.heating.predicted(own).mean())
        if expected > 0:
            mean *= float(year.heating.predicted(everybody).mean()) / expected
    return Level(kind, place_of(year)[0], area, mean * 365, float(bn.nanmedian(base)))


def peers_of(levels: Iterable[Level]) -> dict[tuple[str, str], Peers]:
    """By place and fuel, where LEAST_BUILDINGS buildings of the kind can be compared.

    A building's level is the sum of its meters' of the fuel, over its floor area.
    """
    kinds: dict[tuple[str, str, bool], dict[str, list[Level]]] = defaultdict(lambda: defaultdict(list))
    for each in levels:
        kinds[each.kind][each.place].append(each)
    found: dict[tuple[str, str], Peers] = {}
    for (_, fuel, _), buildings in kinds.items():
        known = {place: both for place, group in buildings.items() if (both := _per_m2(group)) is not None}
        if len(known) < LEAST_BUILDINGS:
            continue
        kwh, base = (_quartiles(column) for column in zip(*known.values(), strict=True))
        for place, (own, own_base) in known.items():
            found[place, fuel] = Peers(len(known), own, kwh, own_base, base)
    return found


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    lower, median, upper = map(float, np.quantile(np.array(values), QUARTILES))
    return lower, median, upper


def _per_m2(group: Sequence[Level]) -> tuple[float, float] | None:
    """kWh per m2 and year, and W per m2; None if one of its meters is not known well enough."""
    kwh, base = [each.kwh for each in group], [each.base_kw for each in group]
    if None in kwh or None in base:
        return None
    area = max(each.area_m2 for each in group)
    return sum(each or 0.0 for each in kwh) / area, 1000 * sum(each or 0.0 for each in base) / area

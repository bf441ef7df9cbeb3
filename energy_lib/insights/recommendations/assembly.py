"""From what was read to the inputs of each meter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import bottleneck as bn
import numpy as np

from energy_lib.features.calendar import Place
from energy_lib.insights.recommendations.hourly_series import FORECAST_HOURS, REACH_HOURS, Readings, epoch_hour
from energy_lib.insights.recommendations.meter_year import (
    AHEAD_DAYS,
    Bools,
    Fault,
    Floats,
    Grid,
    MeterFacts,
    MeterYear,
)
from energy_lib.insights.recommendations.prices import Tariff
from energy_lib.insights.recommendations.rates import RateBook
from energy_lib.intervals import DAY

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Inputs:
    """All tables of the reach that ends at `origin`, but the readings."""

    origin: datetime
    meters: list[Row]
    buildings: dict[str, Row]
    weather: dict[str, dict[str, Floats]]
    rates: RateBook
    events: list[Row]
    faults: dict[str, tuple[Fault, ...]]
    flexible_kwh: dict[str, float]

    @property
    def common_weather(self) -> Floats:
        """(n,) mean temperature of all places with weather; NaN where none is known."""
        known = [sky["temperature_c"] for sky in self.weather.values()]
        return np.asarray(bn.nanmean(np.array(known), axis=0)) if known else np.full(REACH_HOURS, np.nan)


def meter_years(inputs: Inputs, readings: Readings) -> Iterator[MeterYear]:
    """Each meter that has readings in the reach, and its inputs, by its id."""
    end = epoch_hour(inputs.origin)
    grids: dict[Place, Grid] = {}
    roofs = Counter(row["building_id"] for row in inputs.meters if row["fuel"] == "electricity")
    holders = _holders(inputs.meters)
    places = {meter_id: place for place, meter_id in enumerate(readings.ids)}
    nothing = np.full(REACH_HOURS, np.nan)
    for row in sorted(inputs.meters, key=lambda row: str(row["meter_id"])):
        at = places.get(row["meter_id"])
        if at is None:
            continue
        place = Place(row["zone"], row["country"], row["subdivision"])
        if place not in grids:
            grids[place] = Grid.of(place, end)
        grid = grids[place]
        rates = inputs.rates.of(row["meter_id"])
        sky = inputs.weather.get(row["weather_location_id"], {})
        closed, ahead = _closures(inputs, row, grid)
        yield MeterYear(
            meter=_facts(row, inputs.buildings.get(row["building_id"], {}), roofs[row["building_id"]]),
            grid=grid,
            kwh=readings.kwh[at],
            imputed=readings.imputed[at],
            suspect=readings.suspect[at],
            temperature_c=sky.get("temperature_c", nothing),
            irradiance_w_m2=sky.get("irradiance_w_m2", nothing),
            prices=replace(rates.prices, others=_open_to(row, rates.prices.others, holders)),
            intensity_kg=rates.intensity_kg,
            marginal_kg=rates.marginal_kg,
            forecast_c=sky.get("forecast_c", nothing[:FORECAST_HOURS]),
            faults=inputs.faults.get(row["meter_id"], ()),
            flexible_kwh_per_day=inputs.flexible_kwh.get(row["meter_id"]),
            closed=closed,
            closed_days_ahead=ahead,
        )


def _holders(meters: list[Row]) -> dict[str, set[str | None]]:
    """tariff_id → uses of the meters that have it."""
    found: dict[str, set[str | None]] = defaultdict(set)
    for row in meters:
        if row["tariff_id"] is not None:
            found[row["tariff_id"]].add(row["use"])
    return found


def _open_to(row: Row, tariffs: dict[str, Tariff], holders: dict[str, set[str | None]]) -> dict[str, Tariff]:
    """Of these tariffs those that a meter of the same use has, or none has yet."""
    return {name: tariff for name, tariff in tariffs.items() if row["use"] in holders.get(name, {row["use"]})}


def _facts(row: Row, building: Row, roof_meters: int) -> MeterFacts:
    """What a meter lacks its building may say; its roof is shared by the building's electricity meters."""
    roof = building.get("roof_area_m2")
    return MeterFacts(
        meter_id=row["meter_id"],
        fuel=row["fuel"],
        building_id=row["building_id"],
        site_id=row["site_id"] or building.get("site_id"),
        use=row["use"] or building.get("use"),
        floor_area_m2=row["floor_area_m2"] or building.get("floor_area_m2"),
        roof_area_m2=roof / max(roof_meters, 1) if roof else None,
        capacity_kw=row["capacity_kw"],
        agreed_capacity_kw=row["agreed_capacity_kw"],
    )


def _closures(inputs: Inputs, row: Row, grid: Grid) -> tuple[Bools, int]:
    """Closed days of the grid by silver.events, and for how many days a closure in progress goes on."""
    closed, ahead = np.zeros(len(grid.dates), bool), 0
    today = inputs.origin.date()
    for event in inputs.events:
        named = [name for name in ("meter_id", "building_id", "site_id") if event[name] is not None]
        if not named or any(event[name] != row[name] for name in named) or event["start_utc"] > inputs.origin:
            continue
        first = event["start_utc"].date()
        last = (event["end_utc"] or inputs.origin + AHEAD_DAYS * DAY).date()
        closed |= (grid.dates >= np.datetime64(first)) & (grid.dates <= np.datetime64(last))
        ahead = max(ahead, (last - today).days + 1)
    return closed, max(0, ahead)

"""Read what recommendations look at: once, bounded to the reach, as it was known at its end. No Spark is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.features.calendar import Place
from energy_lib.insights.accounts.book import Book, factors_of, meters_of, series_of, tariffs_of
from energy_lib.insights.accounts.references import currencies
from energy_lib.insights.recommendations.hourly_series import (
    REACH_HOURS,
    Readings,
    epoch_hour,
    readings,
    series,
)
from energy_lib.insights.recommendations.meter_year import (
    AHEAD_DAYS,
    REACH_DAYS,
    Bools,
    Floats,
    Grid,
    MeterFacts,
    MeterYear,
)
from energy_lib.insights.recommendations.rates import RateBook
from energy_lib.intervals import DAY
from energy_lib.lake import Lake
from energy_lib.tables import Table, references, silver
from energy_lib.vocabulary import Flow, WeatherKind

Row = dict[str, Any]
READ = (
    *(silver.HOURLY, silver.METERS, silver.BUILDINGS, silver.WEATHER, silver.PRICES, silver.CARBON_INTENSITY),
    *references.TABLES,
)
HOURLY_COLUMNS = ("meter_id", "interval_start_utc", "energy_kwh", "imputed_share", "flags", "suspect_from_utc")
FORECAST_HOURS = 72


@dataclass(frozen=True, eq=False)
class Inputs:
    """All tables of the reach that ends at `origin`."""

    origin: datetime
    meters: list[Row]
    buildings: dict[str, Row]
    readings: Readings
    weather: dict[str, dict[str, Floats]]
    rates: RateBook
    events: list[Row]


def read_inputs(lake: Lake, origin: datetime) -> Inputs:
    """Raises InputMissing if nothing was cleaned yet."""
    end = epoch_hour(origin)
    small = lake.small_tables
    meters, buildings = small.rows(silver.METERS), small.rows(silver.BUILDINGS)
    return Inputs(
        origin=origin,
        meters=[row for row in meters if row["registered_by"] != silver.VIRTUAL and _counts_import(row)],
        buildings={row["building_id"]: row for row in buildings},
        readings=readings(small.read(silver.HOURLY, HOURLY_COLUMNS, _reach(silver.HOURLY, origin)), end),
        weather=_weather(small.read(silver.WEATHER, where=_reach(silver.WEATHER, origin, ahead=True)), end),
        rates=RateBook(_book(lake, meters, buildings, origin), end, origin.date()),
        events=[row for row in small.rows(references.EVENTS) if row["kind"] == "closure"],
    )


def _book(lake: Lake, meters: list[Row], buildings: list[Row], origin: datetime) -> Book:
    """The accounts' book of the reach: intensities and prices as they were known at the origin."""
    tables = lake.small_tables
    intensity = tables.read(silver.CARBON_INTENSITY, where=_reach(silver.CARBON_INTENSITY, origin))
    prices = tables.read(silver.PRICES, where=_reach(silver.PRICES, origin))
    return Book(
        meters_of(meters, buildings),
        factors_of(tables.rows(references.EMISSION_FACTORS)),
        tariffs_of(tables.rows(references.TARIFFS)),
        series_of(intensity, ("region", "method"), "intensity_gco2_per_kwh"),
        series_of(prices, ("tariff_id", "fuel"), "price_per_kwh"),
        currencies(prices),
    )


def _counts_import(row: Row) -> bool:
    return row["flow"] in (None, Flow.IMPORT)


def _reach(table: Table, origin: datetime, *, ahead: bool = False) -> str:
    """SQL for the rows of the reach that were known at the origin; other partitions are not read."""
    first = origin - timedelta(days=REACH_DAYS)
    last = origin + timedelta(hours=FORECAST_HOURS) if ahead else origin
    parts = [
        f"interval_start_utc >= {_instant(first)}",
        f"interval_start_utc < {_instant(last)}",
        f"available_at_utc <= {_instant(origin)}",
    ]
    if "interval_month" in table.partition_by:
        parts.insert(0, f"interval_month >= DATE '{date(first.year, first.month, 1)}'")
        parts.insert(1, f"interval_month <= DATE '{last.date()}'")
    return " AND ".join(parts)


def _instant(instant: datetime) -> str:
    return f"arrow_cast('{instant.isoformat()}', 'Timestamp(Microsecond, Some(\"UTC\"))')"


def _weather(rows: pa.Table, end_hour: int) -> dict[str, dict[str, Floats]]:
    """location → temperature_c and irradiance_w_m2 (n,) as observed, and forecast_c of the coming hours."""
    observed = rows.filter(pc.equal(rows["kind"], WeatherKind.OBSERVED.value))
    forecast = rows.filter(pc.equal(rows["kind"], WeatherKind.FORECAST.value)).sort_by("issued_at_utc")
    found = {}
    for location in pc.unique(rows["location_id"]).to_pylist():
        here = observed.filter(pc.equal(observed["location_id"], location))
        coming = forecast.filter(pc.equal(forecast["location_id"], location))
        if coming.num_rows:
            newest = pc.max(coming["issued_at_utc"])
            coming = coming.filter(pc.equal(coming["issued_at_utc"], newest))
        found[location] = {
            "temperature_c": series(here, "interval_start_utc", "temperature_c", end_hour),
            "irradiance_w_m2": series(here, "interval_start_utc", "irradiance_w_m2", end_hour),
            "forecast_c": series(
                coming, "interval_start_utc", "temperature_c", end_hour + FORECAST_HOURS, FORECAST_HOURS
            ),
        }
    return found


def meter_years(inputs: Inputs) -> Iterator[MeterYear]:
    """Each meter that has readings in the reach, and its inputs."""
    end = epoch_hour(inputs.origin)
    grids: dict[Place, Grid] = {}
    roofs = Counter(row["building_id"] for row in inputs.meters if row["fuel"] == "electricity")
    nothing = np.full(REACH_HOURS, np.nan)
    for row in sorted(inputs.meters, key=lambda row: str(row["meter_id"])):
        at = inputs.readings.place(row["meter_id"])
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
            kwh=inputs.readings.kwh[at],
            imputed=inputs.readings.imputed[at],
            suspect=inputs.readings.suspect[at],
            temperature_c=sky.get("temperature_c", nothing),
            irradiance_w_m2=sky.get("irradiance_w_m2", nothing),
            prices=rates.prices,
            intensity_kg=rates.intensity_kg,
            marginal_kg=rates.marginal_kg,
            forecast_c=sky.get("forecast_c", nothing[:FORECAST_HOURS]),
            closed=closed,
            closed_days_ahead=ahead,
        )


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

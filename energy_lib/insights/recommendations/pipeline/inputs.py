"""Read what recommendations look at: once, bounded to the reach, as it was known at its end. No Spark is needed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.cleaning.pipeline.known_hours import known_hours
from energy_lib.config import CleaningConfig
from energy_lib.insights.accounts.book import Book, factors_of, meters_of, series_of, tariffs_of
from energy_lib.insights.accounts.references import currencies
from energy_lib.insights.recommendations.assembly import Inputs
from energy_lib.insights.recommendations.hourly_series import (
    FORECAST_HOURS,
    Readings,
    epoch_hour,
    readings,
    series,
)
from energy_lib.insights.recommendations.meter_year import REACH_DAYS, Fault, Floats
from energy_lib.insights.recommendations.pipeline.reach import of_reach
from energy_lib.insights.recommendations.rates import RateBook
from energy_lib.intervals import DAY
from energy_lib.lake import Lake
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.tables import references, silver
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.references import landed_by
from energy_lib.vocabulary import Flow, WeatherKind

Row = dict[str, Any]
READ = (
    *(silver.HOURLY, silver.METERS, silver.BUILDINGS, silver.WEATHER, silver.PRICES, silver.CARBON_INTENSITY),
    *references.TABLES,
    ANOMALIES,
)
HOURLY_COLUMNS = ("meter_id", "interval_start_utc", "energy_kwh", "imputed_share", "flags", "suspect_from_utc")
# What gold.anomalies says of meters, not of what they measure. A short or slight one may be an alarm without a fault.
METER_FAULTS = ("stuck", "dead", "clock_shift", "unit_change", "multiplier_change", "swapped_meters")
LASTING = timedelta(days=2)


def read_inputs(lake: Lake, origin: datetime) -> Inputs:
    """All but the readings."""
    end = epoch_hour(origin)
    small = lake.small_tables
    meters, buildings = small.rows(silver.METERS), small.rows(silver.BUILDINGS)
    return Inputs(
        origin=origin,
        meters=[row for row in meters if row["registered_by"] != silver.VIRTUAL and _counts_import(row)],
        buildings={row["building_id"]: row for row in buildings},
        weather=_weather(small.read(silver.WEATHER, where=of_reach(silver.WEATHER, origin, ahead=True)), end),
        rates=RateBook(_book(lake, meters, buildings, origin), end, origin.date()),
        events=[row for row in landed_by(small.rows(references.EVENTS), origin) if row["kind"] == "closure"],
        faults=_faults(lake, origin),
        flexible_kwh=_flexible_kwh(small.rows(references.ASSETS), origin.date()),
    )


def read_readings(lake: Lake, origin: datetime, cleaning: CleaningConfig, ids: list[str] | None = None) -> Readings:
    """Hours of the reach as the origin knew them, of these meters (None: of all)."""
    first = origin - DAY * REACH_DAYS
    hours = known_hours(lake.small_tables, ids, first, origin, origin, cleaning, HOURLY_COLUMNS)
    return readings(hours, epoch_hour(origin))


def _book(lake: Lake, meters: list[Row], buildings: list[Row], origin: datetime) -> Book:
    """The accounts' book of the reach: intensities and prices as they were known at the origin."""
    tables = lake.small_tables
    intensity = tables.read(silver.CARBON_INTENSITY, where=of_reach(silver.CARBON_INTENSITY, origin))
    prices = tables.read(silver.PRICES, where=of_reach(silver.PRICES, origin))
    return Book(
        meters_of(meters, buildings),
        factors_of(tables.rows(references.EMISSION_FACTORS)),
        tariffs_of(tables.rows(references.TARIFFS)),
        series_of(intensity, ("region", "method"), "intensity_gco2_per_kwh"),
        series_of(prices, ("tariff_id", "fuel"), "price_per_kwh"),
        currencies(prices),
    )


def _faults(lake: Lake, origin: datetime) -> dict[str, tuple[Fault, ...]]:
    """Faults of meters that were open at the origin, and had lasted for LASTING, oldest first."""
    at = instant_sql(origin)
    names = ", ".join(f"'{name}'" for name in METER_FAULTS)
    where = (
        f"type IN ({names}) AND state IN ('open', 'ongoing') AND severity <> 'low' AND last_updated_utc <= {at} "
        f"AND (superseded_at_utc IS NULL OR superseded_at_utc > {at})"
    )
    columns = ("meter_id", "type", "start_utc", "end_utc")
    found: dict[str, list[Fault]] = defaultdict(list)
    for row in lake.small_tables.read(ANOMALIES, columns, where).sort_by("start_utc").to_pylist():
        if row["end_utc"] - row["start_utc"] >= LASTING:
            found[row["meter_id"]].append(Fault(row["type"], row["start_utc"].date()))
    return {meter_id: tuple(faults) for meter_id, faults in found.items()}


def _flexible_kwh(assets: list[Row], today: date) -> dict[str, float]:
    """meter_id → kWh a day of its flexible loads in silver.assets."""
    found: dict[str, float] = defaultdict(float)
    for row in assets:
        valid = row["valid_from"] <= today and (row["valid_to"] is None or today < row["valid_to"])
        if valid and row["kind"] == "flexible_load" and row["meter_id"] and row["energy_kwh"]:
            found[row["meter_id"]] += row["energy_kwh"]
    return dict(found)


def _counts_import(row: Row) -> bool:
    return row["flow"] in (None, Flow.IMPORT)


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

"""A hand-made lake with one site to plan: forecasts, a tariff of two prices, marginal intensity, and assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
from bronze_rows import instant

from energy_lib.lake import Lake
from energy_lib.tables import Table, gold, references, silver
from energy_lib.tables.arrow import arrow_schema
from energy_lib.vocabulary import QUANTILES

ORIGIN = instant("2024-03-05 00:00")
SITE, TARIFF = "campus", "two_prices"
DAY_PRICE, NIGHT_PRICE, NIGHT_END = 0.30, 0.10, 6
LOAD_KW, SPREAD_KW = 20.0, 5.0
DAY_KG, NIGHT_KG = 0.2, 0.1


def publish(lake: Lake, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    lake.upsert(table, pa.Table.from_pylist([dict(row) for row in rows], schema=arrow_schema(table)))


def charge(kind: str, rate: float, **values: Any) -> dict[str, Any]:
    plain = {
        "tariff_id": TARIFF, "fuel": "electricity", "flow": "import", "charge": kind, "rate": rate, "days": "all",
        "valid_from": date(2024, 1, 1), "currency": "GBP", "vat_share": 0.0, "publication": "contract", "edition": "1",
    }  # fmt: skip
    return plain | values


def asset(asset_id: str, kind: str, power_kw: float, **values: Any) -> dict[str, Any]:
    plain = {"asset_id": asset_id, "site_id": SITE, "kind": kind, "power_kw": power_kw, "currency": "GBP"}
    return plain | {"valid_from": date(2024, 1, 1)} | values


BATTERY = asset("battery", "battery", 5.0, energy_kwh=10.0, round_trip_efficiency=0.81, wear_cost_per_kwh=0.01)
# Its window is 18:00 to 06:00: nobody plans it, and it runs in the dear hours of the evening.
CHARGER = asset("charger", "flexible_load", 4.0, energy_kwh=12.0, from_hour=18, to_hour=6)
LIMIT = asset("grid", "site_limit", 22.0, from_hour=16, to_hour=18)


def hourly(value: float, start: datetime, hours: int) -> list[tuple[datetime, float]]:
    return [(start + timedelta(hours=hour), value) for hour in range(hours)]


def forecast(lake: Lake, origin: datetime = ORIGIN, hours: int = 24, load_kw: float = LOAD_KW) -> None:
    """The site's forecast of an origin: the same every hour, a model beside a baseline that says otherwise."""
    rows = []
    for model, level in (("dense", load_kw), ("seasonal_naive_168h", 2 * load_kw)):
        for at, kw in hourly(level, origin, hours):
            quantiles = {name: kw + SPREAD_KW * (share - 0.5) / 0.45 for name, share in QUANTILES.items()}
            rows.append(
                {
                    "group_kind": "site", "group_id": SITE, "fuel": "electricity", "flow": "import",
                    "origin_utc": origin, "interval_start_utc": at, "model_name": model,
                    "model_version": "3" if model == "dense" else model, "run_kind": "live",
                    "horizon_hours": int((at - origin).total_seconds() // 3600) + 1, "meters": 1, "own_p50": kw,
                    "imputed_share": 0.25, "fallback_share": 0.0, "past_origins": 28, **quantiles,
                }
            )  # fmt: skip
    publish(lake, gold.GROUP_FORECASTS, rows)


def fill(lake: Lake, assets: Sequence[Mapping[str, Any]], charges: Sequence[Mapping[str, Any]] = ()) -> None:
    """The site, its tariff, three days of marginal intensity that were known before, its assets and one forecast."""
    meter = {"meter_id": "m", "fuel": "electricity", "zone": "Europe/London", "site_id": SITE, "tariff_id": TARIFF}
    publish(lake, silver.METERS, [meter | {"carbon_region": "GB", "registered_by": "registry"}])
    rates = [charge("unit_rate", DAY_PRICE), charge("unit_rate", NIGHT_PRICE, from_hour=0, to_hour=NIGHT_END)]
    publish(lake, references.TARIFFS, [*rates, *charges])
    known = {
        "region": "GB",
        "method": "marginal",
        "interval_minutes": 60,
        "available_at_utc": ORIGIN - timedelta(days=1),
    }
    publish(
        lake,
        silver.CARBON_INTENSITY,
        [
            known
            | {"interval_start_utc": at, "intensity_gco2_per_kwh": 1000 * (NIGHT_KG if at.hour < NIGHT_END else DAY_KG)}
            for at, _ in hourly(0.0, ORIGIN, 96)
        ],
    )
    publish(lake, references.ASSETS, assets)
    forecast(lake)

"""A small lake of known numbers for the report: two buildings, three meters, of which one has a hostile name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from energy_lib.catalog import tables_by_name
from energy_lib.tables import Table
from energy_lib.tables.arrow import arrow_schema

DAY = date(2024, 6, 2)
ORIGIN = datetime(2024, 6, 2, tzinfo=UTC)
HOSTILE = "<script>alert('meter')</script>"
TABLES = tables_by_name()
PLAIN: dict[str, Any] = {
    "string": "x", "boolean": False, "int": 1, "long": 1, "float": 0.0, "double": 1.0, "date": DAY, "timestamp": ORIGIN,
    "array<string>": [], "map<string,long>": {},
}  # fmt: skip


def put(root: Path, name: str, *rows: dict[str, Any]) -> None:
    """Append rows to a table; what they do not say is null, or something plain where null may not stand."""
    table: Table = TABLES[name]
    full = [
        {
            c.name: row.get(c.name, None if c.nullable else (c.allowed[0] if c.allowed else PLAIN[c.type]))
            for c in table.columns
        }
        for row in rows
    ]
    content = pa.Table.from_pylist(full, schema=arrow_schema(table))
    path = str(root / table.layer / table.name)
    write_deltalake(path, content, partition_by=list(table.partition_by) or None, mode="append")


METERS = {"m-office": ("b-office", "electricity"), "m-gas": ("b-office", "gas"), HOSTILE: ("b-home", "electricity")}


def energy(meter: str, hour: datetime) -> float:
    """kWh of an hour: the office's 2.0, the gas 1.0, the home's 0.5 and a tenth at noon more."""
    base = {"m-office": 2.0, "m-gas": 1.0, HOSTILE: 0.5}[meter]
    return base + (0.1 if hour.hour == 12 else 0.0)


def make_lake(root: Path, days: int = 30) -> Path:
    """Hours up to the origin, priced for all but the hostile meter; a forecast, an event, an action."""
    for meter, (building, fuel) in METERS.items():
        put(root, "silver.meters", {
            "meter_id": meter, "fuel": fuel, "flow": "import", "zone": "Europe/London", "building_id": building,
            "registered_by": "registry", "use": "office", "floor_area_m2": 100.0, "weather_location_id": "w",
        })  # fmt: skip
    _hours(root, days)
    _forecasts(root)
    put(root, "gold.anomalies", {
        "anomaly_id": "a", "meter_id": HOSTILE, "fuel": "electricity", "building_id": "b-home", "type": "spike",
        "state": "open", "severity": "high", "start_utc": ORIGIN - timedelta(hours=30),
        "end_utc": ORIGIN - timedelta(hours=29), "last_updated_utc": ORIGIN, "first_seen_utc": ORIGIN,
        "energy_kwh": 3.0, "cost_reason": "no_tariff", "evidence": ["<b>loud</b>"],
    })  # fmt: skip
    put(root, "gold.recommendations", *_actions())
    put(root, "silver.quarantine", {
        "file_id": "f", "row_number": 7, "source": "<img src=x onerror=alert(1)>", "path": "p", "rule_id": "negative",
        "reason": "<i>-1 kWh is below zero</i>", "landed_at_utc": ORIGIN - timedelta(days=2),
    })  # fmt: skip
    return root


def _hours(root: Path, days: int) -> None:
    first = ORIGIN - timedelta(days=days)
    hours = [first + timedelta(hours=n) for n in range(24 * days)]
    for meter, (_, fuel) in METERS.items():
        put(root, "silver.hourly_readings", *(
            {
                "meter_id": meter, "fuel": fuel, "flow": "import", "interval_start_utc": hour,
                "energy_kwh": energy(meter, hour), "measured_kwh": energy(meter, hour), "quality": "measured",
                "imputed_share": 0.0, "interval_month": hour.date().replace(day=1),
            }
            for hour in hours
        ))  # fmt: skip
        priced = meter != HOSTILE
        put(root, "gold.hourly_accounts", *(
            {
                "meter_id": meter, "fuel": fuel, "flow": "import", "interval_start_utc": hour,
                # British Summer Time: the local day begins an hour before the UTC day.
                "local_day": (hour + timedelta(hours=1)).date(), "energy_kwh": energy(meter, hour),
                "imputed_share": 0.0, "scope": "scope_2", "currency": "GBP" if priced else "XXX",
                "cost": Decimal(str(round(energy(meter, hour) * 0.25, 8))) if priced else None,
                "cost_reason": None if priced else "no_tariff",
                "emissions_g": Decimal(str(round(energy(meter, hour) * 200, 6))) if priced else None,
                "emissions_reason": None if priced else "no_carbon_region",
                "month": (hour + timedelta(hours=1)).date().replace(day=1),
            }
            for hour in hours
        ))  # fmt: skip


def _forecasts(root: Path) -> None:
    """Live forecasts from the origin, and a backtest of the day before: the model is 0.2 off, the naive one 0.4."""
    for kind, origin in (("live", ORIGIN), ("backtest", ORIGIN - timedelta(days=1))):
        for model, off in (("dense", 0.2), ("seasonal_naive_168h", 0.4)):
            put(root, "gold.forecasts", *(
                {
                    "meter_id": meter, "origin_utc": origin,
                    "interval_start_utc": (hour := origin + timedelta(hours=n)),
                    "model_name": model, "model_version": "1" if model == "dense" else model, "run_kind": kind,
                    "fuel": fuel, "horizon_hours": n + 1,
                    **{q: energy(meter, hour) + off + step for q, step in QUANTILES.items()}, "imputed_share": 0.0,
                }
                for meter, (_, fuel) in METERS.items() for n in range(24)
            ))  # fmt: skip


QUANTILES = {"p05": -0.5, "p10": -0.3, "p25": -0.25, "p50": 0.0, "p75": 0.1, "p90": 0.2, "p95": 0.3}


def _actions() -> list[dict[str, Any]]:
    common = {"as_of_date": DAY, "status": "offered", "state": "new", "evidence": "{}", "lineage": "{}"}
    return [
        common | {
            "recommendation_id": "one", "action": "weekend_running", "title": "t", "scope_kind": "building",
            "scope_id": "b-office", "building_id": "b-office", "fuel": "electricity", "priority_rank": 1,
            "cost_per_year": 1200.0, "cost_low": 900.0, "cost_high": 1500.0, "currency": "GBP", "effort": "low",
            "counted_cost_per_year": 1000.0, "energy_kwh_per_year": 4800.0, "what": "<u>It ran</u> on 8 days.",
        },
        common | {
            "recommendation_id": "two", "action": "mend_meter", "title": "t", "scope_kind": "meter",
            "scope_id": HOSTILE, "building_id": "b-home", "fuel": "electricity", "priority_rank": 2,
            "effort": "medium", "reason": "cost: no price is known; energy: the action saves none",
        },
    ]  # fmt: skip

"""A lake without Spark with one site, the plan of a night, and readings that come while it is in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

import pyarrow as pa
from deltalake import write_deltalake
from planned_lake import ORIGIN, asset, charge, fill, forecast, publish

from energy_lib.insights.schedules.pipeline.inputs import Moment, problems_at
from energy_lib.insights.schedules.rows import schedule_rows
from energy_lib.insights.schedules.solver import Solver
from energy_lib.lake import Lake
from energy_lib.lake.small_tables import SmallTables
from energy_lib.models.config import load_config
from energy_lib.tables import Table, bronze, references, silver
from energy_lib.tables.answers.advice import ADVICE
from energy_lib.tables.answers.schedules import SCHEDULES
from energy_lib.tables.arrow import arrow_schema, conform_arrow

PEAK_KW = 31.0
# Its window holds one cheap hour, from 10 to 11.
CHARGER = asset("charger", "flexible_load", 4.0, energy_kwh=4.0, from_hour=8, to_hour=14)
CHEAP = charge("unit_rate", 0.20, from_hour=10, to_hour=11)
DEMAND = charge("demand_per_kw_month", 10.0)
MARKET = charge("price_series", 0.0, price_series_id="market")


class AdvisedSite:
    """A lake's tables as files: rows of a key that come again take the place of those before."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.small_tables = SmallTables(root)

    def upsert(self, table: Table, rows: pa.Table) -> None:
        def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
            return tuple(row[name] for name in table.key)

        standing = {key(row): row for row in [*self.small_tables.rows(table), *rows.to_pylist()]}
        whole = pa.Table.from_pylist(list(standing.values()), schema=rows.schema)
        partitions = list(table.partition_by) or None
        write_deltalake(self.small_tables.path(table), whole, mode="overwrite", partition_by=partitions)

    @property
    def as_lake(self) -> Lake:
        return cast(Lake, self)

    def advice(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.small_tables.read(ADVICE).to_pylist()
        return sorted(rows, key=lambda row: (row["told_at_utc"], row["event"] == "raised"))


def prepared(root: str, charges: Sequence[Mapping[str, Any]], peak_kw: float = PEAK_KW) -> AdvisedSite:
    """The site with a charger, the highest import of the month so far, and what the night's plan needs."""
    lake = AdvisedSite(root)
    fill(lake.as_lake, [CHARGER], charges)
    at = ORIGIN - timedelta(days=2)
    hour = {
        "meter_id": "m", "fuel": "electricity", "interval_start_utc": at, "energy_kwh": peak_kw, "quality": "measured",
        "imputed_share": 0.0, "flags": [], "available_at_utc": at + timedelta(hours=1),
        "interval_month": date(2024, 3, 1),
    }  # fmt: skip
    publish(lake.as_lake, silver.HOURLY, [hour])
    return lake


def plan(lake: AdvisedSite, origin: datetime = ORIGIN) -> None:
    """What the night of an origin plans: rows of gold.schedules."""
    if origin != ORIGIN:
        forecast(lake.as_lake, origin)
    config, _ = load_config(None, [f"lake={lake.root}"])
    assets = lake.small_tables.rows(references.ASSETS)
    for problem in problems_at(lake.small_tables, config, Moment.of_night(origin), assets):
        rows = pa.Table.from_pandas(schedule_rows(problem, Solver()), preserve_index=False)
        lake.upsert(SCHEDULES, conform_arrow(rows, SCHEDULES))


def prices(lake: AdvisedSite, values: Mapping[int, float], known_at: datetime) -> None:
    """Prices of the series `market` for hours after ORIGIN, known at a time."""
    rows = [
        {
            "tariff_id": "market", "fuel": "electricity", "interval_start_utc": ORIGIN + timedelta(hours=hour),
            "interval_minutes": 60, "price_per_kwh": price, "currency": "GBP", "available_at_utc": known_at,
        }
        for hour, price in values.items()
    ]  # fmt: skip
    publish(lake.as_lake, silver.PRICES, rows)


def quarter(hour: int, part: int, kwh: float, meter_id: str = "m", late_seconds: float = 30.0) -> dict[str, Any]:
    """A row of bronze.readings: a quarter of an hour after ORIGIN, come half a minute after its end."""
    start = ORIGIN + timedelta(hours=hour, minutes=15 * part)
    landed = start + timedelta(minutes=15, seconds=late_seconds)
    row = dict.fromkeys(bronze.READINGS.column_names)
    return row | {
        "source": "live", "file_id": "kafka:t:0", "row_number": 4 * hour + part + 1, "path": "t/0",
        "meter_id": meter_id, "interval_start_utc": start, "interval_minutes": 15, "energy_kwh": kwh,
        "fuel": "electricity", "landed_at_utc": landed, "available_at_utc": landed,
        "landed_month": landed.date().replace(day=1),
    }  # fmt: skip


def read(lake: AdvisedSite, rows: Iterable[Mapping[str, Any]]) -> None:
    whole = pa.Table.from_pylist([dict(row) for row in rows], schema=arrow_schema(bronze.READINGS))
    path = lake.small_tables.path(bronze.READINGS)
    write_deltalake(path, whole, mode="append", partition_by=list(bronze.READINGS.partition_by))

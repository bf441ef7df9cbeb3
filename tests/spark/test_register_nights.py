"""Registers over nights: silence of a year, late reads, verdicts that later reads change. As if read at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bronze_rows import land, meters, night
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import Table, silver
from jobs import clean


def reads(meter: str, values: dict[str, float]) -> list[dict[str, Any]]:
    return [{"meter_id": meter, "at": at, "register_kwh": kwh} for at, kwh in values.items()]


def hourly(meter: str, day: str, first: float, kwh: float) -> list[dict[str, Any]]:
    return reads(meter, {f"{day} {hour:02}:00": first + kwh * hour for hour in range(24)})


# Of each night, its files: when one landed → its rows.
NIGHTS: list[dict[str, list[dict[str, Any]]]] = [
    {
        "2023-01-01 00:00": [
            *reads("yearly", {"2022-01-10 12:00": 1000.0, "2022-12-20 12:00": 4000.0}),
            *reads("works", {"2022-12-31 20:00": 0.0, "2022-12-31 21:00": 1.0, "2022-12-31 22:00": 2.0}),
            *reads("works", {"2022-12-31 23:00": 502.0}),
            *reads("exchanged", {"2022-12-31 21:00": 1200.0, "2022-12-31 22:00": 1200.5, "2022-12-31 23:00": 15_000.0}),
            *hourly("steady", "2022-12-30", 0.0, 1.0),
        ]
    },
    {
        "2023-01-02 00:00": [
            *reads("works", {"2023-01-01 00:00": 1002.0, "2023-01-01 01:00": 1502.0, "2023-01-01 02:00": 1503.0}),
            *reads("exchanged", {"2023-01-01 00:00": 15_000.5, "2023-01-01 01:00": 15_001.0}),
            *hourly("steady", "2022-12-31", 24.0, 1.0),
        ],
        "2024-01-01 00:00": [
            *reads("yearly", {"2023-12-30 12:00": 8000.0}),
            *hourly("steady", "2023-12-31", 9000.0, 1.0),
        ],
    },
    # A year and a half late, between two reads that were paired; and a correction of one of them.
    {
        "2024-01-02 00:00": [
            *reads("yearly", {"2022-06-01 12:00": 2000.0, "2022-12-20 12:00": 4100.0}),
            *hourly("steady", "2022-12-29", -24.0, 1.0),
        ]
    },
]


def run(lake: Lake) -> None:
    run_with_lease("clean", lake.spark, Config(lake=lake.root), Period.day(date(2024, 3, 1)), clean.run)


def content(lake: Lake, table: Table) -> pd.DataFrame:
    frame = lake.read(table).drop("interval_month", "landed_month").toPandas()
    return frame.sort_values(list(table.key), ignore_index=True)


@pytest.fixture(scope="module")
def lakes(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Lake]:
    """One lake cleaned night by night, and one cleaned once."""
    folder: Path = tmp_path_factory.mktemp("registers")
    by_night, at_once = (Lake(spark, str(folder / name)) for name in ("by_night", "at_once"))
    for lake in (by_night, at_once):
        meters(lake, "yearly", "works", "exchanged", "steady")
        for files in NIGHTS:
            for landed, rows in files.items():
                land(lake, night(spark, f"landed {landed}", landed, rows))
            if lake is by_night:
                run(lake)
    run(at_once)
    return by_night, at_once


@pytest.mark.parametrize("table", [silver.READINGS, silver.QUARANTINE, silver.HOURLY], ids=lambda table: table.name)
def test_nights_give_what_one_run_gives(lakes: tuple[Lake, Lake], table: Table) -> None:
    pd.testing.assert_frame_equal(*(content(lake, table) for lake in lakes), check_exact=False, rtol=1e-12)


def test_a_yearly_register_is_read_as_three_long_intervals(lakes: tuple[Lake, Lake]) -> None:
    rows = lakes[0].read(silver.READINGS).where("meter_id = 'yearly' AND superseded_at_utc IS NULL")
    found = [(r.interval_minutes // 1440, r.energy_kwh) for r in rows.orderBy("interval_start_utc").collect()]
    assert found == [(142, 1000.0), (202, 2100.0), (375, 3900.0)]
    hours = lakes[0].read(silver.HOURLY).where("meter_id = 'yearly'").toPandas()
    assert len(hours) == (142 + 202 + 375) * 24
    assert hours["energy_kwh"].sum() == pytest.approx(7000.0)
    assert set(hours["quality"]) == {"estimated"}


def test_what_later_reads_show_to_be_usual_is_use_after_all(lakes: tuple[Lake, Lake]) -> None:
    lake = lakes[0]
    readings = lake.read(silver.READINGS).where("superseded_at_utc IS NULL")
    works = readings.where("meter_id = 'works'").orderBy("interval_start_utc").collect()
    assert [r.energy_kwh for r in works] == [1.0, 1.0, 500.0, 500.0, 500.0, 1.0]
    exchanged = readings.where("meter_id = 'exchanged'").orderBy("interval_start_utc").collect()
    assert [r.energy_kwh for r in exchanged] == [0.5, 0.5, 0.5]
    rejected = lake.read(silver.QUARANTINE).where("meter_id IN ('works', 'exchanged')").collect()
    assert sorted(r.rule_id for r in rejected) == ["register_first_read"] * 2 + ["register_jump"]

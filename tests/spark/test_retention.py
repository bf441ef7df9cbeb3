"""Tables keep their rows for as long as the config says, and a raw row leaves with what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from homes import DAY, FIRST, IDS, Homes, readings
from lake_content import tables_of
from pyspark.sql import SparkSession

from energy_lib.cleaning.spark.conservation import unaccounted
from energy_lib.entry import run_with_lease
from energy_lib.errors import BadConfig
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver
from jobs import ingest, maintain

RAW = ("bronze.readings", "silver.readings", "silver.quarantine")
KEPT = [f"maintain.keep_days.{name}=20" for name in RAW]
LATE = datetime(2024, 6, 20, tzinfo=UTC)


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    """Files of the beginning and of the end of June, with faults in both."""
    made = Homes(tmp_path, pseudonymize=False)
    made.land_all()
    made.land("homes/late.csv", readings(IDS, LATE, 24) + "a,b,c,d\n", LATE.replace(day=22))
    return made


def test_raw_rows_leave_with_what_became_of_them_and_cleaning_goes_on(spark: SparkSession, homes: Homes) -> None:
    path = homes.folder / "lake"
    homes.night(spark, path)
    lake, before = Lake(spark, str(path)), tables_of(path)
    outcome = run_with_lease("maintain", spark, homes.config(path, *KEPT), DAY, maintain.run)
    after = tables_of(path)
    for name in RAW:
        expected = before[name].filter(pl.col("landed_at_utc") >= datetime(2024, 6, 10, tzinfo=UTC))
        assert 0 < expected.height < before[name].height
        assert after[name].equals(expected, null_equal=True), name
        assert any(line.startswith(f"{name}: ") and "older than 20 days removed" in line for line in outcome.lines)
    assert after["silver.hourly_readings"].equals(before["silver.hourly_readings"])
    tables = [lake.read(table) for table in (bronze.READINGS, silver.READINGS, silver.QUARANTINE)]
    assert unaccounted(tables[0], tables[1], tables[2].where("row_number > 0")).count() == 0
    # A correction of what is gone is cleaned like any other.
    homes.land("homes/correction.csv", readings(IDS[:1], FIRST, 2).replace(",1.0", ",9.0"), LATE.replace(day=25))
    homes.night(spark, path)
    own = tables_of(path)["silver.readings"].filter(pl.col("meter_id") == IDS[0], pl.col("superseded_at_utc").is_null())
    assert own.filter(pl.col("interval_start_utc") == FIRST)["energy_kwh"].to_list() == [9.0]


def test_what_is_unread_stays_for_the_next_time(spark: SparkSession, homes: Homes) -> None:
    path = homes.folder / "lake"
    homes.night(spark, path)
    homes.land("homes/more.csv", readings(IDS[1:2], LATE.replace(day=23), 24), LATE.replace(day=24))
    run_with_lease("ingest", spark, homes.config(path), DAY, ingest.run)
    before = tables_of(path)
    outcome = run_with_lease("maintain", spark, homes.config(path, *KEPT), DAY, maintain.run)
    assert any("stay for now: clean has not read all of bronze.readings yet" in line for line in outcome.lines)
    after = tables_of(path)
    assert [name for name in RAW if not after[name].equals(before[name], null_equal=True)] == [], "all of them, or none"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (["maintain.keep_days.bronze.readings=20"], "give all of them the same number of days"),
        (["maintain.keep_days.gold.nothing=20"], "which is no table"),
        (["maintain.keep_days.silver.meters=20"], "have no time by which they age"),
    ],
)
def test_wrong_retention_is_one_sentence(spark: SparkSession, homes: Homes, settings: list[str], why: str) -> None:
    with pytest.raises(BadConfig, match=why):
        maintain.run(spark, homes.config(homes.folder / "lake", *settings), DAY)

"""The lake's storage: what upserts, changes, leases and the ledger promise."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable as DeltaRs
from deltalake import QueryBuilder
from pyspark.sql import DataFrame, SparkSession

from energy_lib import entry
from energy_lib.config import Config
from energy_lib.errors import GateRefused, InputMissing, TryAgain
from energy_lib.intervals import Period
from energy_lib.lake import Batch, Lake, Outcome, progress, record_progress, writer_lease
from energy_lib.lake import lease as lease_module
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import Table, bronze, ops
from energy_lib.tables.table import optional, required

HOURS = Table(
    layer="silver",
    name="toy_hours",
    comment="A keyed, partitioned table",
    columns=(
        required("meter_id", "string", "Meter"),
        required("at_utc", "timestamp", "Instant"),
        optional("energy_kwh", "double", "kWh"),
        required("month", "date", "Partition"),
    ),
    key=("meter_id", "at_utc"),
    partition_by=("month",),
    time="at_utc",
    change_feed=True,
)
PLACES = Table(
    layer="silver",
    name="toy_places",
    comment="Reference data that files say again",
    columns=(
        required("place", "string", "Place"),
        optional("area_m2", "double", "m2"),
        optional("landed_at_utc", "timestamp", "When its file landed"),
        optional("file_id", "string", "Its file"),
    ),
    key=("place",),
    version=("landed_at_utc", "file_id"),
    provenance=("landed_at_utc", "file_id"),
    change_feed=True,
)
JAN, FEB = date(2024, 1, 1), date(2024, 2, 1)


def at(month: int, day: int) -> datetime:
    return datetime(2024, month, day, tzinfo=UTC)


def rows(lake: Lake, *values: tuple[str, datetime, float | None, date]) -> DataFrame:
    return lake.spark.createDataFrame(list(values), spark_schema(HOURS))


def content(lake: Lake) -> list[tuple[str, float | None]]:
    return sorted((r["meter_id"], r["energy_kwh"]) for r in lake.read(HOURS).collect())


def test_upsert_replaces_by_key_inserts_the_rest_and_leaves_equal_rows_alone(lake: Lake) -> None:
    lake.upsert(HOURS, rows(lake, ("a", at(1, 1), 1.0, JAN), ("b", at(2, 1), 2.0, FEB)))
    lake.upsert(HOURS, rows(lake, ("a", at(1, 1), 5.0, JAN), ("c", at(1, 2), None, JAN)))
    assert content(lake) == [("a", 5.0), ("b", 2.0), ("c", None)]
    before = lake.version(HOURS)
    lake.upsert(HOURS, rows(lake, ("a", at(1, 1), 5.0, JAN), ("c", at(1, 2), None, JAN)))
    assert lake.changes(HOURS, before).count() == 0


def test_changes_give_what_came_after_a_version(lake: Lake) -> None:
    lake.upsert(HOURS, rows(lake, ("a", at(1, 1), 1.0, JAN)))
    first = lake.version(HOURS)
    assert lake.changes(HOURS, -1).count() == 1
    lake.upsert(HOURS, rows(lake, ("a", at(1, 1), 9.0, JAN), ("b", at(1, 3), 3.0, JAN)))
    assert sorted(r["energy_kwh"] for r in lake.changes(HOURS, first).collect()) == [3.0, 9.0]
    second = lake.version(HOURS)
    lake.upsert(HOURS, rows(lake, ("c", at(1, 4), 4.0, JAN)), gone=rows(lake, ("b", at(1, 3), 3.0, JAN)))
    assert [r["meter_id"] for r in lake.changes(HOURS, second).collect()] == ["c"]
    assert sorted(r["meter_id"] for r in lake.changes(HOURS, second, deleted=True).collect()) == ["b", "c"]
    assert lake.changes(HOURS, lake.version(HOURS)).count() == 0


def test_the_newest_version_stands_and_what_is_said_again_is_no_news(lake: Lake) -> None:
    def say(*values: tuple[str, float, datetime | None, str | None]) -> list[tuple[str, float]]:
        before = lake.version(PLACES)
        lake.upsert(PLACES, lake.spark.createDataFrame(list(values), spark_schema(PLACES)))
        return sorted((r["place"], r["area_m2"]) for r in lake.changes(PLACES, before).collect())

    say(("a", 1.0, at(1, 2), "f"), ("b", 1.0, None, None))
    assert say(("a", 2.0, at(1, 1), "g"), ("b", 2.0, at(1, 1), "g")) == [("b", 2.0)], "older, and than no file newer"
    assert say(("a", 1.0, at(1, 4), "h"), ("c", 3.0, at(1, 4), "h")) == [("c", 3.0)], "a is said again"
    assert say(("a", 5.0, at(1, 3), "i")) == [], "older than what was said again"
    assert say(("a", 6.0, at(1, 4), "a"), ("c", 6.0, at(1, 4), "z")) == [("c", 6.0)], (
        "a tie goes to the greater file_id"
    )


def test_a_failure_while_staged_leaves_the_table_and_no_staging_behind(lake: Lake) -> None:
    lake.upsert(HOURS, rows(lake, ("a", at(1, 1), 1.0, JAN)))

    def refused(staged: Batch) -> None:
        assert staged.count == 1
        raise GateRefused("refused")

    with pytest.raises(GateRefused), lake.staged(HOURS, rows(lake, ("a", at(1, 1), -1.0, JAN))) as staged:
        refused(staged)
    assert content(lake) == [("a", 1.0)]
    assert not any((Path(lake.root) / "_staging").iterdir())


def test_a_table_opens_without_spark_and_carries_its_comments(lake: Lake) -> None:
    lake.upsert(HOURS, rows(lake, ("a", at(1, 1), 1.0, JAN)))
    table = DeltaRs(lake.path(HOURS))
    assert pl.read_delta(lake.path(HOURS))["energy_kwh"].to_list() == [1.0]
    answer = QueryBuilder().register("hours", table).execute("SELECT max(energy_kwh) AS most FROM hours")
    assert answer.read_all().column("most").to_pylist() == [1.0]
    assert table.metadata().description == HOURS.comment
    lake.register((HOURS,))
    assert lake.spark.sql("SELECT energy_kwh FROM silver.toy_hours").collect()[0][0] == 1.0
    lake.spark.sql("DROP TABLE silver.toy_hours")


def test_a_missing_table_is_said(lake: Lake) -> None:
    with pytest.raises(InputMissing, match=r"silver\.toy_hours"):
        lake.read(HOURS)


def test_progress_is_kept_per_job_and_table(lake: Lake) -> None:
    assert progress(lake, "clean", bronze.READINGS) == -1
    record_progress(lake, "clean", {bronze.READINGS: 3})
    record_progress(lake, "clean", {bronze.READINGS: 4, HOURS: 1})
    assert progress(lake, "clean", bronze.READINGS) == 4
    assert progress(lake, "other", bronze.READINGS) == -1


def test_the_lease_keeps_a_second_writer_out_until_it_is_free(lake: Lake) -> None:
    with writer_lease(lake, "one"), pytest.raises(TryAgain, match="one"), writer_lease(lake, "two"):
        pass
    with writer_lease(lake, "three"):
        assert lake.small_tables.rows(ops.LEASES)[0]["holder"] == "three"


def held(lake: Lake, holder: str, host: str, renewed: datetime) -> None:
    """Somebody else's lease, of a process id that this host never gives."""
    row = {"lease": "writer", "holder": holder, "host": host, "pid": 2**22 + 1, "process_started": "1"}
    lake.small_tables.create(ops.LEASES, [{**row, "renewed_at_utc": renewed}])


def test_the_lease_of_a_dead_process_is_taken_over(lake: Lake) -> None:
    held(lake, "dead", os.uname().nodename, datetime.now(UTC))
    with writer_lease(lake, "next"):
        assert lake.small_tables.rows(ops.LEASES)[0]["holder"] == "next"


@pytest.mark.parametrize(("age_seconds", "taken"), [(lease_module.LEASE_SECONDS + 60, True), (5, False)])
def test_the_lease_of_another_host_is_judged_by_its_last_sign_of_life(
    lake: Lake, age_seconds: int, taken: bool
) -> None:
    held(lake, "far", "another-host", datetime.now(UTC) - timedelta(seconds=age_seconds))
    if taken:
        with writer_lease(lake, "next"):
            assert lake.small_tables.rows(ops.LEASES)[0]["holder"] == "next"
    else:
        with pytest.raises(TryAgain, match="far"), writer_lease(lake, "next"):
            pass


def test_every_run_leaves_its_row_whatever_its_end(spark: SparkSession, tmp_path: Path) -> None:
    config = Config(lake=str(tmp_path / "lake"))
    period = Period.day(date(2024, 1, 1))

    def good(spark: SparkSession, config: Config, period: Period) -> Outcome:
        return Outcome(rows_in=3, versions_read={"bronze.readings": 1}, gates=[{"success": True}])

    def refused(spark: SparkSession, config: Config, period: Period) -> Outcome:
        raise GateRefused("silver.readings refused 2 rows")

    entry.run_with_lease("good", spark, config, period, good)
    with pytest.raises(GateRefused):
        entry.run_with_lease("bad", spark, config, period, refused)
    runs = {r["job"]: r for r in Lake(spark, config.lake).read(ops.RUNS).collect()}
    assert (runs["good"]["status"], runs["good"]["rows_in"]) == ("succeeded", 3)
    assert runs["good"]["versions_read"] == {"bronze.readings": 1}
    assert (runs["bad"]["status"], runs["bad"]["error"]) == ("refused", "silver.readings refused 2 rows")

"""maintain: few files, no old ones, and every version within the retention as it was."""

from __future__ import annotations

import json
import os
import shutil
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from energy_lib.config import Config, MaintainConfig
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.lake.audit_log import append_entries, verify
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.security.audit_entry import entry_of_job
from energy_lib.tables import ops, silver
from energy_lib.tables.answers.alerts import DAY_LIMITS
from energy_lib.tables.arrow import arrow_schema
from jobs import maintain

PRICES, TODAY = silver.PRICES, Period.day(date(2024, 3, 1))
FILES_IN_USE = 3


def days_ago(days: int) -> float:
    return time.time() - days * 86_400


@pytest.fixture
def aged(spark: SparkSession, tmp_path: Path) -> Lake:
    """A price of 40 days ago and one of 20, both replaced 10 days ago, by three files; two stray files."""
    young = Lake(spark, str(tmp_path / "young"))
    young.append(PRICES, rows(young, [1.0]))
    young.append(PRICES, rows(young, [1.5]))
    young.replace_where(PRICES, rows(young, [2.0, 3.0, 4.0]), "true")
    lake = Lake(spark, str(tmp_path / "aged"))
    shutil.copytree(young.root, lake.root)
    folder = Path(lake.path(PRICES))
    for version, days in enumerate((40, 40, 20, 10)):
        log = folder / "_delta_log" / f"{version:020}.json"
        actions = [json.loads(line) for line in log.read_text().splitlines()]
        for action in actions:
            if "remove" in action:
                action["remove"]["deletionTimestamp"] = int(days_ago(days) * 1000)
            if "add" in action:
                os.utime(folder / action["add"]["path"], (days_ago(days),) * 2)
            if "commitInfo" in action:
                action["commitInfo"]["timestamp"] = int(days_ago(days) * 1000)
        log.write_text("".join(json.dumps(action) + "\n" for action in actions))
        log.with_name(f".{log.name}.crc").unlink(missing_ok=True)
        os.utime(log, (days_ago(days),) * 2)
    for days in (40, 10):
        stray = folder / f"part-stray-{days}.parquet"
        stray.write_bytes(b"of a killed run")
        os.utime(stray, (days_ago(days),) * 2)
    return lake


def rows(lake: Lake, prices: list[float]) -> DataFrame:
    """A row and a file each."""
    plain = {"timestamp": datetime(2024, 1, 1, tzinfo=UTC), "string": "x", "int": 60}
    values = [tuple(price if c.type == "double" else plain[c.type] for c in PRICES.columns) for price in prices]
    return lake.spark.createDataFrame(values, spark_schema(PRICES)).repartition(len(prices))


def prices(lake: Lake, version: int | None = None) -> list[float]:
    (column,) = [c.name for c in PRICES.columns if c.type == "double"]
    return sorted(row[column] for row in lake.read(PRICES, version).collect())


def files(lake: Lake) -> set[str]:
    return {path.name for path in Path(lake.path(PRICES)).glob("*.parquet")}


def test_versions_within_the_retention_stay_readable_and_strays_beyond_it_go(aged: Lake) -> None:
    config = Config(lake=aged.root, maintain=MaintainConfig(retain_days=30))
    outcome = run_with_lease("maintain", aged.spark, config, TODAY, maintain.run)
    assert f"silver.prices: {FILES_IN_USE} files compacted into 1" in outcome.lines
    assert prices(aged) == [2.0, 3.0, 4.0]
    assert prices(aged, version=2) == [1.0, 1.5]
    assert "part-stray-10.parquet" in files(aged)
    assert "part-stray-40.parquet" not in files(aged)
    assert [row["status"] for row in aged.small_tables.rows(ops.RUNS)] == ["succeeded"]


def test_a_shorter_retention_removes_what_was_replaced_before_it(aged: Lake) -> None:
    before = files(aged)
    maintain.run(aged.spark, Config(lake=aged.root, maintain=MaintainConfig(retain_days=7)), TODAY)
    assert prices(aged) == [2.0, 3.0, 4.0]
    # The files of the first two prices and both strays; what this run itself replaced stays for a week.
    assert len(before - files(aged)) == 4


def test_the_log_is_kept_as_long_as_the_files_and_a_second_run_commits_nothing(aged: Lake) -> None:
    config = Config(lake=aged.root, maintain=MaintainConfig(retain_days=400))
    maintain.run(aged.spark, config, TODAY)
    described = aged.spark.sql(f"DESCRIBE DETAIL delta.`{aged.path(PRICES)}`").collect()[0]["properties"]
    assert described["delta.logRetentionDuration"] == "interval 400 days"
    version = aged.version(PRICES)
    maintain.run(aged.spark, config, TODAY)
    assert aged.version(PRICES) == version


def test_the_audit_stays_one_chain_when_its_files_are_compacted(spark: SparkSession, tmp_path: Path) -> None:
    lake, at = Lake(spark, str(tmp_path / "audited")), datetime(2024, 3, 1, tzinfo=UTC)
    for number in range(12):
        head = append_entries(lake.root, [entry_of_job(at, "test", "look", str(number))])
    maintain.run(spark, Config(lake=lake.root), TODAY)
    assert len(DeltaTable(lake.path(ops.AUDIT)).file_uris()) == 1
    found = verify(lake.root, head)
    assert (found.fault, found.rows, found.head) == (None, 12, head)
    assert append_entries(lake.root, [entry_of_job(at, "test", "look", "after")]).sequence == 13
    assert verify(lake.root).fault is None


def test_limits_of_old_nights_go_and_the_night_of_a_past_day_says_its_own_anew(lake: Lake) -> None:
    """Of 40 nights those of the last 30 days stay, and so do the four days that online detection asks for."""
    newest = datetime(2024, 3, 1, tzinfo=UTC)

    def limits(days_before: int) -> dict[str, object]:
        origin = newest - timedelta(days=days_before)
        hours = [1.0] * 24
        row = dict.fromkeys(DAY_LIMITS.column_names) | {"meter_id": "m", "origin_utc": origin, "zone": "UTC"}
        row |= {"day_local": origin.date(), "expected_kwh": hours, "scale_kwh": hours, "stuck_weight": hours}
        return row | {"dead_weight": hours, "rule_version": "1", "readings_version": 0}

    def there() -> list[datetime]:
        return sorted(row["origin_utc"] for row in lake.small_tables.rows(DAY_LIMITS))

    lake.ensure(DAY_LIMITS)
    for days in range(39, -1, -1):
        lake.small_tables.append(DAY_LIMITS, [limits(days)])
    before = there()
    config = Config(lake=lake.root)
    outcome = run_with_lease("maintain", lake.spark, config, TODAY, maintain.run)
    assert outcome.lines[0] == "gold.day_limits: 9 rows older than 30 days removed"
    assert there() == before[9:]
    version = lake.version(DAY_LIMITS)
    outcome = run_with_lease("maintain", lake.spark, config, TODAY, maintain.run)
    assert (lake.version(DAY_LIMITS), "removed" in outcome.lines[0]) == (version, False)
    lake.upsert(DAY_LIMITS, pa.Table.from_pylist([limits(38)], schema=arrow_schema(DAY_LIMITS)))
    assert there() == [before[1], *before[9:]]

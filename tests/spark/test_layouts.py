"""Layouts that are not one reading a row come through ingest and clean with every reading, and keep their sign."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver
from jobs import clean, ingest

CASES = Path(__file__).parents[1] / "cases"
NAMES = ("enel", "fluvius", "homewizard", "net_meter", "sdge")
LANDED = datetime(2024, 10, 1, 20, 30, tzinfo=UTC).timestamp()


def test_layouts_reach_silver(spark: SparkSession, lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    for name in NAMES:
        shutil.copytree(CASES / name, tmp_path / "landing" / name)
        (tmp_path / "landing" / name / f"{name}.yaml").rename(tmp_path / "sources" / f"{name}.yaml")
        for file in (tmp_path / "landing" / name).iterdir():
            os.utime(file, (LANDED, LANDED))
    config = Config(lake=lake.root, landing=str(tmp_path / "landing"), sources_dir=str(tmp_path / "sources"))
    period = Period.day(date(2024, 10, 1))
    ingest.run(spark, config, period)
    clean.run(spark, config, period)
    rejected = lake.read_or_empty(silver.QUARANTINE).select("source", "rule_id").distinct().collect()
    # The first read of a register has nothing before it.
    assert [tuple(row) for row in rejected] == [("homewizard", "register_first_read")]
    assert {tuple(row) for row in lake.read(bronze.READINGS).groupBy("source").count().collect()} == {
        ("enel", 192),
        ("fluvius", 6),
        ("homewizard", 20),
        ("net_meter", 48),
        ("sdge", 13),
    }
    sums = lake.read(silver.READINGS).groupBy("meter_id").agg(F.count("*"), F.sum("energy_kwh")).collect()
    found = {row[0]: (row[1], pytest.approx(row[2], abs=1e-9)) for row in sums}
    assert found["IT001E00000001"] == (192, 19.2)
    assert found["541440000000000012"] == (3, 0.875)
    assert found["541440000000000012_export"] == (3, 1.6)
    # Five reads of a register make four readings of 0.1 kWh.
    assert found["home-a"] == found["home-b"] == (4, 0.4)
    assert found["home-a_export"] == (4, 0.0)
    # 48 hours of 0.5 kWh, of which three hours gave 2 kWh back.
    assert found["pv_net"] == (48, 45 * 0.5 - 3 * 2.0)
    lowest = lake.read(silver.READINGS).where("flow = 'net'").agg(F.min("energy_kwh")).collect()[0][0]
    assert lowest == -2.0

"""Landing as it is found: odd names, impossible times, files that open later, one file for two sources."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.landing.files import local_listing
from energy_lib.tables import bronze, silver
from jobs.ingest import run

NIGHT = datetime(2024, 3, 1, 20, 30, tzinfo=UTC)
PERIOD = Period.day(NIGHT.date())
READINGS = """
format: csv
meter: {column: meter}
time: {column: stamp, zone: UTC, interval_minutes: 60}
value: {column: kwh, unit: kWh}
fuel: electricity
meters: {zone: UTC, country: AT}
"""
WEATHER = """
kind: weather
format: csv
time: {column: stamp, zone: UTC}
columns: {location_id: meter, temperature_c: temp}
"""


def rows(meter: str) -> bytes:
    return f"meter,stamp,kwh,temp\n{meter},2024-02-29 10:00,1.0,5\n{meter},2024-02-29 11:00,x,y\n".encode()


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "town.yaml").write_text(READINGS, encoding="utf-8")
    (sources / "sky.yaml").write_text(WEATHER, encoding="utf-8")
    (tmp_path / "landing").mkdir()
    return tmp_path / "landing"


def put(landing: Path, name: bytes, data: bytes, at: datetime = NIGHT) -> None:
    path = os.fsencode(landing) + b"/" + name
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120  # by bytes
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(data)
    os.utime(path, (at.timestamp(), at.timestamp()))


def config(lake: Lake, landing: Path) -> Config:
    return Config(lake=lake.root, landing=str(landing), sources_dir=str(landing.parent / "sources"))


def test_names_times_and_two_sources_of_one_file(spark: SparkSession, lake: Lake, landing: Path) -> None:
    put(landing, "town/zähler.csv".encode(), rows("a"))
    put(landing, b"town/z\xe4hler.csv", rows("b"))
    put(landing, b"town/future.csv", rows("c"), datetime(2300, 1, 1, tzinfo=UTC))
    put(landing, b"town/past.csv", rows("d"), datetime(1950, 1, 1, tzinfo=UTC))
    put(landing, b"town/copy.csv", rows("a"))
    put(landing, "sky/zähler.csv".encode(), rows("a"))
    first = run(spark, config(lake, landing), PERIOD)
    readings = lake.read(bronze.READINGS)
    assert {r["raw_meter_id"] for r in readings.select("raw_meter_id").collect()} == {"a", "b"}
    assert readings.count() == 4
    assert lake.read(silver.WEATHER).count() == 1
    rejected = lake.read(silver.QUARANTINE).where("row_number = 0").collect()
    assert {(r["path"], r["rule_id"]) for r in rejected} == {(f"town/{n}.csv", "file_time") for n in ("future", "past")}
    # The broken row of the weather file is in quarantine under an id of its own, not under that of the readings.
    broken = lake.read(silver.QUARANTINE).where("row_number > 0").collect()
    assert [r["path"] for r in broken] == ["sky/zähler.csv"]
    assert broken[0]["file_id"] not in {r["file_id"] for r in readings.collect()}
    assert any("copy.csv" in line and "zähler.csv" in line for line in first.lines), first.lines
    # The next night works, and a mended time lets the file in.
    put(landing, b"town/future.csv", rows("c"))
    run(spark, config(lake, landing), PERIOD)
    assert lake.read(bronze.READINGS).count() == 6
    left = lake.read(silver.QUARANTINE).where("row_number = 0").collect()
    assert [r["path"] for r in left] == ["town/past.csv"]


def test_a_file_that_could_not_be_read_comes_in_when_it_can(
    spark: SparkSession, lake: Lake, landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(landing, b"town/a.csv", rows("a"))
    with monkeypatch.context() as closed:
        closed.setattr(local_listing, "uri", lambda path: "file:/proc/self/mem")  # opens, and fails to be read
        for _ in range(2):
            told = run(spark, config(lake, landing), PERIOD)
            assert any("town/a.csv" in line and "file_unreadable" in line for line in told.lines), told.lines
    assert not lake.exists(bronze.READINGS)
    run(spark, config(lake, landing), PERIOD)
    assert lake.read(bronze.READINGS).count() == 2
    assert lake.read(silver.QUARANTINE).count() == 0
    assert [r["status"] for r in lake.read(bronze.FILES).collect()] == ["ingested"]

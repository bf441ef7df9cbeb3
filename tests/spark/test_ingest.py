"""Landing into a lake: exactly once, whatever the order, the faults, and the moment of a kill."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.landing.pipeline import ingest
from energy_lib.tables import Table, bronze, silver
from jobs.ingest import run

NIGHT = datetime(2024, 3, 1, 20, 30, tzinfo=UTC)
PERIOD = Period.day(NIGHT.date())
SOURCE = """
format: csv
meter: {column: meter}
time: {column: stamp, zone: Europe/Vienna, interval_minutes: 60}
value: {column: kwh, unit: kWh}
fuel: electricity
meters: {zone: Europe/Vienna, country: AT}
"""
WEATHER = """
kind: weather
format: csv
time: {column: stamp, zone: UTC}
columns: {location_id: place, temperature_c: temp}
"""
METERS = """
kind: meters
format: csv
columns: {meter_id: meter, fuel: fuel, zone: zone}
"""


def day(kwh: float, rows: int = 3) -> bytes:
    return b"meter,stamp,kwh\n" + b"".join(b"m1,2024-02-29 %02d:00,%.1f\n" % (i, kwh) for i in range(rows))


class Landing:
    """A landing directory with two sources of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.sources = folder / "landing", folder / "sources"
        (self.folder / "town").mkdir(parents=True)
        self.sources.mkdir()
        (self.sources / "town.yaml").write_text(SOURCE)
        (self.sources / "town_weather.yaml").write_text(WEATHER)

    def put(self, path: str, data: bytes, at: datetime = NIGHT) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (at.timestamp(), at.timestamp()))

    def config(self, lake: Lake) -> Config:
        return Config(lake=lake.root, landing=str(self.folder), sources_dir=str(self.sources))


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


def content(lake: Lake, table: Table) -> list[tuple[Any, ...]]:
    return sorted(lake.read_or_empty(table).collect(), key=str)


def put_a_messy_night(landing: Landing) -> None:
    landing.put("town/a.csv", day(1.5))
    landing.put("town/b.csv.gz", gzip.compress(b"meter,stamp,kwh\nm2,2024-02-29 00:00,oops\nm2,2024-02-29 01:00,2\n"))
    landing.put("town/copy of a.csv", day(1.5), NIGHT.replace(hour=21))
    landing.put("town/cut.csv.gz", gzip.compress(day(1.0, 24) * 50)[:-9])
    landing.put("town/empty.csv", b"")
    landing.put("town/empty too.csv", b"")
    landing.put("town/other.csv", b"meter,when,kwh\nm1,2024-02-29 00:00,1\n")
    landing.put("town_weather/w.csv", b"place,stamp,temp\nvienna,2024-02-29T00:00:00Z,4.5\nvienna,soon,4.5\n")
    landing.put("village/x.csv", day(9.9))


def test_a_messy_night_ends_file_by_file_and_row_by_row(spark: SparkSession, lake: Lake, landing: Landing) -> None:
    put_a_messy_night(landing)
    outcome = run(spark, landing.config(lake), PERIOD)

    files = {
        row["path"]: (row["status"], row["rule_id"], row["row_count"]) for row in lake.read(bronze.FILES).collect()
    }
    assert files == {
        "town/a.csv": ("ingested", None, 3),
        "town/b.csv.gz": ("ingested", None, 2),
        "town/copy of a.csv": ("duplicate", None, None),
        "town/cut.csv.gz": ("rejected", "file_truncated", None),
        "town/empty.csv": ("rejected", "file_empty", None),
        "town/empty too.csv": ("rejected", "file_empty", None),
        "town/other.csv": ("rejected", "file_missing_column", None),
        "town_weather/w.csv": ("ingested", None, 2),
    }
    rows = lake.read(bronze.READINGS).orderBy("path", "row_number").collect()
    # Vienna is an hour ahead of UTC in winter.
    assert [(r["path"], r["row_number"], r["meter_id"], str(r["interval_start_utc"]), r["rule_id"]) for r in rows] == [
        ("town/a.csv", 1, "m1", "2024-02-28 23:00:00", None),
        ("town/a.csv", 2, "m1", "2024-02-29 00:00:00", None),
        ("town/a.csv", 3, "m1", "2024-02-29 01:00:00", None),
        ("town/b.csv.gz", 1, "m2", "2024-02-28 23:00:00", "unparseable_value"),
        ("town/b.csv.gz", 2, "m2", "2024-02-29 00:00:00", None),
    ]
    assert {r["available_at_utc"] for r in rows} == {NIGHT.replace(tzinfo=None)}
    quarantined = {(r["path"], r["row_number"], r["rule_id"]) for r in lake.read(silver.QUARANTINE).collect()}
    assert quarantined == {
        ("town/cut.csv.gz", 0, "file_truncated"),
        ("town/empty.csv", 0, "file_empty"),
        ("town/empty too.csv", 0, "file_empty"),
        ("town/other.csv", 0, "file_missing_column"),
        ("town_weather/w.csv", 2, "unparseable_timestamp"),
    }
    assert [r["temperature_c"] for r in lake.read(silver.WEATHER).collect()] == [4.5]
    meters = [(r["meter_id"], r["zone"], r["country"], r["registered_by"]) for r in content(lake, silver.METERS)]
    assert meters == [("m1", "Europe/Vienna", "AT", "readings"), ("m2", "Europe/Vienna", "AT", "readings")]
    assert any("village" in line and "no source" in line for line in outcome.lines)
    assert outcome.rows_in == 7

    versions = {table: lake.version(table) for table in (bronze.READINGS, bronze.FILES, silver.WEATHER)}
    assert run(spark, landing.config(lake), PERIOD).rows_in == 0
    assert {table: lake.version(table) for table in versions} == versions


class Killed(Exception):
    pass


def die(*_: object, **__: object) -> None:
    raise Killed


def test_a_changed_file_is_a_correction_and_neither_order_nor_copies_matter(
    spark: SparkSession, tmp_path: Path, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, its correction, and the first content again under another name a month later; then all backwards."""
    offered = [("town/a.csv", day(1.0), NIGHT), ("town/a.csv", day(2.0), NIGHT.replace(day=2))]
    offered += [("town/copy.csv", day(1.0), NIGHT.replace(month=4))]
    forwards, backwards = Lake(spark, str(tmp_path / "one")), Lake(spark, str(tmp_path / "two"))
    for file in offered:
        landing.put(*file)
        run(spark, landing.config(forwards), PERIOD)
    for file in reversed(offered[1:]):
        landing.put(*file)
        run(spark, landing.config(backwards), PERIOD)
    seen = backwards.version(bronze.READINGS)
    landing.put(*offered[0])
    for dying in ("publish_readings", "finish"):
        with monkeypatch.context() as patch:
            patch.setattr(ingest, dying, die)
            with pytest.raises(Killed):
                run(spark, landing.config(backwards), PERIOD)
    run(spark, landing.config(backwards), PERIOD)

    rows = content(forwards, bronze.READINGS)
    assert rows == content(backwards, bronze.READINGS)
    assert content(forwards, bronze.FILES) == content(backwards, bronze.FILES)
    assert [row["energy_kwh"] for row in rows].count(1.0) == [row["energy_kwh"] for row in rows].count(2.0) == 3
    assert backwards.changes(bronze.READINGS, seen).count() == 3, "the rows taken over are news to cleaning"


def test_the_newest_reference_file_stands_whatever_came_first(
    spark: SparkSession, tmp_path: Path, landing: Landing
) -> None:
    """The older of two weather files offered a night late, and the tie of two that landed at one instant."""
    (landing.sources / "town_meters.yaml").write_text(METERS)
    registry = b"meter,fuel,zone\nm1,gas,Europe/%b\n"
    files = {
        "town_weather/old.csv": (b"place,stamp,temp\nvienna,2024-02-29T00:00:00Z,1\ngraz,2024-02-29T00:00:00Z,2\n", 1),
        "town_weather/new.csv": (b"place,stamp,temp\nvienna,2024-02-29T00:00:00Z,9\n", 2),
        "town_meters/a.csv": (registry % b"Vienna", 1),
        "town_meters/b.csv": (registry % b"Berlin", 1),
    }
    at_once, backwards = Lake(spark, str(tmp_path / "at_once")), Lake(spark, str(tmp_path / "backwards"))
    for target, nights in ((at_once, [list(files)]), (backwards, [list(files)[1::2], list(files)[::2]])):
        for night in nights:
            for name in night:
                landing.put(name, files[name][0], NIGHT.replace(day=files[name][1]))
            run(spark, landing.config(target), PERIOD)
        for name in files:
            (landing.folder / name).unlink()
    for table in (silver.WEATHER, silver.METERS):
        assert content(at_once, table) == content(backwards, table), table.full_name
    temperatures = {row["location_id"]: row["temperature_c"] for row in backwards.read(silver.WEATHER).collect()}
    assert temperatures == {"vienna": 9.0, "graz": 2.0}


@pytest.mark.slow
def test_kills_at_two_points_then_a_rerun_give_the_same_tables(
    spark: SparkSession, tmp_path: Path, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_a_messy_night(landing)
    whole, killed = Lake(spark, str(tmp_path / "whole")), Lake(spark, str(tmp_path / "killed"))
    run(spark, landing.config(whole), PERIOD)
    append = Lake.append

    def append_and_die(lake: Lake, table: Table, rows: DataFrame) -> None:
        """Dies after the rows were committed, before anything says so."""
        append(lake, table, rows)
        if table is bronze.READINGS:
            die()

    for owner, name, dying in ((ingest, "register_meters", die), (Lake, "append", append_and_die)):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, dying)
            with pytest.raises(Killed):
                run(spark, landing.config(killed), PERIOD)
    run(spark, landing.config(killed), PERIOD)
    for table in (bronze.FILES, bronze.READINGS, silver.METERS, silver.WEATHER, silver.QUARANTINE):
        assert content(killed, table) == content(whole, table), table.full_name


def test_a_mended_yaml_takes_the_file_out_of_quarantine(spark: SparkSession, lake: Lake, landing: Landing) -> None:
    landing.put("town/a.csv", b"meter,when,kwh\nm1,2024-02-29 00:00,1\n")
    run(spark, landing.config(lake), PERIOD)
    assert lake.read(silver.QUARANTINE).count() == 1
    (landing.sources / "town.yaml").write_text(SOURCE.replace("column: stamp", "column: when"))
    landing.put("town/a.csv", b"meter,when,kwh\nm1,2024-02-29 00:00,1\n", NIGHT.replace(hour=22))
    run(spark, landing.config(lake), PERIOD)
    assert lake.read(silver.QUARANTINE).count() == 0
    assert lake.read(bronze.READINGS).where(F.col("rule_id").isNull()).count() == 1


def test_no_landing_and_a_bad_yaml_are_told_in_a_sentence(spark: SparkSession, lake: Lake, landing: Landing) -> None:
    config = landing.config(lake)
    with pytest.raises(InputMissing, match="There is no landing directory"):
        run(spark, config.model_copy(update={"landing": str(landing.folder / "nowhere")}), PERIOD)
    (landing.sources / "town.yaml").write_text(SOURCE.replace("zone: Europe/Vienna, interval", "zone: Wien, interval"))
    with pytest.raises(BadConfig, match=r"town\.yaml: key 'time\.zone': Wien is not an IANA time zone"):
        run(spark, config, PERIOD)

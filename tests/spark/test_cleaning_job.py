"""jobs/clean.py over small nights: fates, versions, reruns, registers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from bronze_rows import instant, land, meters, night
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from energy_lib.cleaning.conservation import unaccounted
from energy_lib.config import Config
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver
from jobs import clean

TABLES = (silver.READINGS, silver.QUARANTINE, silver.HOURLY)
Fates = dict[tuple[str, int], str]

ROWS_OF_EVERY_RULE = [
    {"meter_id": "limited", "at": "2024-01-01 00:00", "energy_kwh": 1.0},
    {"meter_id": "limited", "at": "2024-01-01 01:00:40", "energy_kwh": 2.0},  # 40 s off: snapped
    {"meter_id": "limited", "at": "2024-01-01 02:05", "energy_kwh": 2.0},
    {"meter_id": "limited", "at": "2024-01-05 00:00", "energy_kwh": 2.0},
    {"meter_id": "limited", "at": "2024-01-01 03:00", "energy_kwh": -2.0},
    {"meter_id": "limited", "at": "2024-01-01 04:00", "energy_kwh": 12.5},  # limit 10 kW x 1.2
    {"meter_id": "stranger", "at": "2024-01-01 05:00", "energy_kwh": 1.0},
    {"meter_id": "limited", "rule_id": "bad_value", "reason": "'x' is no number", "raw_row": "m,x"},
    {"meter_id": "limited", "at": "2024-01-01 06:00"},
    {"meter_id": "limited", "at": "2024-01-01 07:00", "energy_kwh": 3.0},
    {"meter_id": "limited", "at": "2024-01-01 07:00", "energy_kwh": 3.0},
    {"meter_id": "limited", "at": "2024-01-01 08:00", "energy_kwh": 3.0},
    {"meter_id": "limited", "at": "2024-01-01 08:00", "energy_kwh": 4.0},
]
HOURS = [{"meter_id": "m", "at": f"2024-01-01 {h:02}:00", "energy_kwh": float(h)} for h in range(4)]
CORRECTION = [
    {"meter_id": "m", "at": "2024-01-01 01:00", "energy_kwh": 9.0},
    {"meter_id": "m", "at": "2024-01-01 02:00", "energy_kwh": 2.0},  # says nothing new
]
UNKNOWN = [{"meter_id": "n", "at": "2024-01-01 01:00", "energy_kwh": 1.0}]
REGISTERS = [
    {"meter_id": "r", "at": f"2024-01-{at}", "register_kwh": value}
    for at, value in {"01 00:00": 99_990.0, "01 02:00": 99_998.0, "01 06:00": 4.0, "01 07:00": 3.0}.items()
]
REGISTERS_BETWEEN = [
    {"meter_id": "r", "at": "2024-01-01 04:00", "register_kwh": 99_999.5},
    {"meter_id": "r", "at": "2023-12-31 23:00", "register_kwh": 99_989.0},
]


@dataclass(frozen=True)
class Nights:
    """A lake after two nights, and the fates of rows after each."""

    lake: Lake
    first: Fates
    second: Fates

    def readings(self, meter: str) -> list[Row]:
        rows = self.lake.read(silver.READINGS).where(F.col("meter_id") == meter)
        return rows.orderBy("interval_start_utc", "available_at_utc").collect()


def run(lake: Lake) -> Any:
    return clean.run(lake.spark, Config(lake=lake.root), Period.day(date(2024, 3, 1)))


def fates(lake: Lake) -> Fates:
    good = lake.read(silver.READINGS).select("file_id", "row_number", F.lit("silver").alias("rule_id"))
    bad = lake.read(silver.QUARANTINE).select("file_id", "row_number", "rule_id")
    return {(row[0], row[1]): row[2] for row in good.unionByName(bad).collect()}


def of_file(file_id: str, found: Fates) -> list[str]:
    """Fates of a file's rows in their order."""
    return [found[key] for key in sorted(found) if key[0] == file_id]


@pytest.fixture(scope="module")
def nights(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Two nights over meters that do not touch each other: each run costs seconds, so all stories share them."""
    lake = Lake(spark, str(tmp_path_factory.mktemp("clean") / "lake"))
    meters(lake, "limited", capacity_kw=10.0)
    meters(lake, "m", "r")
    files = {"rules": ROWS_OF_EVERY_RULE, "hours": HOURS, "unknown": UNKNOWN, "registers": REGISTERS}
    for name, rows in files.items():
        land(lake, night(spark, name, "2024-01-02 00:00", rows))
    run(lake)
    first = fates(lake)
    for name, rows in {"correction": CORRECTION, "registers_between": REGISTERS_BETWEEN}.items():
        land(lake, night(spark, name, "2024-01-03 00:00", rows))
    meters(lake, "n")
    run(lake)
    return Nights(lake, first, fates(lake))


def test_each_row_rule_sends_its_row_to_quarantine(nights: Nights) -> None:
    expected = ["silver", "silver", "off_grid", "future_stamp", "negative", "above_physical_limit", "unknown_meter"]
    expected += ["bad_value", "unparseable", "duplicate_exact", "silver", "duplicate_conflicting", "silver"]
    assert of_file("rules", nights.first) == expected
    assert of_file("rules", nights.second) == expected
    snapped = next(r for r in nights.readings("limited") if r.row_number == 2)
    assert snapped.interval_start_utc == instant("2024-01-01 01:00").replace(tzinfo=None)
    assert snapped.flags == ["snapped"]


def test_a_correction_closes_the_version_it_replaces(nights: Nights) -> None:
    versions = [
        (f"{r.interval_start_utc:%d %H:%M}", r.energy_kwh, f"{r.available_at_utc:%d %H:%M}",
         r.superseded_at_utc and f"{r.superseded_at_utc:%d %H:%M}")
        for r in nights.readings("m")
    ]  # fmt: skip
    assert versions == [
        ("01 00:00", 0.0, "02 00:00", None),
        ("01 01:00", 1.0, "02 00:00", "03 00:00"),
        ("01 01:00", 9.0, "03 00:00", None),
        ("01 02:00", 2.0, "02 00:00", None),
        ("01 03:00", 3.0, "02 00:00", None),
    ]
    assert of_file("correction", nights.second) == ["silver", "duplicate_exact"]
    hours = nights.lake.read(silver.HOURLY).where("meter_id = 'm'").orderBy("interval_start_utc").collect()
    assert [h.energy_kwh for h in hours] == [0.0, 9.0, 2.0, 3.0]


def test_rows_of_an_unknown_meter_come_back_when_the_meter_is_known(nights: Nights) -> None:
    assert of_file("unknown", nights.first) == ["unknown_meter"]
    assert of_file("unknown", nights.second) == ["silver"]


def test_registers_are_differenced_and_rederived_when_a_read_comes_between(nights: Nights) -> None:
    assert of_file("registers", nights.first) == ["register_first_read", "silver", "silver", "register_rollback"]
    current = nights.readings("r")
    assert [(r.row_number, f"{r.interval_start_utc:%H:%M}", r.interval_minutes) for r in current] == [
        (1, "23:00", 60),
        (2, "00:00", 120),
        (1, "02:00", 120),
        (3, "04:00", 120),
    ]
    assert [r.energy_kwh for r in current] == pytest.approx([1.0, 8.0, 1.5, 4.5])
    assert [r.flags for r in current] == [[], [], [], ["register_rollover"]]
    assert of_file("registers_between", nights.second) == ["silver", "register_first_read"]


@pytest.mark.parametrize(("landed", "late"), [("2024-03-01 00:00", 0), ("2024-03-01 00:01", 24)])
def test_readings_known_only_after_the_origin_are_told_of(spark: SparkSession, landed: str, late: int) -> None:
    hours = [{"meter_id": "m", "at": f"2024-02-29 {h:02}:00", "energy_kwh": 1.0} for h in range(24)]
    # Those of the origin's own day could not be known at it, and do not count.
    hours += [{"meter_id": "m", "at": f"2024-03-01 {h:02}:00", "energy_kwh": 1.0} for h in range(8)]
    hours += [{"meter_id": "m", "rule_id": "bad_value", "reason": "'x' is no number", "raw_row": "m,x"}]
    origin = instant("2024-03-01 00:00")
    assert clean.counted(night(spark, "f", landed, hours), origin) == (33, 24, late)
    told = clean.late_lines(origin, 24, late)
    assert [line.split(" became")[0] for line in told] == [
        "24 of 24 new readings from before 2024-03-01 00:00 UTC"
    ] * bool(late)


def test_every_row_is_somewhere_and_a_rerun_moves_nothing(nights: Nights) -> None:
    tables = [nights.lake.read(t) for t in (bronze.READINGS, silver.READINGS, silver.QUARANTINE)]
    assert unaccounted(*tables).isEmpty()
    before = [nights.lake.version(t) for t in TABLES]
    assert run(nights.lake).rows_in == 0
    assert [nights.lake.version(t) for t in TABLES] == before

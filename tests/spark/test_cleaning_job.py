"""jobs/clean.py over small nights: fates, versions, reruns, registers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from bronze_rows import instant, land, meters, night
from pyspark.sql import functions as F

from energy_lib.cleaning.conservation import unaccounted
from energy_lib.config import Config
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver
from jobs import clean


def run(lake: Lake) -> Any:
    return clean.run(lake.spark, Config(lake=lake.root), Period.day(date(2024, 3, 1)))


def fates(lake: Lake) -> dict[tuple[str, int], str]:
    good = lake.read(silver.READINGS).select("file_id", "row_number", F.lit("silver").alias("rule_id"))
    bad = lake.read(silver.QUARANTINE).select("file_id", "row_number", "rule_id")
    return {(row[0], row[1]): row[2] for row in good.unionByName(bad).collect()}


def versions(lake: Lake) -> list[tuple[Any, ...]]:
    rows = lake.read(silver.READINGS).orderBy("meter_id", "interval_start_utc", "available_at_utc").collect()
    return [
        (r.meter_id, f"{r.interval_start_utc:%d %H:%M}", r.energy_kwh, f"{r.available_at_utc:%d %H:%M}",
         r.superseded_at_utc and f"{r.superseded_at_utc:%d %H:%M}")
        for r in rows
    ]  # fmt: skip


def conserved(lake: Lake) -> bool:
    tables = (lake.read(t) for t in (bronze.READINGS, silver.READINGS, silver.QUARANTINE))
    return unaccounted(*tables).isEmpty()


def test_each_row_rule_sends_its_row_to_quarantine(lake: Lake) -> None:
    meters(lake, "m", capacity_kw=10.0)
    rows = [
        {"meter_id": "m", "at": "2024-01-01 00:00", "energy_kwh": 1.0},
        {"meter_id": "m", "at": "2024-01-01 01:00:40", "energy_kwh": 2.0},  # 40 s off: snapped
        {"meter_id": "m", "at": "2024-01-01 02:05", "energy_kwh": 2.0},
        {"meter_id": "m", "at": "2024-01-05 00:00", "energy_kwh": 2.0},
        {"meter_id": "m", "at": "2024-01-01 03:00", "energy_kwh": -2.0},
        {"meter_id": "m", "at": "2024-01-01 04:00", "energy_kwh": 12.5},  # limit 10 kW x 1.2
        {"meter_id": "stranger", "at": "2024-01-01 05:00", "energy_kwh": 1.0},
        {"meter_id": "m", "rule_id": "bad_value", "reason": "'x' is no number", "raw_row": "m,x"},
        {"meter_id": "m", "at": "2024-01-01 06:00"},
        {"meter_id": "m", "at": "2024-01-01 07:00", "energy_kwh": 3.0},
        {"meter_id": "m", "at": "2024-01-01 07:00", "energy_kwh": 3.0},
        {"meter_id": "m", "at": "2024-01-01 08:00", "energy_kwh": 3.0},
        {"meter_id": "m", "at": "2024-01-01 08:00", "energy_kwh": 4.0},
    ]
    land(lake, night(lake.spark, "f", "2024-01-02 00:00", rows))
    run(lake)
    expected = ["silver", "silver", "off_grid", "future_stamp", "negative", "above_physical_limit", "unknown_meter"]
    expected += ["bad_value", "unparseable", "duplicate_exact", "silver", "duplicate_conflicting", "silver"]
    assert fates(lake) == {("f", i): fate for i, fate in enumerate(expected, start=1)}
    assert conserved(lake)
    snapped = lake.read(silver.READINGS).where("row_number = 2").first()
    assert snapped.interval_start_utc == instant("2024-01-01 01:00").replace(tzinfo=None)
    assert snapped.flags == ["snapped"]


def test_a_correction_closes_the_version_it_replaces_and_a_rerun_moves_nothing(lake: Lake) -> None:
    meters(lake, "m")
    first = [{"meter_id": "m", "at": f"2024-01-01 {h:02}:00", "energy_kwh": float(h)} for h in range(4)]
    land(lake, night(lake.spark, "a", "2024-01-02 00:00", first))
    run(lake)
    again = [{"meter_id": "m", "at": "2024-01-01 01:00", "energy_kwh": 9.0}]
    again += [{"meter_id": "m", "at": "2024-01-01 02:00", "energy_kwh": 2.0}]  # says nothing new
    land(lake, night(lake.spark, "b", "2024-01-03 00:00", again))
    run(lake)
    assert versions(lake) == [
        ("m", "01 00:00", 0.0, "02 00:00", None),
        ("m", "01 01:00", 1.0, "02 00:00", "03 00:00"),
        ("m", "01 01:00", 9.0, "03 00:00", None),
        ("m", "01 02:00", 2.0, "02 00:00", None),
        ("m", "01 03:00", 3.0, "02 00:00", None),
    ]
    assert fates(lake)["b", 2] == "duplicate_exact"
    hours = lake.read(silver.HOURLY).orderBy("interval_start_utc").select("energy_kwh").collect()
    assert [h[0] for h in hours] == [0.0, 9.0, 2.0, 3.0]
    before = [lake.version(t) for t in (silver.READINGS, silver.QUARANTINE, silver.HOURLY)]
    assert run(lake).rows_in == 0
    assert [lake.version(t) for t in (silver.READINGS, silver.QUARANTINE, silver.HOURLY)] == before
    assert conserved(lake)


def test_rows_of_an_unknown_meter_come_back_when_the_meter_is_known(lake: Lake) -> None:
    meters(lake, "m")
    land(
        lake,
        night(lake.spark, "a", "2024-01-02 00:00", [{"meter_id": "n", "at": "2024-01-01 01:00", "energy_kwh": 1.0}]),
    )
    run(lake)
    assert fates(lake) == {("a", 1): "unknown_meter"}
    meters(lake, "n")
    run(lake)
    assert fates(lake) == {("a", 1): "silver"}
    assert conserved(lake)


def test_registers_are_differenced_and_rederived_when_a_read_comes_between(lake: Lake) -> None:
    meters(lake, "m")
    reads = {"01 00:00": 99_990.0, "01 02:00": 99_998.0, "01 06:00": 4.0, "01 07:00": 3.0}
    rows = [{"meter_id": "m", "at": f"2024-01-{at}", "register_kwh": value} for at, value in reads.items()]
    land(lake, night(lake.spark, "a", "2024-01-02 00:00", rows))
    run(lake)
    assert fates(lake) == {
        ("a", 1): "register_first_read",
        ("a", 2): "silver",
        ("a", 3): "silver",
        ("a", 4): "register_rollback",
    }
    between = [{"meter_id": "m", "at": "2024-01-01 04:00", "register_kwh": 99_999.5}]
    between += [{"meter_id": "m", "at": "2023-12-31 23:00", "register_kwh": 99_989.0}]
    land(lake, night(lake.spark, "b", "2024-01-03 00:00", between))
    run(lake)
    current = lake.read(silver.READINGS).orderBy("interval_start_utc").collect()
    assert [(r.row_number, f"{r.interval_start_utc:%H:%M}", r.interval_minutes) for r in current] == [
        (1, "23:00", 60),
        (2, "00:00", 120),
        (1, "02:00", 120),
        (3, "04:00", 120),
    ]
    assert [r.energy_kwh for r in current] == pytest.approx([1.0, 8.0, 1.5, 4.5])
    assert [r.flags for r in current] == [[], [], [], ["register_rollover"]]
    assert fates(lake)["b", 2] == "register_first_read"
    assert conserved(lake)

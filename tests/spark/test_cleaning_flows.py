"""Cleaning of import, export, generation and net: signs, and lakes that were made before there were flows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bronze_rows import land, meters, night
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period
from energy_lib.lake import Lake, conform
from energy_lib.tables import Table, bronze, silver
from jobs import clean


def run(lake: Lake) -> None:
    run_with_lease("clean", lake.spark, Config(lake=lake.root), Period.day(date(2024, 3, 1)), clean.run)


def before_flows(table: Table) -> Table:
    return replace(table, columns=tuple(column for column in table.columns if column.name != "flow"))


def test_a_lake_made_before_flows_gains_them_and_means_import(lake: Lake) -> None:
    for table in (bronze.READINGS, silver.READINGS, silver.HOURLY):
        lake.ensure(before_flows(table))
    old_meters = before_flows(silver.METERS)
    frame = lake.spark.createDataFrame(
        [("m", "electricity", "Europe/London", "registry")],
        "meter_id string, fuel string, zone string, registered_by string",
    )
    lake.append(old_meters, conform(frame, old_meters))
    rows = [{"meter_id": "m", "at": "2024-01-01 00:00", "energy_kwh": 1.0}]
    lake.append(before_flows(bronze.READINGS), night(lake.spark, "old", "2024-01-02 00:00", rows).drop("flow"))
    run(lake)
    for table in (silver.READINGS, silver.HOURLY):
        [row] = lake.read(table).collect()
        assert (row["flow"], row["energy_kwh"]) == ("import", 1.0)


SIGNS = [
    {"meter_id": meter, "flow": flow, "at": f"2024-01-01 {hour:02}:00", "energy_kwh": kwh}
    for meter, flow in (("net", "net"), ("m", None), ("out", "export"), ("roof", "generation"))
    for hour, kwh in enumerate((0.5, -2.0, 0.5))
] + [{"meter_id": "net", "flow": "net", "at": "2024-01-01 03:00", "energy_kwh": -30_000.0}]
NET_REGISTER = [
    {"meter_id": "disc", "flow": "net", "at": f"2024-01-01 {hour:02}:00", "register_kwh": kwh}
    for hour, kwh in enumerate((100.0, 101.0, 98.5, 99.0))
]


def test_only_a_net_meter_goes_below_zero(lake: Lake) -> None:
    meters(lake, "net", "m", "out", "roof", "disc")
    land(lake, night(lake.spark, "signs", "2024-01-02 00:00", SIGNS))
    land(lake, night(lake.spark, "disc", "2024-01-02 00:00", NET_REGISTER))
    run(lake)
    rejected = lake.read(silver.QUARANTINE).orderBy("file_id", "row_number")
    found = [(row["meter_id"], row["rule_id"]) for row in rejected.where("file_id = 'signs'").collect()]
    assert sorted(found) == [
        ("m", "negative"),
        ("net", "above_physical_limit"),
        ("out", "negative"),
        ("roof", "negative"),
    ]
    hours = lake.read(silver.HOURLY).orderBy("interval_start_utc")
    net = hours.where(F.col("meter_id") == "net").collect()
    assert [(row["flow"], row["energy_kwh"], row["quality"]) for row in net] == [
        ("net", kwh, "measured") for kwh in (0.5, -2.0, 0.5)
    ]
    # A register that counts both ways falls while the site exports: that is no rollback.
    disc = hours.where(F.col("meter_id") == "disc").collect()
    assert [row["energy_kwh"] for row in disc] == [1.0, -2.5, 0.5]
    estimated = hours.where((F.col("meter_id") == "out") & (F.hour("interval_start_utc") == 1)).collect()
    assert [(row["flow"], row["energy_kwh"], row["quality"]) for row in estimated] == [("export", 0.5, "imputed")]

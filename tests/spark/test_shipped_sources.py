"""Every shipped layout of readings, with values as they are published, comes through ingest and clean into silver."""

from __future__ import annotations

import io
import os
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from exported_samples import EXPORTS
from pyspark.sql import SparkSession
from shipped_samples import GREEN_BUTTON, REGISTRY, SAMPLES

from energy_lib.config import Config
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.landing.sources.allowed_values import Format
from energy_lib.landing.sources.loading import load_sources
from energy_lib.landing.sources.source import Kind
from energy_lib.tables import silver
from jobs import clean, ingest

LANDED = datetime(2024, 12, 1, 20, 30, tzinfo=UTC).timestamp()
DAY = Period.day(date(2024, 12, 1))


def parquet() -> bytes:
    buffer = io.BytesIO()
    frame = pd.DataFrame(
        {"meter_id": ["b1_e"], "building_id": ["b1"], "fuel": ["electricity"], "ts_utc": ["2010-07-01"], "kwh": [17.3]}
    )
    frame.astype({"ts_utc": "datetime64[ns]", "kwh": "float32"}).to_parquet(buffer)
    return buffer.getvalue()


NEM12 = f"100,NEM12,1,A,B\n200,6123456789,E1,,E1,N1,1,kWh,30,\n300,20240407,{'0.5,' * 48}A,,,,\n900\n"
HOUSE = "Date;Time;Global_active_power\n16/12/2006;17:24:00;4.216\n"
# Source → its file, and the readings it holds.
FILES = {
    "cambridge": ("readings.csv", "meter_id,building_id,fuel,ts_utc,kwh\nb0_g,b0,gas,2021-03-28T00:00:00Z,10.8\n", 1),
    "cambridge_bench": ("readings-2010.parquet", parquet(), 1),
    "green_button": ("usage.xml", GREEN_BUTTON, 1),
    "low_carbon_london": (
        "L.csv",
        "LCLid,DateTime,KWH/hh (per half hour) \nM2,2012-10-12 00:30:00.0000000, 0.143\n",
        1,
    ),
    "nem12": ("d.csv", NEM12, 48),
    "pjm_hourly": ("AEP_hourly.csv", "Datetime,AEP_MW\n2004-12-31 01:00:00,13478.0\n2004-12-31 02:00:00,165563.0\n", 2),
    "posted_readings": (*SAMPLES["posted_readings"], 24),
    "simulator": (
        "readings-1.csv",
        "meter_id,building_id,fuel,flow,interval_start,interval_minutes,energy_kwh,quality,received_at\n"
        "s1,b1,gas,import,2024-01-01T23:30:00Z,30,1.5,estimated,2024-01-03T00:00:00Z\n",
        1,
    ),
    "uci_electricity_load_diagrams": ("LD2011_2014.txt", '"";"MT_362"\n"2013-03-30 01:00:00";115500,5\n', 1),
    "uci_household_power": ("household_power_consumption.txt", HOUSE, 1),
}
# Exports of people's own accounts, and their readings: two reads of a register make one.
EXPORTED = {"fluvius": 3, "homewizard_p1": 2, "e_distribuzione": 96, "datadis": 2, "eloverblik": 2, "octopus": 2}
EXPORTED |= {"sdge": 2, "pge": 2, "smart_meter_texas": 2, "aemo_demand": 2}
EXPORTED |= {"enedis": 5, "n3rgy": 2, "liander": 4, "liander_gas": 1, "elhub": 4, "fingrid": 3, "home_assistant": 6}
EXPORTED |= {"home_assistant_statistics": 2, "ieso_demand": 3, "eia930_demand": 2}
EXPORTED |= {"entsoe_load": 4, "entsoe_load_archive": 4}
FILES |= {name: (*EXPORTS[name], count) for name, count in EXPORTED.items()}
METERS = f"{REGISTRY}\ns1,gas,import,Europe/London,GB,,,,,,,,,dwelling,,,,,,\n"


def test_every_shipped_layout_reaches_silver(spark: SparkSession, lake: Lake, tmp_path: Path) -> None:
    of_files = [source for source in load_sources(None).values() if source.format is not Format.KAFKA]
    readings = {source.name for source in of_files if source.kind is Kind.READINGS}
    assert readings == set(FILES), "a new layout brings a file here"
    files = {**FILES, "simulator_meters": ("meters.csv", METERS, 0)}
    for name, (file, data, _) in files.items():
        path = tmp_path / "landing" / name / file
        path.parent.mkdir(parents=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        os.utime(path, (LANDED, LANDED))
    config = Config(lake=lake.root, landing=str(tmp_path / "landing"))
    ingest.run(spark, config, DAY)
    clean.run(spark, config, DAY)
    rejected = lake.read_or_empty(silver.QUARANTINE).select("source", "rule_id", "reason").collect()
    # The first read of a register has nothing before it.
    expected = ("register_first_read", "ignored_row")
    assert [tuple(row) for row in rejected if row["rule_id"] not in expected] == []
    found = Counter(row["source"] for row in lake.read(silver.READINGS).select("source").collect())
    assert found == {name: count for name, (_, _, count) in FILES.items()}

"""Factors, tariffs, projects, assets and events through ingest: repeats, newer files, and rows that are bad."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from answer_references import COLUMNS, GOOD, source_text
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import references, silver
from energy_lib.tables.arrow import arrow_schema
from jobs import ingest

NIGHT = datetime(2024, 3, 1, 20, 30, tzinfo=UTC)
PERIOD = Period.day(date(2024, 3, 1))


class Landing:
    """A landing folder with a source for each kind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "sources").mkdir()
        for kind in COLUMNS:
            (root / "sources" / f"town_{kind}.yaml").write_text(source_text(kind))

    def put(self, kind: str, name: str, *lines: str, day: int = 1) -> None:
        path = self.root / "landing" / f"town_{kind}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([COLUMNS[kind], *lines, ""]))
        stamp = NIGHT.replace(day=day).timestamp()
        os.utime(path, (stamp, stamp))

    def config(self, lake: Lake) -> Config:
        return Config(lake=lake.root, landing=str(self.root / "landing"), sources_dir=str(self.root / "sources"))


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


def versions(lake: Lake) -> dict[str, int]:
    return {table.name: lake.version(table) for table in references.TABLES}


def said(lake: Lake) -> dict[str, list[str]]:
    """What the tables say, without the files that said it."""
    return {
        table.name: sorted(
            str([row[name] for name in table.column_names if name not in silver.SAID_BY_NAMES])
            for row in lake.small_tables.rows(table)
        )
        for table in references.TABLES
    }


def rejected(lake: Lake) -> dict[tuple[str, int], tuple[str, str]]:
    rows = lake.small_tables.rows(silver.QUARANTINE)
    return {(row["source"], row["row_number"]): (row["rule_id"], row["raw_row"]) for row in rows}


def test_all_kinds_land_and_saying_it_again_is_no_news(spark: SparkSession, lake: Lake, landing: Landing) -> None:
    for kind, lines in GOOD.items():
        landing.put(kind, "first.csv", *lines)
    bad = "electricity,FR,scope_2,location,,2024-01-01,,0.05,,ADEME,"
    landing.put("emission_factors", "bad.csv", bad)
    ingest.run(spark, landing.config(lake), PERIOD)
    first = said(lake)
    assert {kind: len(rows) for kind, rows in first.items()} == {kind: len(rows) for kind, rows in GOOD.items()}
    assert rejected(lake) == {("town_emission_factors", 1): ("missing_value", bad)}
    before = versions(lake)
    for kind, lines in GOOD.items():
        landing.put(kind, "copy.csv", *lines, day=2)
    ingest.run(spark, landing.config(lake), PERIOD)
    assert versions(lake) == before
    # Other bytes that say the same. One key column of most factors is empty.
    for kind, lines in GOOD.items():
        landing.put(kind, "again.csv", *reversed(lines), day=2)
    ingest.run(spark, landing.config(lake), PERIOD)
    assert said(lake) == first


def test_the_newest_file_stands_and_declares_a_tariff_whole(
    spark: SparkSession, tmp_path: Path, landing: Landing
) -> None:
    rate, factor = GOOD["tariffs"][3], GOOD["emission_factors"][0]
    broken = [
        rate.replace("day_night", "kept").replace("0.2,", "9,"),
        rate.replace("day_night", "kept").replace("unit_rate", "levy"),
    ]
    nights = {
        1: {"tariffs": [*GOOD["tariffs"], rate.replace("day_night", "kept")], "emission_factors": [factor]},
        2: {"tariffs": [rate.replace("0.2,", "0.25,"), *broken], "emission_factors": [factor.replace("0.2,", "0.3,")]},
    }
    found = []
    for order in ((1, 2), (2, 1)):
        lake = Lake(spark, str(tmp_path / f"lake{order[0]}"))
        for day in order:
            for kind, lines in nights[day].items():
                landing.put(kind, f"{day}.csv", *lines, day=day)
            ingest.run(spark, landing.config(lake), PERIOD)
        charges = {(r["tariff_id"], r["charge"], r["rate"]) for r in lake.small_tables.rows(references.TARIFFS)}
        [of_region] = lake.small_tables.rows(references.EMISSION_FACTORS)
        found.append((charges, of_region["factor_kgco2e_per_kwh"]))
        for path in (landing.root / "landing").rglob("*.csv"):
            path.unlink()
    assert found[0] == found[1]
    charges, factor_of_region = found[0]
    assert factor_of_region == 0.3
    assert charges == {
        ("day_night", "unit_rate", 0.25),
        ("kept", "unit_rate", 0.2),  # what the newer file says of it breaks a rule
        ("market", "price_series", None),
        ("market", "unit_rate", 0.2),
    }


METERS = """
kind: meters
format: csv
columns: {meter_id: id, fuel: fuel, zone: zone, tariff_id: tariff, carbon_region: region,
          supply_contract_id: contract, agreed_capacity_kw: kw}
"""
READINGS = """
format: csv
meter: {column: id}
time: {column: ts, interval_minutes: 60}
value: {column: kwh, unit: kWh}
fuel: electricity
meters: {zone: Europe/London, tariff_id: market, carbon_region: GB, supply_contract_id: green, agreed_capacity_kw: 50}
"""


def test_meters_say_their_tariff_and_region_and_a_lake_of_before_gains_the_columns(
    spark: SparkSession, lake: Lake, landing: Landing
) -> None:
    new = ("tariff_id", "carbon_region", "supply_contract_id", "agreed_capacity_kw")
    older = pa.schema([field for field in arrow_schema(silver.METERS) if field.name not in new])
    row: dict[str, Any] = dict.fromkeys(older.names)
    row |= {"meter_id": "old", "fuel": "gas", "zone": "Europe/London", "registered_by": "registry"}
    spark.createDataFrame(pa.Table.from_pylist([row], schema=older)).write.format("delta").save(
        f"{lake.root}/silver/meters"
    )
    (landing.root / "sources" / "registry.yaml").write_text(METERS)
    (landing.root / "sources" / "readings.yaml").write_text(READINGS)
    for name, text in (
        (
            "registry/m.csv",
            "id,fuel,zone,tariff,region,contract,kw\na,electricity,Europe/Paris,day_night,FR,,80\nb,gas,Europe/Paris,,,,-1\n",
        ),
        ("readings/r.csv", "id,ts,kwh\nseen,2024-02-29 00:00,1\n"),
    ):
        path = landing.root / "landing" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    ingest.run(spark, landing.config(lake), PERIOD)
    found = {r["meter_id"]: tuple(r[name] for name in new) for r in lake.small_tables.rows(silver.METERS)}
    assert found == {
        "old": (None, None, None, None),
        "a": ("day_night", "FR", None, 80.0),
        "seen": ("market", "GB", "green", 50.0),
    }
    assert rejected(lake)["registry", 2][0] == "implausible_value"

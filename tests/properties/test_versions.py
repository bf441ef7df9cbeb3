"""Versions depend on the set of rows: an oracle in plain Python, and nights offered in another order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from bronze_rows import instant, land, meters, night
from pyspark.sql import SparkSession
from version_oracle import chain

from energy_lib.cleaning.spark.conservation import unaccounted
from energy_lib.cleaning.spark.validation import accepted, validate
from energy_lib.cleaning.spark.validation_scope import all_rows
from energy_lib.config import CleaningConfig, Config
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver
from jobs import clean

FILES = {"a": 2, "b": 2, "c": 3, "d": 5}  # landed on that day of January; two together


def offered(seed: int, meter_count: int) -> dict[str, list[dict[str, Any]]]:
    """Few values and few instants, so that repeats, conflicts and ties abound."""
    rng = np.random.default_rng(seed)
    files: dict[str, list[dict[str, Any]]] = {name: [] for name in FILES}
    for meter in range(meter_count):
        for _ in range(int(rng.integers(1, 7))):
            name = str(rng.choice(list(FILES)))
            # Known at the interval's end, or at the file's landing.
            known = instant("2024-01-01 01:00") if rng.random() < 0.5 else instant(f"2024-01-0{FILES[name]} 00:00")
            row = {"meter_id": f"m{meter}", "at": "2024-01-01 00:00", "energy_kwh": float(rng.integers(3))}
            files[name].append(row | {"available_at_utc": known})
    return files


def test_chains_are_as_the_oracle_says(spark: SparkSession) -> None:
    files = offered(seed=7, meter_count=300)
    frames = [night(spark, name, f"2024-01-0{FILES[name]} 00:00", rows) for name, rows in files.items()]
    bronze_rows = frames[0].unionByName(frames[1]).unionByName(frames[2]).unionByName(frames[3])
    known = spark.createDataFrame(
        [(f"m{i}", "electricity", "import", None) for i in range(300)],
        "meter_id string, fuel string, flow string, capacity_kw double",
    )
    versions = accepted(validate(all_rows(bronze_rows), known, CleaningConfig())).collect()
    found: dict[str, list[tuple[Any, ...]]] = {}
    for r in sorted(versions, key=lambda r: r.available_at_utc):
        version = (r.available_at_utc, r.energy_kwh, r.superseded_at_utc, r.file_id, r.row_number)
        found.setdefault(r.meter_id, []).append(version)
    given: dict[str, list[tuple[Any, ...]]] = {}
    for name, rows in files.items():
        for number, row in enumerate(rows, start=1):
            landed = instant(f"2024-01-0{FILES[name]} 00:00").replace(tzinfo=None)
            entry = (landed, row["available_at_utc"].replace(tzinfo=None), name, number, row["energy_kwh"])
            given.setdefault(row["meter_id"], []).append(entry)
    assert found == {meter: chain(rows) for meter, rows in given.items()}


def test_nights_in_another_order_give_the_same_tables(lake: Lake) -> None:
    """All files in one night, or the newest first: the same versions, the same quarantine, the same hours."""
    files = offered(seed=11, meter_count=40)
    later = {"meter_id": "m0", "at": "2024-01-01 05:00", "energy_kwh": 1.0}
    files["d"].append(later | {"available_at_utc": instant("2024-01-05 00:00")})
    at_once, backwards = (Lake(lake.spark, f"{lake.root}/{name}") for name in ("at_once", "backwards"))
    frames = {name: night(lake.spark, name, f"2024-01-0{FILES[name]} 00:00", rows) for name, rows in files.items()}
    period = Period.day(date(2024, 1, 6))
    for target, nights in ((at_once, ["abcd"]), (backwards, ["bd", "ac"])):
        meters(target, *(f"m{i}" for i in range(40)))
        for names in nights:
            for name in names:
                land(target, frames[name])
            clean.run(lake.spark, Config(lake=target.root), period)
        tables = (target.read(t) for t in (bronze.READINGS, silver.READINGS, silver.QUARANTINE))
        assert unaccounted(*tables).isEmpty()
    for table in (silver.READINGS, silver.QUARANTINE, silver.HOURLY):
        left, right = at_once.read(table), backwards.read(table)
        assert left.exceptAll(right).isEmpty(), table.full_name
        assert right.exceptAll(left).isEmpty(), table.full_name


def test_the_oracle_knows_a_correction_from_a_repeat() -> None:
    day = instant("2024-01-01 00:00").replace(tzinfo=None)
    rows = [(day + timedelta(days=2), day, "a", 1, 5.0), (day + timedelta(days=3), day, "b", 1, 5.0)]
    rows += [(day + timedelta(days=4), day, "c", 1, 6.0)]
    late = day + timedelta(days=4)
    assert chain(rows) == [(day, 5.0, late, "a", 1), (late, 6.0, None, "c", 1)]

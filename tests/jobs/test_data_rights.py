"""A home is forgotten and exported on the lake of a night: every byte is searched, by a search of the tests' own."""

from __future__ import annotations

import csv
import getpass
import io
import json
import re
import shutil
import signal
import sqlite3
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from byte_search import files_with
from lake_content import tables_of
from pyspark.sql import SparkSession
from small_utility import NIGHT, Utility, kill
from test_ingest_killed import caught_at

from energy_lib.entry import run_with_lease
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.intervals import Period, parse_day
from energy_lib.lake import Outcome
from energy_lib.registry.versions import training_due, versions
from energy_lib.tables import gold
from jobs import clean, erase, export_person, ingest

PERIOD = Period.day(parse_day(NIGHT))
OFFICER = f"privacy.officers=[{getpass.getuser()}]"


@pytest.fixture(scope="module")
def home(reference: Path) -> tuple[str, list[str]]:
    """A building that has a project's neighbours but no virtual meter, and its registers."""
    tables = tables_of(reference)
    meters = tables["silver.meters"].filter((pl.col("use") == "dwelling") & (pl.col("flow") == "import"))
    virtual = set(tables["silver.virtual_meters"]["meter_id"])
    of = meters.group_by("building_id").agg(pl.col("meter_id").sort()).sort("building_id")
    whole = tables["silver.meters"].group_by("building_id").len()
    for building, ids in of.rows():
        (count,) = whole.filter(pl.col("building_id") == building)["len"]
        if count == len(ids) and not virtual & set(ids):
            return building, ids
    raise AssertionError("the small utility has no such home")


@pytest.fixture
def copied(utility: Utility, reference: Path, tmp_path: Path) -> tuple[Utility, Path]:
    """Landing and lake of the night, to be written to. Its MLflow store says where its own artefacts lie."""
    shutil.copytree(utility.landing, tmp_path / "landing")
    shutil.copytree(reference, tmp_path / "lake")
    with sqlite3.connect(tmp_path / "lake" / "mlflow" / "mlflow.db") as store:
        for table, column in (
            ("experiments", "artifact_location"),
            ("runs", "artifact_uri"),
            ("model_versions", "source"),
        ):
            store.execute(
                f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (str(reference), str(tmp_path / "lake"))
            )
    return Utility(tmp_path / "landing"), tmp_path / "lake"


def own_readings(lake: Path, ids: list[str]) -> set[str]:
    """Values, as the files write them, that these meters alone were read with, and that no row of others holds."""
    tables = tables_of(lake)
    rows, of_others = tables["bronze.readings"], ~pl.col("meter_id").is_in(ids).fill_null(False)
    own = set(rows.filter(~of_others & pl.col("rule_id").is_null())["raw_value"])
    others = set(rows.filter(of_others)["raw_value"])
    numbers = set().union(*(numbers_of_others(table, ids) for table in tables.values()))
    return {value for value in own - others if re.fullmatch(r"\d+\.\d\d[1-9]", value) and float(value) not in numbers}


def numbers_of_others(table: pl.DataFrame, ids: list[str]) -> set[float]:
    """Of rows that name none of these meters; as they are printed."""
    if "meter_id" in table.columns:
        table = table.filter(~pl.col("meter_id").is_in(ids).fill_null(False))
    columns = (column.drop_nulls() for column in table.iter_columns() if column.dtype.is_float())
    return {float(str(value)) for column in columns for value in column.to_numpy()}


def erased(spark: SparkSession, utility: Utility, lake: Path, ids: list[str]) -> Outcome:
    config = utility.config(lake, OFFICER)
    return run_with_lease("erase", spark, config, PERIOD, partial(erase.run, meters=ids))


def test_a_home_is_forgotten_to_the_last_byte_and_all_others_are_as_before(
    spark: SparkSession, copied: tuple[Utility, Path], home: tuple[str, list[str]]
) -> None:
    utility, lake = copied
    building, ids = home
    readings, before = own_readings(lake, ids), tables_of(lake)
    assert len(readings) > 5
    numbers = list(map(float, readings))
    assert len(files_with([lake, utility.landing], ids)) > 50
    assert any("shards" in file for file in files_with([lake], ids, numbers)), "or this test would prove less"
    outcome = erased(spark, utility, lake, ids)
    assert files_with([lake, utility.landing], [*ids, building, *readings], numbers) == []
    after = tables_of(lake)
    for name in ("bronze.readings", "silver.readings", "silver.hourly_readings", "silver.quarantine", "gold.features"):
        kept = before[name].filter(~pl.col("meter_id").is_in(ids).fill_null(False))
        if "raw_row" in kept.columns:
            # A line that could not be split names its meter all the same.
            kept = kept.filter(~pl.col("raw_row").str.contains_any(ids).fill_null(False))
        assert after[name].equals(kept, null_equal=True), name
    assert after["gold.area_summaries"].equals(before["gold.area_summaries"])
    text = "\n".join(outcome.lines)
    assert "area summaries and indicators" in text
    assert "Kafka" in text
    assert "Still names it" not in text
    config = utility.config(lake)
    assert [version.outlived for version in versions(config)] == [True]
    assert "Version 1 (dense) was trained on it: retrain." in outcome.lines
    assert training_due(config, PERIOD), "the next night trains, whatever its age"
    # Nothing is read again, and what is published next is complete.
    for job, run in (("ingest", ingest.run), ("clean", clean.run)):
        done = run_with_lease(job, spark, config, PERIOD, run)
        assert done.rows_in == 0, job
    assert files_with([lake], ids) == []
    with pytest.raises(InputMissing, match="Nothing of 2 meters was found"):
        erased(spark, utility, lake, ids)


def test_an_erasure_that_was_killed_is_completed_by_the_next(
    spark: SparkSession, copied: tuple[Utility, Path], home: tuple[str, list[str]]
) -> None:
    utility, lake = copied
    building, ids = home
    version = newest_version(lake, "gold", "forecasts")
    meters = [word for id_ in ids for word in ("--meter", id_)]
    killed = utility.start("erase", lake, "--set", OFFICER, "--date", NIGHT, *meters)
    try:
        caught_at(killed, lake, gold.FORECASTS, version + 1, signal.SIGKILL)
    finally:
        kill(killed)
    assert files_with([lake], ids) != []
    erased(spark, utility, lake, ids)
    assert files_with([lake, utility.landing], [*ids, building]) == []
    assert [each.outlived for each in versions(utility.config(lake))] == [True], "its shards went with the first run"


def newest_version(lake: Path, layer: str, name: str) -> int:
    return max(int(path.stem) for path in (lake / layer / name / "_delta_log").glob("*.json"))


def test_only_officers_and_only_whole_points(
    spark: SparkSession, copied: tuple[Utility, Path], home: tuple[str, list[str]], tmp_path: Path
) -> None:
    utility, lake = copied
    config = utility.config(lake)
    acts: tuple[Callable[[], object], ...] = (
        lambda: erase.run(spark, config, PERIOD, home[1]),
        lambda: export_person.run(config, home[1], str(tmp_path / "a.zip")),
    )
    for act in acts:
        with pytest.raises(BadConfig, match="it takes a privacy officer"):
            act()
    registers = tables_of(lake)["bronze.readings"].group_by("raw_meter_id").agg(pl.col("meter_id").unique().sort())
    first, *others = registers.filter(pl.col("meter_id").list.len() > 1)["meter_id"].to_list()[0]
    with pytest.raises(BadConfig, match=f"name the registers {', '.join(others)} like"):
        erased(spark, utility, lake, [first])


def test_an_export_holds_every_row_of_a_home_and_says_what_it_means(
    copied: tuple[Utility, Path], home: tuple[str, list[str]], tmp_path: Path
) -> None:
    utility, lake = copied
    _, ids = home
    file = tmp_path / "person.zip"
    export_person.run(utility.config(lake, OFFICER), ids, str(file))
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        tables = {name: list(csv.DictReader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}
        readme = archive.read("README.txt").decode()
    for name, rows in tables_of(lake).items():
        if "meter_id" in rows.columns and name != "silver.virtual_meters":
            own = rows.filter(pl.col("meter_id").is_in(ids))
            assert len(tables.get(f"{name}.csv", [])) >= own.height, name
    hours = tables["silver.hourly_readings.csv"]
    lake_kwh = tables_of(lake)["silver.hourly_readings"].filter(pl.col("meter_id").is_in(ids))["energy_kwh"].sum()
    assert sum(float(row["energy_kwh"] or 0) for row in hours) == pytest.approx(lake_kwh)
    assert {row["meter_id"] for row in hours} == set(ids)
    meanings = {(row["table"], row["column"]): row for row in tables["columns.csv"]}
    assert "kWh" in meanings["silver.hourly_readings", "energy_kwh"]["meaning"]
    assert meanings["silver.hourly_readings", "energy_kwh"]["sensitivity"] == "consumption"
    assert all(id_ in readme for id_ in ids)
    assert json.loads(tables["silver.readings.csv"][0]["flags"]) == []
    with pytest.raises(BadConfig, match="exists already"):
        export_person.run(utility.config(lake, OFFICER), ids, str(file))
    with pytest.raises(InputMissing, match="There is no meter nobody"):
        export_person.run(utility.config(lake, OFFICER), ["nobody"], str(tmp_path / "other.zip"))

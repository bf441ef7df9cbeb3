"""A dry run says what ingest and cleaning would quarantine, and writes nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from energy_lib.lake import Lake
from jobs.ingest import dry_run, propose

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC).timestamp()
TOWN = """
format: csv
meter: {column: meter}
time: {column: stamp, interval_minutes: 60}
value: {column: kwh, unit: kWh}
fuel: electricity
"""
ROWS = """meter,stamp,kwh
m1,2024-06-01 00:00,1.5
m1,2024-06-01 01:00,-1.5
m1,2024-06-01 02:00,1500
m1,2024-06-01 03:07,1.5
m2,2024-06-02 04:00,1.5
m2,2024-06-01 05:00,oops
"""


@pytest.mark.parametrize("meters", ["registry", "{zone: Europe/Vienna, capacity_kw: 100}"])
def test_a_dry_run_applies_the_rules_of_cleaning(
    spark: SparkSession, lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str], meters: str
) -> None:
    (tmp_path / "town.yaml").write_text(f"{TOWN}meters: {meters}\n")
    file = tmp_path / "june.csv"
    file.write_text(ROWS)
    os.utime(file, (LANDED, LANDED))
    settings = [f"lake={lake.root}", f"sources_dir={tmp_path}"]
    assert dry_run(None, settings, str(file), "town") == 0
    said = capsys.readouterr().out
    assert "5 of 6 rows parse; 1 would be quarantined" in said
    registry = meters == "registry"
    assert f"cleaning would quarantine {3 if registry else 4}" in said
    expected = {"negative": 2, "off_grid": 4, "future_stamp": 5} | ({} if registry else {"above_physical_limit": 3})
    for rule, row in expected.items():
        assert f"  {rule}: 1 rows\n    row {row}: " in said
    assert ("2 of its meters are not in silver.meters (for instance m1)" in said) == registry
    assert said.endswith("Nothing was written.\n")
    assert not Path(lake.root).exists()


def test_a_dry_run_says_what_becomes_of_readings_of_a_month(
    spark: SparkSession, lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Path(__file__).parents[1] / "cases" / "monthly_csv"
    settings = [f"lake={lake.root}", f"sources_dir={case}"]
    assert dry_run(None, settings, str(case / "f.csv"), "monthly_csv") == 0
    said = capsys.readouterr().out
    assert "cleaning would quarantine 0" in said
    assert "3 readings are longer than an hour, the longest" in said
    assert "they are kept whole (880.00 kWh), and the hourly view spreads them evenly as estimates." in said


def test_a_proposal_ends_in_a_dry_run_with_cleaning(
    spark: SparkSession, lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "june.csv"
    file.write_text("meter,stamp,kwh\n" + "".join(f"m1,2024-06-01 {hour:02d}:00,{hour % 5}.5\n" for hour in range(24)))
    os.utime(file, (LANDED, LANDED))
    assert propose(None, [f"lake={lake.root}"], [str(file)]) == 0
    said = capsys.readouterr().out
    assert "  column: meter " in said
    assert "  interval_minutes: 60 " in said
    assert "24 of 24 rows parse; 0 would be quarantined" in said
    assert "cleaning would quarantine" in said
    assert propose(None, [], [str(tmp_path / "none.csv")]) == 4
    assert "There is no file" in capsys.readouterr().err
    assert not Path(lake.root).exists()

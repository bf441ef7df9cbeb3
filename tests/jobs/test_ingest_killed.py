"""The short form of test_kill_and_rerun.py, for every change: one small ingest by spark-submit, killed or stopped.

The rerun, the successor and the uninterrupted run that all are held against are in the tests' own Spark session.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from lake_content import differences, tables_of
from pyspark.sql import SparkSession
from small_utility import NIGHT, Utility, kill

from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.errors import TryAgain
from energy_lib.intervals import Period, parse_day
from energy_lib.lake import Outcome
from energy_lib.lake import lease as lease_module
from energy_lib.lake.lease import process_stat
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import Table, bronze, ops
from jobs import ingest

PERIOD = Period.day(parse_day(NIGHT))
SECONDS = 120
METERS = "meter_id,fuel,zone,country\nm1,electricity,Europe/Vienna,AT\n"
HEADER = "meter_id,building_id,fuel,flow,interval_start,interval_minutes,energy_kwh,quality,received_at\n"
FILES = {
    "meters.csv": METERS,
    "readings-2024-02-18.csv": HEADER
    + "m1,b1,electricity,import,2024-02-18T00:00:00Z,60,1.5,measured,2024-02-18T02:00:00Z\n"
    + "m1,b1,electricity,import,2024-02-18T01:00:00Z,60,much,measured,2024-02-18T02:00:00Z\n",
    "readings-2024-02-19.csv": HEADER
    + "m1,b1,electricity,import,2024-02-19T00:00:00Z,60,2.5,measured,2024-02-19T02:00:00Z\n",
    "readings-broken.csv": "no,header,of,readings\n1,2,3,4\n",
}
ROWS = 3


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Utility:
    landing = tmp_path_factory.mktemp("town") / "landing"
    folder = landing / "simulator"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
        os.utime(folder / name, (1_708_400_000, 1_708_400_000))
    return Utility(landing)


@pytest.fixture(scope="module")
def whole(spark: SparkSession, town: Utility) -> Path:
    """The lake of an uninterrupted ingest."""
    return run(spark, town, town.landing.parent / "whole")


def run(spark: SparkSession, town: Utility, lake: Path) -> Path:
    run_with_lease("ingest", spark, town.config(lake), PERIOD, ingest.run)
    return lake


def caught_at(process: subprocess.Popen[str], lake: Path, table: Table, version: int, by: signal.Signals) -> None:
    """Send a signal to all processes of the job as soon as the table has this version."""
    entry = lake / table.layer / table.name / "_delta_log" / f"{version:020d}.json"
    until = time.monotonic() + SECONDS
    while not entry.exists():
        assert process.poll() is None, process.communicate()[0][-6000:]
        assert time.monotonic() < until, f"{table.full_name} never had version {version}"
        time.sleep(0.002)
    os.killpg(process.pid, by)


def test_an_ingest_killed_and_run_again_gives_the_tables_of_an_uninterrupted_one(
    spark: SparkSession, town: Utility, whole: Path, tmp_path: Path
) -> None:
    """Killed when the readings are there, and nothing says so yet."""
    lake = tmp_path / "killed"
    killed = town.start("ingest", lake, "--date", NIGHT)
    try:
        caught_at(killed, lake, bronze.READINGS, 1, signal.SIGKILL)
        assert killed.wait(SECONDS) == -signal.SIGKILL, "done before the kill"
        # Python, below the Java process that was waited for.
        (row,) = SmallTables(str(lake)).rows(ops.LEASES)
        while process_stat(row["pid"])[0] not in ("", *lease_module.ENDED):
            time.sleep(0.01)
    finally:
        kill(killed)
    assert tables_of(whole)["bronze.readings"].height == ROWS
    assert differences(whole, lake) != [], "the kill left something to do"
    assert differences(whole, run(spark, town, lake)) == []


def test_an_ingest_stopped_and_continued_beside_its_successor_ends_with_75_and_changes_nothing(
    spark: SparkSession, town: Utility, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped when its files are claimed, and none of their rows is there yet."""
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 1)
    lake = tmp_path / "stopped"
    stopped = town.start("ingest", lake, "--date", NIGHT)

    def beside(spark: SparkSession, config: Config, period: Period) -> Outcome:
        os.killpg(stopped.pid, signal.SIGCONT)
        outcome = ingest.run(spark, config, period)
        output, _ = stopped.communicate(timeout=SECONDS)
        assert stopped.returncode == TryAgain.exit_code, output[-6000:]
        return outcome

    try:
        caught_at(stopped, lake, bronze.FILES, 1, signal.SIGSTOP)
        time.sleep(1.5)
        run_with_lease("ingest", spark, town.config(lake), PERIOD, beside)
    finally:
        kill(stopped)
    assert differences(whole, lake) == []

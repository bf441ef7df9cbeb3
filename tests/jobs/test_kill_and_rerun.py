"""SIGKILL at random points of a night, rerun, and the tables are those of an uninterrupted night.

The short form kills whole nights; the long one each step, by itself, where ENERGY_KILLS says how many kills at least
(each is killed once at least). ENERGY_KILL_SEED draws other points.

A night that is stopped (SIGSTOP) instead, and goes on beside its successor, ends with 75 and changes nothing.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from lake_content import differences
from small_utility import NIGHT, Utility, kill

from energy_lib.lake.lease import LEASE_SECONDS
from jobs import nightly

STEPS = tuple(step.job for step in nightly.STEPS)
KILLS = int(os.environ.get("ENERGY_KILLS", str(len(STEPS) + 1)))
SEED = int(os.environ.get("ENERGY_KILL_SEED", "1"))
START_SECONDS = 120
# A night by spark-submit takes longer than the reference, in a warm session: two kills lie within one.
SHARE_OF_A_NIGHT = (0.1, 0.6)


def durations(lake: Path) -> dict[str, float]:
    """Seconds that each step of an uninterrupted night took."""
    runs = pl.read_delta(str(lake / "ops" / "runs"))
    return dict(zip(runs["job"], runs["duration_s"], strict=True))


def lease_commits(lake: Path) -> int:
    return len(list((lake / "ops" / "leases" / "_delta_log").glob("*.json")))


def at_work(process: subprocess.Popen[str], lake: Path) -> bool:
    """Wait until the job has taken the writer's lease; False if it ended without."""
    before, until = lease_commits(lake), time.monotonic() + START_SECONDS
    while lease_commits(lake) == before:
        assert time.monotonic() < until, "the job never began"
        if process.poll() is not None:
            return False
        time.sleep(0.05)
    return True


def killed(utility: Utility, lake: Path, job: str, seconds: float) -> bool:
    """Run a job of the night and kill it so many seconds into its work; False if it was done before."""
    process = utility.start(job, lake, "--date", NIGHT)
    if at_work(process, lake):
        until = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
    if process.poll() is not None:
        output, _ = process.communicate()
        assert process.returncode == 0, output[-6000:]
        return False
    kill(process)
    return True


@pytest.mark.long
def test_a_night_killed_twice_gives_the_tables_of_an_uninterrupted_one(
    utility: Utility, reference: Path, tmp_path: Path
) -> None:
    draw, took, lake = random.Random(SEED), durations(reference)["nightly"], tmp_path / "lake"
    points = [took * draw.uniform(*SHARE_OF_A_NIGHT) for _ in range(2)]
    assert [killed(utility, lake, "nightly", point) for point in points] == [True, True], points
    utility.night(lake)
    assert differences(reference, lake) == [], points


@pytest.mark.long
def test_kills_anywhere_leave_the_tables_of_an_uninterrupted_night(
    utility: Utility, reference: Path, tmp_path: Path
) -> None:
    draw, took, lake = random.Random(SEED), durations(reference), tmp_path / "lake"
    kills: Counter[str] = Counter()
    for job in (*STEPS, "nightly"):
        for _ in range(-(-KILLS // (len(STEPS) + 1))):
            kills[job] += killed(utility, lake, job, draw.uniform(0, took[job]))
        utility.run(job, lake, "--date", NIGHT)
    print(f"\n{kills.total()} kills, by job: {dict(kills)}", flush=True)
    assert differences(reference, lake) == [], dict(kills)
    assert kills.total() >= KILLS / 2, "most points lie within a job's work"


@pytest.mark.long
def test_a_night_stopped_anywhere_and_continued_beside_its_successor_changes_nothing(
    utility: Utility, reference: Path, tmp_path: Path
) -> None:
    draw, took, lake = random.Random(SEED), durations(reference)["nightly"], tmp_path / "lake"
    for point in [took * draw.uniform(*SHARE_OF_A_NIGHT) for _ in range(2)]:
        stopped = utility.start("nightly", lake, "--date", NIGHT)
        try:
            assert at_work(stopped, lake)
            time.sleep(point)
            os.killpg(stopped.pid, signal.SIGSTOP)
            time.sleep(LEASE_SECONDS + 5)
            successor = utility.start("nightly", lake, "--date", NIGHT)
            assert at_work(successor, lake)
            os.killpg(stopped.pid, signal.SIGCONT)
            output, _ = stopped.communicate(timeout=900)
            assert stopped.returncode == 75, output[-6000:]
            output, _ = successor.communicate(timeout=900)
            assert successor.returncode == 0, output[-6000:]
        finally:
            kill(stopped)
        assert differences(reference, lake) == [], point
        # Again over an empty lake, at another point.
        lake = tmp_path / "again"

"""A process that advises is killed at random, and begun anew: what it tells is what one that nobody killed tells."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from advised_lake import CHEAP, DEMAND, AdvisedSite, plan, prepared, quarter, read

from energy_lib.models.config import load_config
from energy_lib.streaming.pipeline.advise import advise
from energy_lib.tables.answers.advice import ADVICE

ROOT = Path(__file__).parents[2]
PART = 3


def process(root: str) -> subprocess.Popen[str]:
    settings = (f"lake={root}", "advice.poll_seconds=0.05", "advice.every_minutes=1")
    command = [sys.executable, "jobs/advise.py", *(part for each in settings for part in ("--set", each))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_kills_lose_nothing_and_tell_nothing_twice(tmp_path: Path) -> None:
    site = prepared(str(tmp_path / "lake"), [CHEAP, DEMAND])
    plan(site)
    read(site, [quarter(7, part, 5.0) for part in range(3)])
    config, _ = load_config(None, [f"lake={site.root}", "advice.every_minutes=1"])
    advise(config, once=True)
    shutil.copytree(site.root, tmp_path / "whole")
    whole = AdvisedSite(str(tmp_path / "whole"))
    rows = [quarter(hour, part, 9.0 if hour == 10 else 5.0) for hour in range(8, 13) for part in range(4)]
    rng, tables = random.Random(7), site.small_tables
    for first in range(0, len(rows), PART):
        version, running = tables.version(ADVICE), process(site.root)
        read(site, rows[first : first + PART])
        while tables.version(ADVICE) == version and running.poll() is None:
            time.sleep(0.02)
        # It has told of a step, and is at one of the next.
        time.sleep(rng.uniform(0.0, 0.5))
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=60)
        assert running.returncode == -signal.SIGKILL
    advise(config, once=True)
    read(whole, rows)
    undisturbed, _ = load_config(None, [f"lake={whole.root}", "advice.every_minutes=1"])
    advise(undisturbed, once=True)
    assert site.advice() == whole.advice()
    assert [row["event"] for row in whole.advice()][:1] == ["raised"]

"""SIGKILL at random points of all steps, rerun, and the tables are those of an uninterrupted night.

ENERGY_KILLS says how many kills (default 3); ENERGY_KILL_SEED draws other points.
"""

from __future__ import annotations

import os
import random
import re
import select
import time
from collections import Counter
from pathlib import Path

import pytest
from lake_content import differences
from small_utility import Utility, kill

KILLS = int(os.environ.get("ENERGY_KILLS", "3"))
SEED = int(os.environ.get("ENERGY_KILL_SEED", "1"))
STEPS = ("ingest", "clean", "build_features", "write_shards", "train", "forecast", "evaluate")
WITHIN_SECONDS = 12
NIGHT_SECONDS = 900
STEP = re.compile(r"2024-02-20 (\w+) …")


def killed_in(utility: Utility, lake: Path, wanted: str, seconds: float) -> str | None:
    """Run the night and kill it `seconds` after the step began; the step it was in, or None if it ended before."""
    process = utility.start("nightly", lake, "--date", "2024-02-20")
    assert process.stdout is not None
    until, step = time.monotonic() + NIGHT_SECONDS, "start"
    while (left := until - time.monotonic()) > 0:
        readable, _, _ = select.select([process.stdout], [], [], left)
        if readable:
            line = process.stdout.readline()
            if not line:
                process.wait()
                assert process.returncode == 0, f"the night ended with {process.returncode} after a kill"
                return None
            if found := STEP.search(line):
                step = found[1]
                until = time.monotonic() + seconds if step == wanted else until
    kill(process)
    return step


@pytest.mark.slow
def test_kills_anywhere_leave_the_tables_of_an_uninterrupted_night(
    utility: Utility, reference: Path, tmp_path: Path
) -> None:
    draw = random.Random(SEED)
    killed: Counter[str] = Counter()
    nights = 0
    while killed.total() < KILLS:
        lake = tmp_path / f"lake-{nights}"
        nights += 1
        ended = False
        while not ended and killed.total() < KILLS:
            step = killed_in(utility, lake, draw.choice(STEPS), draw.uniform(0, WITHIN_SECONDS))
            ended = step is None
            killed.update([step] if step else [])
        utility.night(lake)
        assert differences(reference, lake) == [], dict(killed)
        print(f"\n{killed.total()} kills over {nights} nights, by step: {dict(killed)}", flush=True)

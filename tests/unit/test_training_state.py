"""Checkpoints, specs, verdicts: what decides whether a training goes on, and who wins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from energy_lib.registry.promotion import judge
from energy_lib.training.checkpoint import EpochLog, State, load, newest, save
from energy_lib.training.networks.epochs import learning_rate
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.workers.supervisor import WorkerFailed, supervise

SPEC = TrainingSpec("d", "dense", 2, 10, 64, 1e-3, 5, 7)


def state(epoch: int) -> State:
    rng = np.random.default_rng(epoch)
    arrays = [rng.normal(size=(3, 2)).astype(np.float32), rng.normal(size=4).astype(np.float32)]
    log = EpochLog(epoch, 0.5, 0.4, 1.0, 100.0, 0.05)
    return State(epoch, arrays, arrays[::-1], [*arrays, np.array(epoch)], arrays, 0.4, epoch - 1, [log])


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    saved = state(3)
    save(tmp_path, saved)
    file = newest(tmp_path)
    assert file is not None
    back = load(file)
    for name in ("weights", "averaged", "optimizer", "best"):
        for mine, theirs in zip(getattr(saved, name), getattr(back, name), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert (back.epoch, back.best_loss, back.best_epoch, back.history) == (3, 0.4, 2, saved.history)
    assert back.waited() == 1


def test_the_newest_counts_and_a_half_written_one_does_not(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    for epoch in range(12):
        save(tmp_path, state(epoch))
    (tmp_path / "writing.tmp").write_bytes(b"half")
    file = newest(tmp_path)
    assert file is not None
    assert load(file).epoch == 11
    assert len(list(tmp_path.glob("epoch-*.npz"))) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"dataset_id": "e"},
        {"model": "lstm"},
        {"workers": 1},
        {"seed": 8},
        {"learning_rate": 2e-3},
        {"framework": "torch"},
        {"schedule": "cosine"},
        {"gradient_norm": 1.0},
    ],
)
def test_whatever_changes_the_result_changes_the_id(changed: dict[str, object]) -> None:
    assert replace(SPEC, **changed).training_id != SPEC.training_id  # type: ignore[arg-type]  # parametrised


def test_the_learning_rate_stays_or_falls_down_a_cosine() -> None:
    assert [learning_rate(SPEC, epoch) for epoch in range(3)] == [1e-3] * 3
    rates = [learning_rate(replace(SPEC, schedule="cosine"), epoch) for epoch in range(SPEC.epochs + 1)]
    assert rates[0] == 1e-3
    assert rates[5] == pytest.approx(0.505e-3)
    assert rates[-1] == pytest.approx(1e-5)
    assert rates == sorted(rates, reverse=True)


def test_the_spec_survives_its_file(tmp_path: Path) -> None:
    SPEC.write(tmp_path / "spec.json")
    assert TrainingSpec.read(tmp_path / "spec.json") == SPEC


def scores(**wape: float) -> pd.DataFrame:
    rows = [{"scope": "total", "fuel": "*", "model_version": name, "wape": value} for name, value in wape.items()]
    return pd.DataFrame([*rows, {"scope": "total", "fuel": "gas", "model_version": "v2", "wape": 0.0}])


@pytest.mark.parametrize(
    ("given", "champion", "won"),
    [
        ({"v2": 0.10, "v1": 0.12, "n24": 0.2, "n168": 0.3}, "v1", True),
        ({"v2": 0.12, "v1": 0.10, "n24": 0.2, "n168": 0.3}, "v1", False),
        ({"v2": 0.12, "v1": 0.12, "n24": 0.2, "n168": 0.3}, "v1", False),
        ({"v2": 0.10, "n24": 0.2, "n168": 0.09}, None, False),
        ({"v2": 0.10, "n24": 0.2, "n168": 0.3}, None, True),
        ({"v2": 0.10, "n24": 0.2, "n168": 0.3}, "v1", False),
        ({"v2": float("nan"), "n24": 0.2, "n168": 0.3}, None, False),
        ({"n24": 0.2, "n168": 0.3}, None, False),
    ],
)
def test_a_challenger_must_beat_everyone_on_the_same_cells(
    given: dict[str, float], champion: str | None, won: bool
) -> None:
    assert judge(scores(**given), "v2", champion, ("n24", "n168")).won is won


def test_a_worker_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(WorkerFailed, match=r"code 3: .*the shard is gone"):
        supervise(["-c", "import sys; print('the shard is gone'); sys.exit(3)"], {})


SLOW = """
import sys, time
from energy_lib.training.workers import process
process.ALIVE_EVERY_SECONDS = 0.2
def compute(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(1000))
"""


def test_a_worker_that_stands_still_is_ended_and_its_phase_told() -> None:
    with pytest.raises(WorkerFailed, match=r"silent for 2 s at its start.*training\.stall_seconds"):
        supervise(["-c", "import time; time.sleep(60)"], {}, stall_seconds=2)
    hangs = "process.alive('train step 7 of epoch 3'); time.sleep(60)"
    with pytest.raises(WorkerFailed, match="silent for 6 s at train step 7 of epoch 3"):
        supervise(["-c", SLOW + hangs], {}, stall_seconds=6)
    waits = "with process.working('the export'): time.sleep(60)"
    with pytest.raises(WorkerFailed, match="at the export"):
        supervise(["-c", SLOW + waits], {}, stall_seconds=6)


def test_a_worker_that_is_only_slow_is_left_to_work() -> None:
    """Ten times the limit without a line of progress: steps, then work without steps."""
    steps = "for step in range(12): time.sleep(1); process.alive(f'step {step}')\n"
    export = "with process.working('the export'): compute(12)"
    supervise(["-c", SLOW + steps + export], {}, stall_seconds=6)

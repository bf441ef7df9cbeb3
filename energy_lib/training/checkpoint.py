"""Checkpoints: the whole state after an epoch in one file, written whole or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

Arrays = list[npt.NDArray[np.float32]]
KEPT = 2


@dataclass(slots=True)
class EpochLog:
    """One line of progress: losses in levels, wall seconds, rows per second of the steps, share of their time
    spent on input."""

    epoch: int
    loss: float
    val_loss: float
    seconds: float
    rows_per_second: float
    input_share: float

    def line(self, epochs: int, best_epoch: int) -> str:
        best = " (best)" if best_epoch == self.epoch else ""
        return (
            f"epoch {self.epoch + 1}/{epochs}: loss {self.loss:.5f}, validation {self.val_loss:.5f}{best}, "
            f"{self.seconds:.1f} s, {self.rows_per_second:,.0f} rows/s, input {self.input_share:.0%}"
        )


@dataclass(slots=True)
class State:
    """Everything that the next epoch depends on. Random draws depend on seed and epoch alone: no generator has a state.

    weights: trained; averaged: their running mean, which is validated and exported; optimizer: Adam's variables.
    """

    epoch: int
    weights: Arrays
    averaged: Arrays
    optimizer: Arrays
    best: Arrays
    best_loss: float = float("inf")
    best_epoch: int = -1
    history: list[EpochLog] = field(default_factory=list)

    def waited(self) -> int:
        """Epochs since the best one."""
        return self.epoch - self.best_epoch


def save(folder: Path, state: State) -> None:
    """Write to a temporary file, flush, rename; then delete all but the KEPT newest checkpoints."""
    folder.mkdir(parents=True, exist_ok=True)
    groups = {"weights": state.weights, "averaged": state.averaged, "optimizer": state.optimizer, "best": state.best}
    arrays = {f"{name}-{i:03d}": value for name, values in groups.items() for i, value in enumerate(values)}
    progress = {
        "epoch": state.epoch,
        "best_loss": state.best_loss,
        "best_epoch": state.best_epoch,
        "history": [asdict(log) for log in state.history],
    }
    beside = folder / "writing.tmp"
    with beside.open("wb") as out:
        np.savez(out, told=np.array(json.dumps(progress)), **arrays)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(folder / f"epoch-{state.epoch:04d}.npz")
    for old in sorted(folder.glob("epoch-*.npz"))[:-KEPT]:
        old.unlink()


def newest(folder: Path) -> Path | None:
    """The last complete checkpoint."""
    return max(folder.glob("epoch-*.npz"), default=None)


def load(file: Path) -> State:
    with np.load(file) as values:
        progress = json.loads(str(values["told"]))
        groups = {
            name: [values[key] for key in sorted(values.files) if key.startswith(f"{name}-")]
            for name in ("weights", "averaged", "optimizer", "best")
        }
    history = [EpochLog(**log) for log in progress["history"]]
    return State(
        epoch=progress["epoch"],
        best_loss=progress["best_loss"],
        best_epoch=progress["best_epoch"],
        history=history,
        **groups,
    )

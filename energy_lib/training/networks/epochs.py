"""The training loop of networks in every framework: a worker's part of the shards, and the epochs.

Random draws depend on the seed and the epoch alone, so a resumed run gives the same bits as one that never stopped.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from energy_lib.shards.manifest import PARTS, Manifest
from energy_lib.training.checkpoint import EpochLog, State, load, save
from energy_lib.training.networks.batches import Batch, Batches, Feed
from energy_lib.training.networks.pace import Pace
from energy_lib.training.spec import TrainingSpec
from energy_lib.training.workers.job import WorkerJob
from energy_lib.training.workers.process import alive, report_progress, working

AVERAGING = 0.99
SEED_STRIDE = 1_000_003
# Share of the first learning rate at which the cosine schedule ends.
LAST_RATE = 0.01


@dataclass(frozen=True, slots=True)
class Shard:
    """A worker's share of the dataset."""

    folder: Path
    manifest: Manifest
    worker: int
    workers: int

    def rows(self, part: str, worker: int) -> int:
        return sum(file.rows for file in self.manifest.part(part)[worker :: self.workers])

    def batches(self, part: str, columns: Sequence[str], feed: Feed) -> Batches:
        widths = {name: self.manifest.columns[name] for name in columns}
        return Batches(self.folder / part, self.worker, self.workers, widths, self.rows(part, self.worker), feed)

    def batch_rows(self, batch_size: int) -> int:
        """This worker's rows of a step; no more than the smallest shard has."""
        return max(1, min(batch_size // self.workers, min(self._all_rows())))

    def steps(self, batch_size: int) -> int:
        """Steps of an epoch: those of the worker with the fewest rows, since collectives wait for all workers."""
        return min(self._all_rows()) // self.batch_rows(batch_size)

    def _all_rows(self) -> list[int]:
        return [self.rows("train", worker) for worker in range(self.workers)]


def learning_rate(spec: TrainingSpec, epoch: int) -> float:
    """Adam's step size in an epoch (from 0); cosine schedule: Loshchilov and Hutter 2017, without restarts."""
    if spec.schedule == "constant":
        return spec.learning_rate
    fallen = (1 - math.cos(math.pi * epoch / spec.epochs)) / 2
    return spec.learning_rate * (1 - (1 - LAST_RATE) * fallen)


class Trainer(ABC):
    """A network, the running mean of its weights, and Adam: the framework's part is the steps and the variables.

    A step takes a batch and sums over all workers: train_step gives the loss, validate_step the weighted loss and the
    weights' sum. Both answer what NumPy can read.
    """

    train_step: Callable[[Batch], Any]
    validate_step: Callable[[Batch], Any]

    def __init__(self, spec: TrainingSpec, shard: Shard, inputs: Sequence[str], feed: Feed) -> None:
        self.spec, self.shard = spec, shard
        # Hours of a step over all workers: what the summed loss is divided by.
        self.cells = shard.batch_rows(spec.batch_size) * shard.workers * shard.manifest.encoding.horizon_hours
        self.running = 0
        self.compiled: set[str] = set()
        self.batches = {part: shard.batches(part, (*inputs, "target", "weight"), feed) for part in PARTS}

    @abstractmethod
    def snapshot(self, state: State) -> State:
        """Put the variables' values into the state."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Set the variables to the state's values; every worker sets the same, so nothing is sent."""

    @abstractmethod
    def seed_dropout(self, epoch: int) -> None:
        """Make the epoch's dropout masks depend on seed, epoch and worker alone."""

    @abstractmethod
    def set_rate(self, rate: float) -> None:
        """Adam's learning rate from the next step on."""

    def first_state(self) -> State:
        """The state before any training."""
        state = self.snapshot(State(-1, [], [], [], []))
        state.best = list(state.averaged)
        return state

    def epoch(self, state: State) -> EpochLog:
        """Train one epoch, validate, and move the state on."""
        begun, epoch, spec = time.monotonic(), state.epoch + 1, self.spec
        self.running = epoch
        self.seed_dropout(epoch)
        self.set_rate(learning_rate(spec, epoch))
        size = self.shard.batch_rows(spec.batch_size)
        steps = self.shard.steps(spec.batch_size)
        losses, pace = self._pass("train", size, steps, self.train_step, spec.seed * SEED_STRIDE + epoch)
        sums, _ = self._pass("validation", size, None, self.validate_step, None)
        total = np.sum(sums, axis=0)
        log = EpochLog(
            epoch=epoch,
            loss=float(np.mean(losses)),
            val_loss=float(total[0] / max(total[1], 1e-9)),
            seconds=time.monotonic() - begun,
            rows_per_second=pace.rows_per_second(size * self.shard.workers),
            input_share=pace.input_share,
        )
        state.epoch = epoch
        state.history.append(log)
        self.snapshot(state)
        if log.val_loss < state.best_loss:
            state.best_loss, state.best_epoch, state.best = log.val_loss, epoch, list(state.averaged)
        return log

    def epochs(self, state: State) -> Iterator[EpochLog]:
        """Move the state on, epoch by epoch, until the last or until patience ends."""
        while state.epoch + 1 < self.spec.epochs and state.waited() < self.spec.patience:
            yield self.epoch(state)

    def _pass(
        self, part: str, size: int, steps: int | None, step: Callable[[Batch], Any], seed: int | None
    ) -> tuple[list[Any], Pace]:
        """Step through this worker's shard once: results, and how long each step took."""
        results: list[Any] = []
        pace = Pace()
        with self.batches[part].epoch(size, seed=seed, drop_rest=steps is not None) as batches:
            while steps is None or len(results) < steps:
                begun = time.monotonic()
                batch = next(batches, None)
                received = time.monotonic()
                if batch is None:
                    break
                results.append(self._stepped(part, len(results) + 1, step, batch))
                pace.add(received - begun, time.monotonic() - received)
        return results, pace

    def _stepped(self, part: str, number: int, step: Callable[[Batch], Any], batch: Batch) -> Any:
        """One step's result. The first of a part is compiled, which can take minutes."""
        doing = f"{part} step {number} of epoch {self.running + 1}"
        if part in self.compiled:
            result = np.asarray(step(batch))
            alive(doing)
            return result
        with working(f"{doing}, which is compiled"):
            result = np.asarray(step(batch))
        self.compiled.add(part)
        return result


def train_all(trainer: Trainer, job: WorkerJob) -> State:
    """Epoch after epoch from the job's checkpoint, if any, until the last or until patience ends; the chief saves."""
    spec, state = trainer.spec, trainer.first_state()
    if job.resume is not None:
        state = load(Path(job.resume))
        trainer.restore(state)
    for log in trainer.epochs(state):
        if job.worker == 0:
            save(Path(job.folder) / "epochs", state)
        report_progress(job.worker, log.line(spec.epochs, state.best_epoch))
    return state

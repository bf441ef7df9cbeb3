"""The training loop of one worker: MultiWorkerMirroredStrategy and its own Petastorm shard.

Keras's `fit` fails under several processes, so the loop is ours: each worker steps through its own batches, and
gradients and losses are summed over all of them. Everything random follows the seed and the epoch, so a run that
resumes at an epoch goes on exactly as one that never stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from energy_lib.columns import QUANTILES
from energy_lib.models.tensorflow.networks import build, input_shapes
from energy_lib.shards.manifest import PARTS, Manifest
from energy_lib.training.batches import Batch, Batches
from energy_lib.training.checkpoint import EpochLog, State
from energy_lib.training.spec import TrainingSpec

AVERAGING = 0.99
SEED_STRIDE = 1_000_003


@dataclass(frozen=True, slots=True)
class Shard:
    """A worker's share of the dataset."""

    folder: Path
    manifest: Manifest
    worker: int
    workers: int

    def rows(self, part: str, worker: int) -> int:
        return sum(file.rows for file in self.manifest.part(part)[worker :: self.workers])

    def batches(self, part: str, widths: dict[str, int]) -> Batches:
        return Batches(self.folder / part, self.worker, self.workers, widths, self.rows(part, self.worker))

    def batch_rows(self, batch_size: int) -> int:
        """This worker's rows of a step; no more than the smallest shard has."""
        return max(1, min(batch_size // self.workers, min(self._all_rows())))

    def steps(self, batch_size: int) -> int:
        """Steps of an epoch: what the worker with the fewest rows can do, or collectives would wait for ever."""
        return min(self._all_rows()) // self.batch_rows(batch_size)

    def _all_rows(self) -> list[int]:
        return [self.rows("train", worker) for worker in range(self.workers)]


class Trainer:
    """Network, its running mean and Adam under the strategy; steps as compiled functions."""

    def __init__(self, spec: TrainingSpec, shard: Shard, strategy: tf.distribute.Strategy) -> None:
        self.spec, self.shard, self.strategy = spec, shard, strategy
        encoding = shard.manifest.encoding
        with strategy.scope():
            self.network = build(spec.model, encoding, spec.seed)
            self.averaged = build(spec.model, encoding, spec.seed)
            self.optimizer = keras.optimizers.Adam(spec.learning_rate)
            self.optimizer.build(self.network.trainable_variables)
        self.cells = shard.batch_rows(spec.batch_size) * shard.workers * encoding.horizon_hours
        self.shapes = input_shapes(spec.model, encoding)
        widths = {name: shard.manifest.columns[name] for name in (*self.shapes, "target", "weight")}
        self.batches = {part: shard.batches(part, widths) for part in PARTS}
        self.train_step = tf.function(self._train_step, autograph=False)
        self.validate_step = tf.function(self._validate_step, autograph=False)

    def state(self, epoch: int) -> State:
        """The state before any training."""
        best = [variable.numpy() for variable in self.averaged.trainable_variables]
        return self.snapshot(State(epoch, [], [], [], best))

    def snapshot(self, state: State) -> State:
        """Put the variables' values into the state."""
        state.weights = [variable.numpy() for variable in self.network.trainable_variables]
        state.averaged = [variable.numpy() for variable in self.averaged.trainable_variables]
        state.optimizer = [variable.numpy() for variable in self.optimizer.variables]
        return state

    def restore(self, state: State) -> None:
        """Every worker sets the same values, so nothing need be sent."""
        with self.strategy.scope():
            for variables, values in (
                (self.network.trainable_variables, state.weights),
                (self.averaged.trainable_variables, state.averaged),
                (self.optimizer.variables, state.optimizer),
            ):
                for variable, value in zip(variables, values, strict=True):
                    variable.assign(value)

    def epoch(self, state: State) -> State:
        """Train one epoch, validate, and move the state on."""
        begun, epoch, spec = time.monotonic(), state.epoch + 1, self.spec
        self._seed_dropout(epoch)
        size = self.shard.batch_rows(spec.batch_size)
        steps = self.shard.steps(spec.batch_size)
        losses, waited, computed = self._pass("train", size, steps, self.train_step, spec.seed * SEED_STRIDE + epoch)
        sums, _, _ = self._pass("validation", size, None, self.validate_step, None)
        total = np.sum(sums, axis=0)
        log = EpochLog(
            epoch=epoch,
            loss=float(np.mean(losses)),
            val_loss=float(total[0] / max(total[1], 1e-9)),
            seconds=time.monotonic() - begun,
            rows_per_second=steps * size * self.shard.workers / max(waited + computed, 1e-9),
            input_share=waited / max(waited + computed, 1e-9),
        )
        state.epoch = epoch
        state.history.append(log)
        self.snapshot(state)
        if log.val_loss < state.best_loss:
            state.best_loss, state.best_epoch, state.best = log.val_loss, epoch, list(state.averaged)
        return state

    def _pass(
        self, part: str, size: int, steps: int | None, step: Callable[[Batch], Any], seed: int | None
    ) -> tuple[list[Any], float, float]:
        """Step through this worker's shard once: results, seconds waited for input, seconds computed."""
        results: list[Any] = []
        waited, computed = 0.0, 0.0
        with self.batches[part].epoch(size, seed=seed, drop_rest=steps is not None) as batches:
            while steps is None or len(results) < steps:
                begun = time.monotonic()
                batch = next(batches, None)
                got = time.monotonic()
                if batch is None:
                    break
                results.append(step(batch).numpy())
                if len(results) > 1:  # the first includes compiling and the reader's start
                    waited += got - begun
                    computed += time.monotonic() - got
        return results, waited, computed

    def _seed_dropout(self, epoch: int) -> None:
        """Each epoch's masks follow seed, epoch and worker, whatever ran before."""
        for number, variable in enumerate(self.network.non_trainable_variables):
            mask_seed = (self.spec.seed * SEED_STRIDE + epoch * 97 + self.shard.worker * 13 + number) % 2**31
            variable.assign(np.array([mask_seed, 0], dtype=np.uint32))

    def _losses(self, network: keras.Model, batch: Batch, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """Weighted pinball loss summed over the batch and averaged over quantiles, and the weights' sum."""
        inputs = {name: tf.reshape(batch[name], (-1, *shape)) for name, shape in self.shapes.items()}
        levels = tf.constant(list(QUANTILES.values()), dtype=tf.float32)
        residual = batch["target"][..., tf.newaxis] - network(inputs, training=training)
        pinball = tf.reduce_mean(tf.maximum(levels * residual, (levels - 1.0) * residual), axis=-1)
        return tf.reduce_sum(pinball * batch["weight"]), tf.reduce_sum(batch["weight"])

    def _train_step(self, batch: Batch) -> tf.Tensor:
        def replica(own: Batch) -> tf.Tensor:
            with tf.GradientTape() as tape:
                total, _ = self._losses(self.network, own, training=True)
                loss = total / self.cells
            gradients = tape.gradient(loss, self.network.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.network.trainable_variables, strict=True))
            return loss

        loss = self.strategy.reduce(tf.distribute.ReduceOp.SUM, self.strategy.run(replica, args=(batch,)), axis=None)
        pairs = zip(self.averaged.trainable_variables, self.network.trainable_variables, strict=True)
        for mean, variable in pairs:
            mean.assign(AVERAGING * mean + (1.0 - AVERAGING) * variable)
        return loss

    def _validate_step(self, batch: Batch) -> tf.Tensor:
        def replica(own: Batch) -> tf.Tensor:
            return tf.stack(self._losses(self.averaged, own, training=False))

        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, self.strategy.run(replica, args=(batch,)), axis=None)

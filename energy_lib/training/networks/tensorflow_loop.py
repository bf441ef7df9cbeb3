"""TensorFlow's training: MultiWorkerMirroredStrategy, each worker on its own Petastorm shard.

Keras's `fit` fails with several processes, so this loop replaces it: each worker steps through its own batches, and
gradients and losses are summed over all workers. On a GPU the hidden layers compute in bfloat16 (Keras's
mixed_bfloat16); the LSTM, the layers that make quantiles, weights, their running mean, loss and Adam stay in float32.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from energy_lib.models.networks.inputs import input_shapes
from energy_lib.models.networks.tensorflow.networks import build
from energy_lib.shards.reader import tensor_dataset
from energy_lib.training.checkpoint import State
from energy_lib.training.networks.batches import Batch, Feed
from energy_lib.training.networks.epochs import AVERAGING, SEED_STRIDE, Shard, Trainer
from energy_lib.training.spec import TrainingSpec
from energy_lib.vocabulary import QUANTILES

FEED = Feed(tensor=tf.constant, stream=tensor_dataset)


class TensorFlowTrainer(Trainer):
    """Network, its running mean and Adam under the strategy; steps as compiled functions."""

    def __init__(self, spec: TrainingSpec, shard: Shard, strategy: tf.distribute.Strategy, mixed: bool) -> None:
        encoding = shard.manifest.encoding
        self.shapes = input_shapes(spec.model, encoding)
        super().__init__(spec, shard, tuple(self.shapes), FEED)
        self.strategy = strategy
        with strategy.scope():
            self.network = build(spec.model, encoding, spec.seed, mixed)
            self.averaged = build(spec.model, encoding, spec.seed)
            self.optimizer = keras.optimizers.Adam(spec.learning_rate)
            self.optimizer.build(self.network.trainable_variables)
        self.train_step = tf.function(self._train_step, autograph=False)
        self.validate_step = tf.function(self._validate_step, autograph=False)

    def snapshot(self, state: State) -> State:
        state.weights = [variable.numpy() for variable in self.network.trainable_variables]
        state.averaged = [variable.numpy() for variable in self.averaged.trainable_variables]
        state.optimizer = [variable.numpy() for variable in self.optimizer.variables]
        return state

    def restore(self, state: State) -> None:
        with self.strategy.scope():
            for variables, values in (
                (self.network.trainable_variables, state.weights),
                (self.averaged.trainable_variables, state.averaged),
                (self.optimizer.variables, state.optimizer),
            ):
                for variable, value in zip(variables, values, strict=True):
                    variable.assign(value)

    def seed_dropout(self, epoch: int) -> None:
        for number, variable in enumerate(self.network.non_trainable_variables):
            mask_seed = (self.spec.seed * SEED_STRIDE + epoch * 97 + self.shard.worker * 13 + number) % 2**31
            variable.assign(np.array([mask_seed, 0], dtype=np.uint32))

    def set_rate(self, rate: float) -> None:
        with self.strategy.scope():
            self.optimizer.learning_rate.assign(rate)

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
            gradients = self._clipped(tape.gradient(loss, self.network.trainable_variables))
            self.optimizer.apply_gradients(zip(gradients, self.network.trainable_variables, strict=True))
            return loss

        loss = self.strategy.reduce(tf.distribute.ReduceOp.SUM, self.strategy.run(replica, args=(batch,)), axis=None)
        pairs = zip(self.averaged.trainable_variables, self.network.trainable_variables, strict=True)
        for mean, variable in pairs:
            mean.assign(AVERAGING * mean + (1.0 - AVERAGING) * variable)
        return loss

    def _clipped(self, gradients: list[tf.Tensor]) -> list[tf.Tensor]:
        """This worker's part of the summed gradient, clipped to the length spec.gradient_norm."""
        if self.spec.gradient_norm is None:
            return gradients
        # Summed before it is clipped: Keras would clip each worker's own gradient.
        summed = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, gradients)
        shortened, _ = tf.clip_by_global_norm(summed, self.spec.gradient_norm)
        return [gradient / self.shard.workers for gradient in shortened]

    def _validate_step(self, batch: Batch) -> tf.Tensor:
        def replica(own: Batch) -> tf.Tensor:
            return tf.stack(self._losses(self.averaged, own, training=False))

        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, self.strategy.run(replica, args=(batch,)), axis=None)

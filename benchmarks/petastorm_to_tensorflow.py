"""Throughput from Petastorm to TensorFlow, on shard rows of 336 history, 192 future and 24 target floats.

    python -m benchmarks.petastorm_to_tensorflow [--rows 100000]

Prints rows per second of pyarrow alone, Petastorm's reader, and Petastorm → tf.data with `rebatch`, for tensors as
fixed-length bytes (ours) and as Parquet lists; then the share of training steps spent waiting for input, streamed from
Petastorm and held in memory, for the dense network.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import machine
from energy_lib.encoding.tensors import Floats
from energy_lib.shards.reader import shard_reader, tensor_dataset

WIDTHS = {"history": 336, "future": 192, "target": 24}
FILES = 8
BATCH = 256
REPEATS = 3


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    rows = arguments.parse_args().rows // FILES * FILES
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_rows(folder / "bytes", rows, as_bytes)
        write_rows(folder / "lists", rows, as_lists)
        for kind in ("bytes", "lists"):
            report(f"pyarrow, {kind}", rows, lambda kind=kind: read_pyarrow(folder / kind))  # type: ignore[misc]
            report(f"Petastorm reader, {kind}", rows, lambda kind=kind: read_petastorm(folder / kind))  # type: ignore[misc]
        report("Petastorm → tf.data, lists", rows, lambda: read_lists_by_tensorflow(folder / "lists"))
        report("Petastorm → tf.data, bytes (ours)", rows, lambda: read_tensorflow(folder / "bytes"))
        for name, hold in (("streamed", False), ("held in memory", True)):
            share, speed = step_share(folder / "bytes", rows, hold)
            print(f"{'training steps, ' + name:<40} {speed:>12,.0f} rows/s, {share:.1%} of a step waits for input")


def report(name: str, rows: int, read: Callable[[], int]) -> None:
    """Print the best rate of REPEATS passes. Raises RuntimeError if a pass does not read every row."""
    best = 0.0
    for _ in range(REPEATS):
        started = time.perf_counter()
        rows_read = read()
        if rows_read != rows:
            raise RuntimeError(f"{name} read {rows_read} of {rows} rows")
        best = max(best, rows / (time.perf_counter() - started))
    print(f"{name:<40} {best:>12,.0f} rows/s")


def write_rows(folder: Path, rows: int, column: Callable[[Floats], pa.Array]) -> None:
    folder.mkdir()
    random, each = np.random.default_rng(7), rows // FILES
    for number in range(FILES):
        table = pa.table(
            {name: column(random.normal(size=(each, width)).astype("<f4")) for name, width in WIDTHS.items()}
        )
        pq.write_table(table, folder / f"part-{number}.parquet", row_group_size=each, write_statistics=False)


def as_bytes(values: Floats) -> pa.Array:
    kind = pa.binary(4 * values.shape[1])
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def as_lists(values: Floats) -> pa.Array:
    offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel()))


def read_pyarrow(folder: Path) -> int:
    return sum(pq.read_table(file).num_rows for file in sorted(folder.glob("*.parquet")))


def read_petastorm(folder: Path) -> int:
    with shard_reader(folder, 0, 1, columns=list(WIDTHS), seed=None) as reader:
        return sum(len(batch.target) for batch in reader)


def read_tensorflow(folder: Path) -> int:
    with shard_reader(folder, 0, 1, columns=list(WIDTHS), seed=None) as reader:
        batches = tensor_dataset(reader, WIDTHS, BATCH, drop_rest=False).prefetch(4)
        return sum(len(batch["target"]) for batch in batches)


def read_lists_by_tensorflow(folder: Path) -> int:
    from petastorm.tf_utils import make_petastorm_dataset

    with shard_reader(folder, 0, 1, columns=list(WIDTHS), seed=None) as reader:
        batches = make_petastorm_dataset(reader).map(lambda row: row._asdict()).rebatch(BATCH).prefetch(4)
        return sum(len(batch["target"]) for batch in batches)


def step_share(folder: Path, rows: int, hold: bool) -> tuple[float, float]:
    """Share of the steps' time that waits for input, and rows per second, over one epoch after a warm-up epoch."""
    import keras
    import tensorflow as tf

    from energy_lib.training.networks.batches import Batches
    from energy_lib.training.networks.tensorflow_loop import FEED

    layers = keras.layers
    network = keras.Sequential(
        [
            layers.Dense(64, "relu"),
            layers.Dropout(0.5),
            layers.Dense(32, "relu"),
            layers.Dropout(0.3),
            layers.Dense(24 * 7),
        ]
    )
    optimizer = keras.optimizers.Adam(1e-3)
    levels = tf.constant([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])

    def step(batch: dict[str, tf.Tensor]) -> tf.Tensor:
        with tf.GradientTape() as tape:
            quantiles = network(tf.concat([batch["history"], batch["future"]], axis=1), training=True)
            residual = batch["target"][..., tf.newaxis] - tf.reshape(quantiles, (-1, 24, 7))
            loss = tf.reduce_mean(tf.maximum(levels * residual, (levels - 1) * residual))
        variables = network.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    compiled = tf.function(step)
    batches = Batches(folder, 0, 1, WIDTHS, rows, FEED, in_memory_bytes=1 << 40 if hold else 0)
    waited = computed = 0.0
    for epoch in range(2):
        waited = computed = 0.0
        with batches.epoch(BATCH, seed=epoch, drop_rest=True) as passing:
            next(passing)  # starting the reader belongs to the epoch, not to a step
            while True:
                started = time.perf_counter()
                batch = next(passing, None)
                received = time.perf_counter()
                if batch is None:
                    break
                compiled(batch).numpy()
                waited, computed = waited + received - started, computed + time.perf_counter() - received
    return waited / (waited + computed), rows / (waited + computed)


if __name__ == "__main__":
    main()

"""Petastorm, and it alone: a worker's shard of a dataset's part as batches of tensors."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tensorflow as tf

# Row groups decoded ahead; Petastorm's default of 50 would hold a whole dataset.
QUEUE = 4


@contextmanager
def shard_reader(part: Path, shard: int, shards: int, *, columns: Sequence[str], seed: int | None) -> Iterator[Any]:
    """One pass over the row groups whose index is `shard` modulo `shards`.

    The order of row groups and rows follows `seed` (None: as they lie). One reading thread: the order is the same
    on every pass with the same seed, and decoding goes on while the step computes.
    """
    with _petastorm_quietly():
        from petastorm import make_batch_reader

        with make_batch_reader(
            part.as_uri(),
            schema_fields=[f"^{name}$" for name in columns],
            reader_pool_type="thread",
            workers_count=1,
            results_queue_size=QUEUE,
            shuffle_row_groups=seed is not None,
            shuffle_rows=seed is not None,
            seed=seed,
            num_epochs=1,
            cur_shard=shard,
            shard_count=shards,
        ) as reader:
            yield reader


def tensor_dataset(reader: Any, widths: Mapping[str, int], batch_rows: int, *, drop_rest: bool) -> tf.data.Dataset:
    """Batches of `batch_rows` rows as a dict of [batch, width] float32 tensors; the short rest kept or dropped.

    `rebatch` keeps row groups vectorised: `unbatch` would halve the speed.
    """
    import tensorflow as tf

    with _petastorm_quietly():
        from petastorm.tf_utils import make_petastorm_dataset

        dataset = make_petastorm_dataset(reader)

    def floats(row: Any) -> dict[str, tf.Tensor]:
        return {
            name: tf.reshape(tf.io.decode_raw(getattr(row, name), tf.float32), (-1, width))
            for name, width in widths.items()
        }

    return dataset.map(floats).rebatch(batch_rows, drop_remainder=drop_rest)


@contextmanager
def _petastorm_quietly() -> Iterator[None]:
    """Petastorm's use of what pyarrow and TensorFlow deprecate is its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", module="petastorm")
        yield

"""Reading shards by Petastorm: a worker's shard of a part as batches of tensors.

No other module imports Petastorm (docs/decisions/0001-petastorm-in-one-file.md).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import tensorflow as tf


@contextmanager
def _quietly() -> Iterator[None]:
    """Hide the deprecation warnings of pyarrow and TensorFlow that Petastorm's own code causes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


with _quietly():
    from petastorm.arrow_reader_worker import ArrowReaderWorker
    from petastorm.cache import NullCache
    from petastorm.fs_utils import get_filesystem_and_path_or_paths
    from petastorm.reader import Reader
    from petastorm.workers_pool.thread_pool import ThreadPool

Arrays = dict[str, npt.NDArray[np.float32]]
# Row groups decoded ahead; Petastorm's default of 50 would hold a whole dataset.
QUEUE = 4


class WholePassPool(ThreadPool):  # type: ignore[misc]
    """Petastorm's thread pool, without the race by which a pass could end before all row groups came.

    Petastorm 0.13 asks whether its threads are idle, and then whether all row groups were handed out. Row groups that
    were handed out between the two questions are lost (up to half of them were). Asking in the other order loses none.
    """

    def all_workers_done(self) -> bool:
        handed_out = self._ventilator is None or self._ventilator.completed()
        return handed_out and bool(super().all_workers_done())


@contextmanager
def shard_reader(part: Path, shard: int, shards: int, *, columns: Sequence[str], seed: int | None) -> Iterator[Reader]:
    """One pass over the row groups of the files whose place is `shard` modulo `shards`.

    The order of row groups and rows follows `seed` (None: file order). One reading thread: the order is the same
    on every pass with the same seed, and decoding goes on while the step computes.
    """
    # Sorted here, because Petastorm numbers row groups in the order in which the file system lists a folder.
    files = [file.as_uri() for file in sorted(part.glob("*.parquet"))]
    shuffled = seed is not None
    # Petastorm treats a seed of 0 as no seed.
    seed = None if seed is None else seed + 1
    with _quietly():
        filesystem, paths = get_filesystem_and_path_or_paths(files)
        reader = Reader(
            filesystem,
            paths,
            schema_fields=[f"^{name}$" for name in columns],
            worker_class=ArrowReaderWorker,
            reader_pool=WholePassPool(1, QUEUE, shuffle_rows=shuffled, seed=seed),
            is_batched_reader=True,
            cache=NullCache(),
            shuffle_row_groups=shuffled,
            shuffle_rows=shuffled,
            seed=seed,
            num_epochs=1,
            cur_shard=shard,
            shard_count=shards,
        )
        try:
            yield reader
        finally:
            reader.stop()
            reader.join()


@dataclass(frozen=True, slots=True)
class PartRows:
    """All rows of a part in file order: tensors [rows, width] by name, and meter ids [rows]."""

    tensors: Arrays
    meters: npt.NDArray[np.str_]


def read_part(part: Path, widths: Mapping[str, int]) -> PartRows:
    """The tensors named in `widths` (floats a row) of all rows of a part."""
    with shard_reader(part, 0, 1, columns=["meter_id", *widths], seed=None) as reader:
        groups = [(group.meter_id, _arrays(group, widths)) for group in reader]
    meters = np.concatenate([meters for meters, _ in groups]).astype(np.str_)
    return PartRows(_joined([tensors for _, tensors in groups]), meters)


def read_shard(part: Path, widths: Mapping[str, int], shard: int, shards: int) -> Arrays:
    """The tensors named in `widths` (floats a row) of all rows of one shard, in file order."""
    with shard_reader(part, shard, shards, columns=list(widths), seed=None) as reader:
        return _joined([_arrays(group, widths) for group in reader])


def array_batches(reader: Reader, widths: Mapping[str, int], batch_rows: int, *, drop_rest: bool) -> Iterator[Arrays]:
    """Batches of `batch_rows` rows as [batch, width] arrays by name; the short rest kept or dropped.

    A batch may span row groups: the rest of one is joined with the next.
    """
    rest: list[Arrays] = []
    for group in reader:
        rows = _joined([*rest, _arrays(group, widths)])
        count = len(next(iter(rows.values())))
        whole = count - count % batch_rows
        for first in range(0, whole, batch_rows):
            yield {name: values[first : first + batch_rows] for name, values in rows.items()}
        rest = [{name: values[whole:] for name, values in rows.items()}] if whole < count else []
    if rest and not drop_rest:
        yield rest[0]


def _arrays(group: Any, widths: Mapping[str, int]) -> Arrays:
    """A row group's tensors [rows, width]."""
    return {
        name: np.frombuffer(b"".join(getattr(group, name)), "<f4").reshape(-1, width) for name, width in widths.items()
    }


def _joined(parts: Sequence[Arrays]) -> Arrays:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def tensor_dataset(reader: Reader, widths: Mapping[str, int], batch_rows: int, *, drop_rest: bool) -> tf.data.Dataset:
    """Batches of `batch_rows` rows as a dict of [batch, width] float32 tensors; the short rest kept or dropped.

    `rebatch` keeps row groups vectorised: `unbatch` would halve the speed.
    """
    import tensorflow as tf

    with _quietly():
        from petastorm.tf_utils import make_petastorm_dataset

        dataset = make_petastorm_dataset(reader)

    def floats(row: Any) -> dict[str, tf.Tensor]:
        return {
            name: tf.reshape(tf.io.decode_raw(getattr(row, name), tf.float32), (-1, width))
            for name, width in widths.items()
        }

    return dataset.map(floats).rebatch(batch_rows, drop_remainder=drop_rest)

"""A worker's batches: its Petastorm shard, streamed every epoch, or kept in memory if it fits."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from energy_lib.shards.reader import read_shard, shard_reader
from energy_lib.training.networks.prefetch import prefetched

Batch = Mapping[str, Any]
PREFETCHED = 4
# A shard up to this size is decoded once, not every epoch.
IN_MEMORY_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Feed:
    """How a framework takes rows: an array as its tensor, and a reader's pass as its batches.

    `stream` is called as tensor_dataset and array_batches of energy_lib.shards.reader are.
    """

    tensor: Callable[[npt.NDArray[np.float32]], Any]
    stream: Callable[..., Iterable[Batch]]


@dataclass(slots=True)
class Batches:
    """Batches of one part (`folder`) for worker `worker` of `workers`.

    widths: floats per row of each tensor; rows: rows of this worker's shard. The order of an epoch's rows follows its
    seed alone, so it is the same whether or not the run was interrupted before.
    """

    folder: Path
    worker: int
    workers: int
    widths: Mapping[str, int]
    rows: int
    feed: Feed
    in_memory_bytes: int = IN_MEMORY_BYTES
    _in_memory: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    def fit_in_memory(self) -> bool:
        return self.rows * sum(self.widths.values()) * 4 <= self.in_memory_bytes

    @contextmanager
    def epoch(self, size: int, *, seed: int | None, drop_rest: bool) -> Iterator[Iterator[Batch]]:
        """One pass: rows in the order of `seed` (None: file order), the short rest kept or dropped."""
        batches = (self._from_memory if self.fit_in_memory() else self._streamed)(size, seed, drop_rest)
        # With op determinism, tf.data does not prefetch what Python generates.
        with prefetched(batches, PREFETCHED) as upcoming:
            yield upcoming

    def _streamed(self, size: int, seed: int | None, drop_rest: bool) -> Generator[Batch, None, None]:
        with shard_reader(self.folder, self.worker, self.workers, columns=list(self.widths), seed=seed) as reader:
            yield from self.feed.stream(reader, self.widths, size, drop_rest=drop_rest)

    def _from_memory(self, size: int, seed: int | None, drop_rest: bool) -> Generator[Batch, None, None]:
        self._load()
        order = (
            np.arange(self.rows) if seed is None else np.random.default_rng(seed + self.worker).permutation(self.rows)
        )
        end = self.rows - self.rows % size if drop_rest else self.rows
        for first in range(0, end, size):
            rows = order[first : min(first + size, end)]
            yield {name: self.feed.tensor(values[rows]) for name, values in self._in_memory.items()}

    def _load(self) -> None:
        if not self._in_memory:
            self._in_memory = read_shard(self.folder, self.widths, self.worker, self.workers)

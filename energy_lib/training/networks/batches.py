"""A worker's batches: its Petastorm shard, streamed, or held in memory after one pass where it fits."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from energy_lib.shards.reader import read_shard, shard_reader
from energy_lib.training.networks.prefetch import ahead

Batch = Mapping[str, Any]
AHEAD = 4
# A shard below this is decoded once, not every epoch.
HELD_BYTES = 1 << 30


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
    held_bytes: int = HELD_BYTES
    _held: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    def fit_in_memory(self) -> bool:
        return self.rows * sum(self.widths.values()) * 4 <= self.held_bytes

    @contextmanager
    def epoch(self, size: int, *, seed: int | None, drop_rest: bool) -> Iterator[Iterator[Batch]]:
        """One pass: rows in the order of `seed` (None: as they lie), the short rest kept or dropped."""
        batches = (self._from_memory if self.fit_in_memory() else self._streamed)(size, seed, drop_rest)
        # Under op determinism tf.data does nothing ahead of what comes from Python, so that every batch is waited for.
        with ahead(batches, AHEAD) as coming:
            yield coming

    def _streamed(self, size: int, seed: int | None, drop_rest: bool) -> Generator[Batch, None, None]:
        with shard_reader(self.folder, self.worker, self.workers, columns=list(self.widths), seed=seed) as reader:
            yield from self.feed.stream(reader, self.widths, size, drop_rest=drop_rest)

    def _from_memory(self, size: int, seed: int | None, drop_rest: bool) -> Generator[Batch, None, None]:
        self._hold()
        order = (
            np.arange(self.rows) if seed is None else np.random.default_rng(seed + self.worker).permutation(self.rows)
        )
        end = self.rows - self.rows % size if drop_rest else self.rows
        for first in range(0, end, size):
            chosen = order[first : min(first + size, end)]
            yield {name: self.feed.tensor(values[chosen]) for name, values in self._held.items()}

    def _hold(self) -> None:
        if not self._held:
            self._held = read_shard(self.folder, self.widths, self.worker, self.workers)

"""What a worker's process is told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """folder: spec and checkpoints; dataset: the shards; worker: which one it is; threads: its share of the cores;
    resume: the checkpoint that all workers start from, if any."""

    folder: str
    dataset: str
    worker: int
    threads: int
    resume: str | None

    def of(self, worker: int, threads: int) -> WorkerJob:
        return replace(self, worker=worker, threads=threads)

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> WorkerJob:
        return cls(**json.loads(text))

"""The job of a worker's process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """folder: spec and checkpoints; dataset: the shards; worker: which one it is; threads: its share of the cores;
    resume: the checkpoint that all workers start from, if any; stall_seconds: silence after which it is ended."""

    folder: str
    dataset: str
    worker: int
    threads: int
    resume: str | None
    stall_seconds: float = 600

    def of(self, worker: int, threads: int) -> WorkerJob:
        return replace(self, worker=worker, threads=threads)

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> WorkerJob:
        return cls(**json.loads(text))


def cluster_environment(worker: int, addresses: Sequence[str]) -> dict[str, str]:
    """TF_CONFIG of TensorFlow's worker: its number, and the addresses (host:port) of all."""
    config = {"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": worker}}
    return {"TF_CONFIG": json.dumps(config)}

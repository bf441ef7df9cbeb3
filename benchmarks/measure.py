"""Wall time and peak memory of a piece of work, all its processes counted."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

SAMPLE_SECONDS = 0.5
GIB = 1024**3


@dataclass(slots=True)
class Measure:
    """Filled when the work ends. Memory is the proportional set size (shared pages count once) of the process tree."""

    name: str
    seconds: float = 0.0
    peak_gib: float = 0.0
    rows: int = 0

    def __str__(self) -> str:
        rate = f"{self.rows / self.seconds:>12,.0f} rows/s" if self.rows and self.seconds else " " * 19
        return f"{self.name:<32} {self.seconds:>8.1f} s {rate} {self.peak_gib:>6.2f} GiB"


def tree_bytes(root: psutil.Process) -> int:
    total = 0
    for process in (root, *root.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total


@contextmanager
def measured(name: str, rows: int = 0) -> Iterator[Measure]:
    """Measure the block: `with measured("clean", rows) as m: …`; prints its line at the end."""
    result, stop = Measure(name, rows=rows), threading.Event()
    root = psutil.Process(os.getpid())

    def sample() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            result.peak_gib = max(result.peak_gib, tree_bytes(root) / GIB)

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    started = time.perf_counter()
    try:
        yield result
    finally:
        result.seconds = time.perf_counter() - started
        stop.set()
        sampler.join()
        print(result, flush=True)


def machine() -> str:
    """The machine in one line: architecture, cores, memory, Python."""
    memory = psutil.virtual_memory().total / GIB
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"

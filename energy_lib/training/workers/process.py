"""A worker's process: its share of the cores, it dies with its parent, and prints its progress and signs of life."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PR_SET_PDEATHSIG = 1
# How a line begins that is a sign of life, for the supervisor alone; they come no more often than this.
ALIVE = "alive: "
ALIVE_EVERY_SECONDS = 5.0
# What counts as work where there are no steps: this share of one core.
WORKING_SHARE = 0.01

_last_sign = float("-inf")


def cores_each(workers: int) -> int:
    """Cores for each of `workers` workers on this machine, at least one."""
    return max(1, (os.cpu_count() or 1) // workers)


def die_with_parent() -> None:
    """A worker must not outlive a killed run: its checkpoints would race with the rerun's."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(1)


def alive(doing: str) -> None:
    """A sign of life after a step of the work: `doing` is what a worker that then stands still was at."""
    global _last_sign
    now = time.monotonic()
    if now - _last_sign >= ALIVE_EVERY_SECONDS:
        _last_sign = now
        print(f"{ALIVE}{doing}", flush=True)


@contextmanager
def working(doing: str) -> Iterator[None]:
    """Around work that has no steps (reading, an export): a sign of life as long as this process computes.

    One that waits for a lock, a disk or another worker does not compute, and gives none.
    """
    print(f"{ALIVE}{doing}", flush=True)
    done = threading.Event()

    def watch() -> None:
        used = time.process_time()
        while not done.wait(ALIVE_EVERY_SECONDS):
            before, used = used, time.process_time()
            if used - before > WORKING_SHARE * ALIVE_EVERY_SECONDS:
                print(f"{ALIVE}{doing}", flush=True)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def report_progress(worker: int, line: str) -> None:
    """Print a line, which also tells the supervisor that the worker is alive. It passes on the chief's lines only."""
    print(f"training: {line}" if worker == 0 else f"worker {worker}: {line}", flush=True)

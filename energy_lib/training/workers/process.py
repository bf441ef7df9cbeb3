"""A worker's process: its share of the cores, it dies with its parent, and prints its progress."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def cores_each(workers: int) -> int:
    """What so many workers on this machine have of its cores, at least one."""
    return max(1, (os.cpu_count() or 1) // workers)


def die_with_parent() -> None:
    """A worker must not outlive a killed run: its checkpoints would race with the rerun's."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(1)


def report_progress(worker: int, line: str) -> None:
    """Print a line, which also tells the supervisor that the worker is alive. It passes on the chief's lines only."""
    print(f"training: {line}" if worker == 0 else f"worker {worker}: {line}", flush=True)

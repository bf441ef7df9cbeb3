"""One commit at a time to a table that streams append to, between the processes of all machines that share the disk.

On a disk Spark puts a version into the log without asking whether another process has just done so. The lease keeps
other jobs away, and this lock the streams, which hold no lease.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from energy_lib.errors import TryAgain
from energy_lib.tables import Table

LONGEST_WAIT_SECONDS = 900.0
LOOK_EVERY_SECONDS = 0.02


@contextmanager
def table_lock(root: str, table: Table) -> Iterator[None]:
    """Hold the table for one commit; raises TryAgain if another process holds it for LONGEST_WAIT_SECONDS.

    Nothing is held of tables that no stream appends to, nor in an object store, which has no locks.
    """
    if not table.appended_by_streams or "://" in root:
        yield
        return
    folder = Path(root, "_locks")
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / f"{table.full_name}.lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _wait(lock, table)
        yield
    finally:
        # Closing it hands it over, as the end of the process does.
        os.close(lock)


def _wait(lock: int, table: Table) -> None:
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise TryAgain(
                    f"Another process holds {table.full_name} for {LONGEST_WAIT_SECONDS:,.0f} s: look whether a job "
                    "stands still, then run this again."
                ) from None
            time.sleep(LOOK_EVERY_SECONDS)


@contextmanager
def only_process(root: str, job: str) -> Iterator[None]:
    """Hold a lake on a disk for a job that one process does at a time; raises TryAgain if another one does it."""
    folder = Path(root, "_locks")
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / f"{job}.lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TryAgain(f"Another process runs {job} for {root}: stop it first.") from None
        yield
    finally:
        os.close(lock)

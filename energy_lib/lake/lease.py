"""One writer at a time: a lease in the lake, so that it holds on every store and machine the lake does.

Two runs that reach for it together are told apart by Delta's commit protocol. A holder on this host that is
dead (killed) is recognised by its process; one elsewhere by a lease not renewed for LEASE_SECONDS.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyspark.sql import Row

from energy_lib.errors import TryAgain
from energy_lib.lake.store import Lake
from energy_lib.tables import ops

LEASE_SECONDS = 120
RENEW_SECONDS = 40


def process_started(pid: int) -> str:
    """Start time of a process of this host in clock ticks since boot; '' if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return ""


@contextmanager
def writer_lease(lake: Lake, run_id: str) -> Iterator[None]:
    """Hold the lake for writing; raises TryAgain if another run holds it or took it first."""
    _take(lake, run_id)
    stop = threading.Event()
    renewer = threading.Thread(target=_renew, args=(lake, run_id, stop), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        stop.set()
        renewer.join()
        _write(lake, "", expected=run_id)


def _take(lake: Lake, run_id: str) -> None:
    held = _current(lake)
    if held is not None and held["holder"] and _alive(held):
        raise TryAgain(
            f"Run {held['holder']} (process {held['pid']} on {held['host']}) is writing to {lake.root}: "
            "wait for it to end, then run this again."
        )
    _write(lake, run_id, expected=held["holder"] if held is not None else None)
    now_held = _current(lake)
    if now_held is None or now_held["holder"] != run_id:
        raise TryAgain(f"Another run took {lake.root} first: run this again when it has ended.")


def _current(lake: Lake) -> Row | None:
    return lake.read(ops.LEASES).first() if lake.exists(ops.LEASES) else None


def _alive(held: Row) -> bool:
    if held["host"] == socket.gethostname():
        return process_started(held["pid"]) == held["process_started"] != ""
    renewed = held["renewed_at_utc"].astimezone(UTC)
    return bool(datetime.now(UTC) - renewed < timedelta(seconds=LEASE_SECONDS))


def _write(lake: Lake, holder: str, expected: str | None) -> None:
    """Replace the one row; Delta refuses one of two writers that replace the same row."""
    pid = os.getpid()
    row = ("writer", holder, socket.gethostname(), pid, process_started(pid), datetime.now(UTC))
    frame = lake.spark.createDataFrame([row], ops.LEASES.spark_schema)
    if expected is not None:
        held = _current(lake)
        if held is not None and held["holder"] != expected:
            raise TryAgain(f"Another run took {lake.root} over: run this again when it has ended.")
    lake.replace_where(ops.LEASES, frame, "lease = 'writer'")


def _renew(lake: Lake, run_id: str, stop: threading.Event) -> None:
    while not stop.wait(RENEW_SECONDS):
        try:
            _write(lake, run_id, expected=run_id)
        except TryAgain:
            return

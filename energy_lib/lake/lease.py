"""One writer at a time: a lease in a table of the lake, which holds on every store and machine that the lake is on.

Of two runs that take it together, Delta's commit protocol lets one win. A holder on this host that was killed is
recognised by its process. A holder elsewhere counts as dead if it has not renewed the lease for LEASE_SECONDS.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from energy_lib.errors import TryAgain
from energy_lib.lake.delta_tables import Lake
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
    """Hold the lake for writing; a thread renews the lease every RENEW_SECONDS.

    Raises TryAgain if another run holds it or took it first. The exit hands it over, also after a failure.

    >>> with writer_lease(lake, run_id):
    ...     lake.append(silver.PRICES, rows)
    """
    _take(lake, run_id)
    stop = threading.Event()
    renewer = threading.Thread(target=_renew, args=(lake, run_id, stop), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        stop.set()
        renewer.join()
        _hand_over(lake, run_id, "")


def _take(lake: Lake, run_id: str) -> None:
    lake.small_tables.create(ops.LEASES, [_row("")])
    read_version = lake.small_tables.version(ops.LEASES)
    lease = _read(lake)
    if lease["holder"] and _is_alive(lease):
        raise TryAgain(
            f"Run {lease['holder']} (process {lease['pid']} on {lease['host']}) is writing to {lake.root}: "
            "wait for it to end, then run this again."
        )
    lake.small_tables.replace(ops.LEASES, [_row(run_id)], read_version)


def _read(lake: Lake) -> dict[str, Any]:
    return lake.small_tables.rows(ops.LEASES)[0]


def _is_alive(lease: dict[str, Any]) -> bool:
    if lease["host"] == socket.gethostname():
        return bool(process_started(lease["pid"]) == lease["process_started"] != "")
    return bool(datetime.now(UTC) - lease["renewed_at_utc"] < timedelta(seconds=LEASE_SECONDS))


def _row(holder: str) -> dict[str, Any]:
    pid = os.getpid()
    return {
        "lease": "writer",
        "holder": holder,
        "host": socket.gethostname(),
        "pid": pid,
        "process_started": process_started(pid),
        "renewed_at_utc": datetime.now(UTC),
    }


def _hand_over(lake: Lake, run_id: str, holder: str) -> None:
    """Write the row as ours (renewed) or free, if it is still ours."""
    read_version = lake.small_tables.version(ops.LEASES)
    if _read(lake)["holder"] == run_id:
        lake.small_tables.replace(ops.LEASES, [_row(holder)], read_version)


def _renew(lake: Lake, run_id: str, stop: threading.Event) -> None:
    while not stop.wait(RENEW_SECONDS):
        _hand_over(lake, run_id, run_id)

"""One writer at a time: a lease in a table of the lake, so that it holds for every machine that the lake is on.

Of two runs that take it together, Delta's commit protocol lets one win. A holder in this place (this boot of this
machine, this namespace of process ids) that was killed is recognised by its process. Any other holder counts as lost
if it has not renewed the lease for LEASE_SECONDS; should it go on later, the fence keeps its commits out.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from energy_lib.errors import TryAgain
from energy_lib.lake.delta_tables import Lake
from energy_lib.lake.fence import Holding, holding
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import ops

LEASE_SECONDS = 120
RENEW_SECONDS = 40
# States of a process in Linux: halted by a signal, and ended (a zombie, which nobody has waited for yet).
STOPPED, ENDED = ("T", "t"), ("Z", "X", "x")

log = logging.getLogger(__name__)


def process_stat(pid: int) -> tuple[str, str]:
    """State (one letter) and start time (clock ticks since boot) of a process in this place; '' if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
        return stat[0], stat[19]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return "", ""


def place() -> str:
    """Where process ids mean the same: the boot of the machine and the namespace; '' where /proc does not say.

    The host's name is no proof of it: two containers may share one.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


@contextmanager
def writer_lease(lake: Lake, run_id: str) -> Iterator[None]:
    """Hold the lake for writing, with all commits of this process fenced; a thread renews it every RENEW_SECONDS.

    Raises TryAgain if another run holds it or took it first, and at the end if it was lost. The exit hands it over,
    also after a failure.

    >>> with writer_lease(lake, run_id):
    ...     lake.append(silver.PRICES, rows)
    """
    with held_lease(lake.small_tables, run_id, lake.fence_off):
        yield


@contextmanager
def held_lease(tables: SmallTables, run_id: str, fence_off: Callable[[int], None]) -> Iterator[None]:
    """`writer_lease` without Spark; `fence_off` commits a token to every table of the lake."""
    lease = Lease(tables, run_id)
    lease.take(fence_off)
    stop = threading.Event()
    renewer = threading.Thread(target=lease.renew_until, args=(stop,), daemon=True)
    renewer.start()
    try:
        with holding(Holding(lease.tables.root, run_id, lease.token, lease.still_ours)):
            yield
    finally:
        stop.set()
        renewer.join()
        lease.hand_over()


class Lease:
    """The lease's row as this run wrote it: `version` of ops.leases is the one of its last commit there."""

    def __init__(self, tables: SmallTables, run_id: str) -> None:
        self.tables, self.run_id = tables, run_id
        self.token = 0
        self.version = -1
        self._lock = threading.Lock()

    def take(self, fence_off: Callable[[int], None]) -> None:
        """Write the row as ours, with a new token; fence the tables off from a holder that did not hand over."""
        self.tables.create(ops.LEASES, [self._row("", 0)])
        version, before = self._read()
        if before["holder"] and is_alive(before):
            raise TryAgain(
                f"Run {before['holder']} (process {before['pid']} on {before['host']}) is writing to "
                f"{self.tables.root}: wait for it to end, then run this again."
            )
        # Milliseconds since 1970, so that a table of leases that was lost and made anew goes on counting.
        self.token = max((before.get("token") or 0) + 1, time.time_ns() // 1_000_000)
        self.version = self.tables.replace(ops.LEASES, [self._row(self.run_id, self.token)], version)
        if before["holder"]:
            log.info("taking over from run %s, which did not hand over", before["holder"])
            fence_off(self.token)

    def still_ours(self) -> bool:
        """Whether nobody has committed to ops.leases since we did."""
        with self._lock:
            return not self.tables.has_version(ops.LEASES, self.version + 1)

    def hand_over(self) -> None:
        """Write the row as free, if it is still ours; raises TryAgain if it is not."""
        if not self._rewrite(""):
            raise TryAgain(f"Another run took over {self.tables.root} from {self.run_id}: run this job again.")

    def renew_until(self, stop: threading.Event) -> None:
        while not stop.wait(RENEW_SECONDS):
            try:
                if not self._rewrite(self.run_id):
                    return  # The next commit says so.
            except Exception as error:
                # A store that is away for a moment: the lease holds for a while yet.
                log.warning("the lease could not be renewed (%s)", str(error).splitlines()[0])

    def _rewrite(self, holder: str) -> bool:
        """Commit the row anew; False if another run has committed there, which only a new holder does."""
        with self._lock:
            if self.tables.has_version(ops.LEASES, self.version + 1):
                return False
            try:
                self.version = self.tables.replace(ops.LEASES, [self._row(holder, self.token)], self.version)
            except TryAgain:
                return False
            return True

    def _read(self) -> tuple[int, dict[str, Any]]:
        version, rows = self.tables.version_and_rows(ops.LEASES)
        return version, rows[0]

    def _row(self, holder: str, token: int) -> dict[str, Any]:
        pid = os.getpid()
        return {
            "lease": "writer",
            "holder": holder,
            "host": socket.gethostname(),
            "pid": pid,
            "process_started": process_stat(pid)[1],
            "renewed_at_utc": datetime.now(UTC),
            "place": place(),
            "token": token,
        }


def is_alive(lease: dict[str, Any]) -> bool:
    """Whether the row's holder still counts as writing.

    A process of this place counts until it ends; a stopped one, like those elsewhere, until LEASE_SECONDS of silence.
    """
    recent = bool(datetime.now(UTC) - lease["renewed_at_utc"] < timedelta(seconds=LEASE_SECONDS))
    # Rows of before there were places name the host alone.
    here = lease["place"] == place() if lease.get("place") else lease["host"] == socket.gethostname()
    if not here or not place():
        return recent
    state, started = process_stat(lease["pid"])
    if started != lease["process_started"] or not started or state in ENDED:
        return False
    return recent or state not in STOPPED

"""Storage: the Spark session, Delta reads and writes, the run ledger, the writer's lease, maintenance, queries.

The names are loaded when they are first asked for: what needs no Spark (queries by DuckDB) does not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from energy_lib.lake.delta_tables import Lake
    from energy_lib.lake.frames import conform
    from energy_lib.lake.lease import writer_lease
    from energy_lib.lake.maintenance import maintain_tables
    from energy_lib.lake.outcome import Outcome
    from energy_lib.lake.run_ledger import last_run, progress, record_progress, record_run
    from energy_lib.lake.session import open_session, overridden_settings
    from energy_lib.lake.staging import Batch, Rows, few_or_frame

__all__ = [
    "Batch",
    "Lake",
    "Outcome",
    "Rows",
    "conform",
    "few_or_frame",
    "last_run",
    "maintain_tables",
    "open_session",
    "overridden_settings",
    "progress",
    "record_progress",
    "record_run",
    "writer_lease",
]

FILE_OF = {
    "Batch": "staging",
    "Lake": "delta_tables",
    "Outcome": "outcome",
    "Rows": "staging",
    "conform": "frames",
    "few_or_frame": "staging",
    "last_run": "run_ledger",
    "maintain_tables": "maintenance",
    "open_session": "session",
    "overridden_settings": "session",
    "progress": "run_ledger",
    "record_progress": "run_ledger",
    "record_run": "run_ledger",
    "writer_lease": "lease",
}


def __getattr__(name: str) -> object:
    if name not in FILE_OF:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{FILE_OF[name]}"), name)

"""Storage: the Spark session, Delta reads and writes, the run ledger, the writer's lease, maintenance, queries."""

from energy_lib.lake.delta_tables import Lake
from energy_lib.lake.frames import conform
from energy_lib.lake.lease import writer_lease
from energy_lib.lake.maintenance import maintain_tables
from energy_lib.lake.outcome import Outcome
from energy_lib.lake.run_ledger import progress, record_progress, record_run
from energy_lib.lake.session import open_session, overridden_settings
from energy_lib.lake.staging import Batch, Rows, few_or_frame

__all__ = [
    "Batch",
    "Lake",
    "Outcome",
    "Rows",
    "conform",
    "few_or_frame",
    "maintain_tables",
    "open_session",
    "overridden_settings",
    "progress",
    "record_progress",
    "record_run",
    "writer_lease",
]

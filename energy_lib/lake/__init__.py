"""Storage: the Spark session, Delta reads and writes, the run ledger and the writer's lease."""

from energy_lib.lake.lease import writer_lease
from energy_lib.lake.ledger import progress, record_progress, record_run
from energy_lib.lake.outcome import Outcome
from energy_lib.lake.session import open_session
from energy_lib.lake.store import Lake, conform

__all__ = ["Lake", "Outcome", "conform", "open_session", "progress", "record_progress", "record_run", "writer_lease"]

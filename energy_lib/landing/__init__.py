"""Landing: files of any source, described by a YAML, into bronze and the reference tables."""

from energy_lib.landing.pipeline.dry_run import preview
from energy_lib.landing.pipeline.ingest import ingest

__all__ = ["ingest", "preview"]

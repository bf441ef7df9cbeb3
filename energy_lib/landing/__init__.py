"""Landing: files of any source, described by a YAML, into bronze and the reference tables."""

from energy_lib.landing.ingest import ingest
from energy_lib.landing.preview import preview

__all__ = ["ingest", "preview"]

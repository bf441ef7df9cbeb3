"""Landing: files of any source, described by a YAML, into bronze and the reference tables."""

from energy_lib.landing.ingest import ingest

__all__ = ["ingest"]

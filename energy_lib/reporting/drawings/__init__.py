"""Each page's plots: its frames and the reader's words in, SVG out."""

from __future__ import annotations

from energy_lib.reporting.drawings import details, overview

__all__ = ["details", "overview"]

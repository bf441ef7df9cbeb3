"""What each number means, and what it does not."""

from __future__ import annotations

from dataclasses import dataclass

from energy_lib.reporting.figure import Figure


@dataclass(frozen=True)
class Method:
    """What made the answers; the rest of the page is words."""

    made_by: Figure

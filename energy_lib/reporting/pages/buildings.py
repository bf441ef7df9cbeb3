"""The list of buildings, and what is usual for their use."""

from __future__ import annotations

from dataclasses import dataclass

from energy_lib.reporting.figure import Figure


@dataclass(frozen=True)
class Buildings:
    """Frames of four weeks, as energy_lib.reporting.reading.buildings queries them."""

    buildings: Figure
    by_use: Figure

    def first(self, count: int) -> list[str]:
        """The buildings that cost most, without doubles (a building may have two currencies)."""
        return list(dict.fromkeys(map(str, self.buildings.rows["building_id"])))[:count]

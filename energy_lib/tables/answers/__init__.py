"""Gold: the answers people came for."""

from __future__ import annotations

from energy_lib.tables.answers import recommendations

TABLES = (*recommendations.TABLES,)

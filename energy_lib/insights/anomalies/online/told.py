"""An alert as it was last told."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Told:
    """`day`: local day whose hours told of it, days since 1970. `names`: the statistics in its evidence.

    `content`: the other columns of gold.alerts as they were last said. `by_night`: the night has withdrawn it.
    """

    alert_id: str
    day: int
    name: str
    start: pd.Timestamp
    state: str
    severity: str
    suppressed: str | None
    names: tuple[str, ...]
    content: dict[str, object]
    by_night: bool = False

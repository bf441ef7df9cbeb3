"""What the simulator landed, read as a stranger would, beside its truth and its ledger of dirt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

KEY = ["meter_id", "start"]


@dataclass(frozen=True)
class Landed:
    landing: Path
    lines: pd.DataFrame
    truth: pd.DataFrame
    dirt: pd.DataFrame

    def touched(self, *kinds: str) -> pd.DataFrame:
        """Ledger rows of the kinds, with the true value as `kwh`."""
        chosen = self.dirt[self.dirt["kind"].isin(kinds)]
        assert len(chosen), f"no dirt of {kinds} was simulated"
        return chosen

    def shown(self, *kinds: str) -> pd.DataFrame:
        """Lines of the touched meters and intervals, beside the true value `kwh`."""
        return self.touched(*kinds).merge(self.lines, on=KEY)


def read_lines(landing: Path) -> pd.DataFrame:
    parts = []
    for path in sorted((landing / "simulator").glob("readings-????-??-??.csv")):
        rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
        part = pd.DataFrame(
            [row for row in rows if len(row) == 8],
            columns=["meter_id", "building_id", "fuel", "start", "minutes", "value", "quality", "received"],
        )
        parts.append(part.assign(file=path.name, landed=path.stat().st_mtime, place=range(len(part))))
    return pd.concat(parts, ignore_index=True)

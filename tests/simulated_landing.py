"""The simulator's landing files, read line by line, beside the true readings and the ledger of injected faults."""

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
    faults: pd.DataFrame

    def faulty(self, *kinds: str) -> pd.DataFrame:
        """The ledger's rows of these kinds, with the true value as `kwh`."""
        ledger_rows = self.faults[self.faults["kind"].isin(kinds)]
        assert len(ledger_rows), f"no faults of {kinds} were simulated"
        return ledger_rows

    def lines_of(self, *kinds: str) -> pd.DataFrame:
        """The lines of readings with these kinds of fault, beside the true value `kwh`."""
        return self.faulty(*kinds).merge(self.lines, on=KEY)


def read_lines(landing: Path) -> pd.DataFrame:
    """The whole lines of all files of readings as text, with `file`, `landed` (modification time) and `place` in it."""
    parts = []
    for path in sorted((landing / "simulator").glob("readings-????-??-??.csv")):
        rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
        part = pd.DataFrame(
            [row for row in rows if len(row) == 9],
            columns=["point", "building_id", "fuel", "flow", "start", "minutes", "value", "quality", "received"],
        )
        suffix = ("_" + part["flow"]).where(part["flow"] != "import", "")
        part = part.assign(meter_id=part["point"] + suffix)
        parts.append(part.assign(file=path.name, landed=path.stat().st_mtime, place=range(len(part))))
    return pd.concat(parts, ignore_index=True)

"""How good the data are."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd

from energy_lib.reporting.figure import Figure

GATE_COLUMNS = [
    "state",
    "job",
    "suite",
    "rows",
    "checks",
    "checks_failed",
    "warnings",
    "broken",
    "finished_at_utc",
    "run_id",
]


@dataclass(frozen=True)
class DataQuality:
    """Frames as energy_lib.reporting.reading.data_quality queries them."""

    quarantine: Figure
    days: Figure
    gaps: Figure
    late: Figure
    gates: Figure


def gates(runs: pd.DataFrame) -> pd.DataFrame:
    """A row a gate of the runs' `gate_results`: what it checked, and which checks a row broke (with examples)."""
    rows = []
    for run in runs.itertuples():
        for gate in json.loads(str(run.gate_results)):
            if "suite" not in gate:
                continue
            checks = gate["expectations"]
            failed = [check for check in checks if not check["success"]]
            rows.append(
                {
                    "state": "passed" if gate["success"] else "refused",
                    "job": run.job,
                    "suite": gate["suite"],
                    "rows": gate["rows"],
                    "checks": len(checks),
                    "checks_failed": len(failed),
                    "warnings": gate.get("warnings", 0),
                    "broken": "; ".join(map(_sentence, failed)) or None,
                    "finished_at_utc": run.finished_at_utc,
                    "run_id": run.run_id,
                }
            )
    return pd.DataFrame(rows, columns=GATE_COLUMNS)


def _sentence(check: dict[str, object]) -> str:
    examples = check.get("examples") or []
    shown = f", such as {examples[0]}" if isinstance(examples, list) and examples else ""
    return f"{check['expectation']} of {check['column']} ({check['severity']}{shown})"

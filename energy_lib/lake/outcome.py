"""What a job's run did, in numbers: the ledger's row."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Outcome:
    """Rows in and out, Delta versions read and written (by full table name), gate results, and lines for people."""

    rows_in: int = 0
    rows_out: int = 0
    versions_read: dict[str, int] = field(default_factory=dict)
    versions_written: dict[str, int] = field(default_factory=dict)
    gates: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def gate_results_json(self) -> str | None:
        return json.dumps(self.gates, default=str) if self.gates else None

"""What a job's run did: the numbers of its row in ops.runs, and its lines for people."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Outcome:
    """Result of a run.

    `versions_read`, `versions_written`: full table name → Delta version. `gates`: what `gate` returned. `lines`: the
    job's answer for people, printed to stdout at the end of a run that succeeds.
    """

    rows_in: int = 0
    rows_out: int = 0
    versions_read: dict[str, int] = field(default_factory=dict)
    versions_written: dict[str, int] = field(default_factory=dict)
    gates: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def gate_results_json(self) -> str | None:
        return json.dumps(self.gates, default=str) if self.gates else None

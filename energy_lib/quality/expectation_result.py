"""The result of one expectation on a batch: plain data that ops.runs stores and Data Docs show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CRITICAL = "critical"
WARNING = "warning"
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """The result of one expectation.

    `unexpected_count` is None where it was not counted (a tolerated share, a check of the whole table).
    `examples` are rows: key columns and the columns the expectation looks at.
    """

    expectation: str
    kwargs: dict[str, Any]
    success: bool
    severity: str = CRITICAL
    unexpected_count: int | None = None
    examples: list[Any] = field(default_factory=list)

    @property
    def column(self) -> str:
        """The column, or the columns, the expectation looks at."""
        names = self.kwargs.get("column_list") or [
            self.kwargs[key] for key in ("column", "column_A", "column_B") if key in self.kwargs
        ]
        return ", ".join(str(name) for name in names)

    @property
    def refuses(self) -> bool:
        return not self.success and self.severity == CRITICAL

    def as_dict(self) -> dict[str, Any]:
        return {
            "expectation": self.expectation,
            "column": self.column,
            "kwargs": self.kwargs,
            "severity": self.severity,
            "success": self.success,
            "unexpected_count": self.unexpected_count,
            "examples": self.examples,
        }

    def sentence(self, rows: int) -> str:
        """`expect_…(p10, min_value=0): 12 of 1,000 rows, for instance meter_id=m1 p10=-3.2`."""
        limits = "".join(
            f", {key}={value}"
            for key, value in self.kwargs.items()
            if key not in ("column", "column_A", "column_B", "column_list", "row_condition", "condition_parser")
        )
        count = "" if self.unexpected_count is None else f"{self.unexpected_count:,} of {rows:,} rows, "
        shown = "; ".join(_shown(example) for example in self.examples[:EXAMPLES])
        return f"{self.expectation}({self.column}{limits}): {count}for instance {shown or 'the whole batch'}"


def _shown(example: Any) -> str:
    if isinstance(example, dict):
        return " ".join(f"{key}={value}" for key, value in example.items())
    return str(example)

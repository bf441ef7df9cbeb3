"""Results of gates, as ops.runs holds them: one that passed with a warning, one that refused a hostile row."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from energy_lib.quality.data_docs import GateRun, build_site

HOSTILE = "<script>alert('meter')</script>"
PRICES = {"column": "price_per_kwh", "min_value": -5, "max_value": 5}


def check(expectation: str, success: bool, kwargs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "expectation": expectation, "column": "", "kwargs": kwargs, "severity": "critical", "success": success,
        "unexpected_count": None, "examples": [], **more,
    }  # fmt: skip


def gate_run(run_id: str, day: int, success: bool, *checks: dict[str, Any]) -> GateRun:
    result = {"suite": "silver.prices", "success": success, "rows": 1234, "expectations": list(checks)}
    return GateRun(run_id, datetime(2024, 3, day, 12, tzinfo=UTC), result)


def make_site(folder: Path) -> Path:
    """The path of its first page."""
    between = "expect_column_values_to_be_between"
    passed = gate_run(
        "ingest-1", 2, True,
        check("expect_table_columns_to_match_set", True, {"column_set": ["a", "b"]}),
        check(between, False, PRICES | {"mostly": 0.5}, severity="warning"),
    )  # fmt: skip
    refused = gate_run(
        "ingest #2", 3, False,
        check(between, True, PRICES, unexpected_count=0),
        check(between, False, PRICES, unexpected_count=1, examples=[{"price_per_kwh": 24.5, "tariff_id": HOSTILE}]),
        check("expect_something_of_our_own", True, {"column": "a"}),
    )  # fmt: skip
    return build_site([passed, refused], folder / "data_docs")

"""Audit between write and publish: a staged batch passes whole, or the table stays as it was."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from energy_lib.errors import GateRefused
from energy_lib.lake import Rows
from energy_lib.quality import memory_checks, table_checks
from energy_lib.quality.expectation_result import ExpectationResult
from energy_lib.quality.suites import read_suite, run_suite
from energy_lib.tables import Table


def gate(rows: Rows, table: Table) -> dict[str, Any]:
    """Audit a batch by the table's declaration and its suite; an empty batch passes. Rows in memory need no Spark.

    Returns plain data for ops.runs: suite, success, rows, warnings (their number), failed, expectations. A failed
    expectation of severity `warning` is in it, and the batch passes. Any other raises GateRefused with the same data.

    >>> with lake.staged(silver.PRICES, rows) as batch:
    ...     outcome.gates.append(gate(batch.rows, silver.PRICES))
    ...     lake.upsert(silver.PRICES, batch.rows)
    """
    declared = memory_checks if isinstance(rows, pa.Table) else table_checks
    checks, count = declared.schema_checks(rows, table), 0
    if all(check.success for check in checks):
        count, value_results = declared.value_checks(rows, table)
        checks += value_results
        suite = read_suite(table)
        if suite is not None and count:
            checks += run_suite(rows, table, suite)
    result = _result(table, count, checks)
    if not result["success"]:
        raise GateRefused(_sentence(table, count, checks), result)
    return result


def _result(table: Table, rows: int, checks: list[ExpectationResult]) -> dict[str, Any]:
    return {
        "suite": table.full_name,
        "success": not any(check.refuses for check in checks),
        "rows": rows,
        "warnings": sum(not check.success and not check.refuses for check in checks),
        "failed": [check.as_dict() for check in checks if not check.success],
        "expectations": [check.as_dict() for check in checks],
    }


def _sentence(table: Table, rows: int, checks: list[ExpectationResult]) -> str:
    refusing = [check for check in checks if check.refuses]
    more = f" (and {len(refusing) - 1} more)" if len(refusing) > 1 else ""
    return (
        f"The batch for {table.full_name} was refused and the table is as it was: {refusing[0].sentence(rows)}{more}; "
        f"mend what made these rows, or the suite expectations/{table.full_name}.json if it is wrong, and run again."
    )

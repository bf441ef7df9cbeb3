"""The checks of `table_checks` on rows in memory: the same results, without Spark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.quality.expectation_result import EXAMPLES, ExpectationResult
from energy_lib.quality.table_checks import Rule, columns_check, key_check, rules_of, type_check
from energy_lib.tables import Table
from energy_lib.tables.arrow import arrow_type


def schema_checks(rows: pa.Table, table: Table) -> list[ExpectationResult]:
    """Columns and types."""
    types = {field.name: field.type for field in rows.schema}
    checks = [columns_check(rows.column_names, table)]
    for column in table.columns:
        got = types.get(column.name)
        checks.append(type_check(column, got == arrow_type(column), str(got or "nothing")))
    return checks


def value_checks(rows: pa.Table, table: Table) -> tuple[int, list[ExpectationResult]]:
    """Rows of the batch, and nullability, allowed values and key uniqueness."""
    checks = []
    for rule in rules_of(table):
        bad = _bad(rows.column(rule.column), rule)
        count = int(pc.sum(bad).as_py() or 0)
        names = list(dict.fromkeys((*table.key, rule.column)))
        examples = rows.select(names).filter(bad).slice(0, EXAMPLES).to_pylist() if count else []
        checks.append(
            ExpectationResult(rule.expectation, rule.kwargs, count == 0, unexpected_count=count, examples=examples)
        )
    return rows.num_rows, [*checks, _unique(rows, table)]


def pandas_rows(rows: pa.Table) -> pd.DataFrame:
    """The rows for Great Expectations: NaN, which pandas takes for missing, is infinite there, as it is for Spark."""
    columns = []
    for column in rows.columns:
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.fill_null(pc.is_nan(column), False), pa.scalar(np.inf, column.type), column)
        columns.append(column)
    frame: pd.DataFrame = pa.table(columns, names=rows.column_names).to_pandas()
    return frame


def _bad(column: pa.ChunkedArray, rule: Rule) -> pa.ChunkedArray:
    if rule.allowed is None:
        return pc.is_null(column)
    return pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, pa.array(rule.allowed, column.type))))


def _unique(rows: pa.Table, table: Table) -> ExpectationResult:
    counted = rows.group_by(list(table.key)).aggregate([([], "count_all")])
    doubled = counted.filter(pc.greater(counted["count_all"], 1))
    count = int(pc.sum(doubled["count_all"]).as_py() or 0)
    examples: list[dict[str, Any]] = (
        doubled.slice(0, EXAMPLES)
        .rename_columns(["rows" if name == "count_all" else name for name in doubled.column_names])
        .to_pylist()
    )
    return key_check(table, count, examples)

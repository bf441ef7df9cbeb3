"""The checks that follow from a table's code: columns, types, nullability, allowed values, unique keys.

They are written as Great Expectations' own expectation types, so that Data Docs show them beside the suite, but
counted in one aggregation and one pass over hashed keys: GX would launch a job, or a window, for each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.lake.spark_schemas import ddl
from energy_lib.quality.expectation_result import EXAMPLES, ExpectationResult
from energy_lib.tables import Column, Table

NOT_NULL = "expect_column_values_to_not_be_null"
IN_SET = "expect_column_values_to_be_in_set"
UNIQUE = "expect_column_values_to_be_unique"
UNIQUE_TOGETHER = "expect_compound_columns_to_be_unique"
OF_TYPE = "expect_column_values_to_be_of_type"
COLUMNS = "expect_table_columns_to_match_ordered_list"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a column's declaration forbids: NULL, or (`allowed`) any other value than these."""

    expectation: str
    column: str
    allowed: tuple[str, ...] | None = None

    @property
    def kwargs(self) -> dict[str, Any]:
        return {"column": self.column} | ({} if self.allowed is None else {"value_set": list(self.allowed)})


def rules_of(table: Table) -> list[Rule]:
    rules = []
    for column in table.columns:
        if not column.nullable:
            rules.append(Rule(NOT_NULL, column.name))
        if column.allowed:
            rules.append(Rule(IN_SET, column.name, tuple(str(value) for value in column.allowed)))
    return rules


def columns_check(names: list[str], table: Table) -> ExpectationResult:
    same = names == list(table.column_names)
    examples = [] if same else [f"the batch has {names}"]
    return ExpectationResult(COLUMNS, {"column_list": list(table.column_names)}, success=same, examples=examples)


def type_check(column: Column, same: bool, got: str) -> ExpectationResult:
    examples = [] if same else [f"the batch has {got}"]
    return ExpectationResult(OF_TYPE, {"column": column.name, "type_": ddl(column)}, success=same, examples=examples)


def key_check(table: Table, count: int, examples: list[dict[str, Any]]) -> ExpectationResult:
    """`count`: rows whose key another row of the batch has."""
    name = UNIQUE if len(table.key) == 1 else UNIQUE_TOGETHER
    kwargs: dict[str, Any] = {"column": table.key[0]} if len(table.key) == 1 else {"column_list": list(table.key)}
    return ExpectationResult(name, kwargs, success=count == 0, unexpected_count=count, examples=examples)


def schema_checks(staged: DataFrame, table: Table) -> list[ExpectationResult]:
    """Columns and types; costs no job."""
    batch_types = {f.name: f.dataType.simpleString() for f in staged.schema.fields}
    checks = [columns_check(staged.columns, table)]
    for column in table.columns:
        got = batch_types.get(column.name, "nothing")
        checks.append(type_check(column, ddl(column) == got, got))
    return checks


def value_checks(staged: DataFrame, table: Table) -> tuple[int, list[ExpectationResult]]:
    """Rows of the batch, and nullability, allowed values and key uniqueness: two jobs, whatever the table."""
    rules = [(rule, _broken(rule)) for rule in rules_of(table)]
    broken = [F.sum(F.when(bad, 1).otherwise(0)).alias(str(i)) for i, (_, bad) in enumerate(rules)]
    counted = staged.agg(F.count(F.lit(1)).alias("rows"), *broken).first()
    assert counted is not None
    rows = int(counted["rows"])
    checks = []
    for i, (rule, bad) in enumerate(rules):
        count = int(counted[str(i)] or 0)
        examples = _examples(staged.where(bad), table, rule.column) if count else []
        checks.append(
            ExpectationResult(rule.expectation, rule.kwargs, count == 0, unexpected_count=count, examples=examples)
        )
    return rows, [*checks, _unique(staged, table, rows)]


def _broken(rule: Rule) -> SparkColumn:
    value = F.col(rule.column)
    return value.isNull() if rule.allowed is None else value.isNotNull() & ~value.isin(list(rule.allowed))


def _unique(staged: DataFrame, table: Table, rows: int) -> ExpectationResult:
    hashed = staged.select(F.xxhash64(*table.key).alias("hash")).distinct().count() if rows else 0
    if hashed == rows:
        return key_check(table, 0, [])
    # Two keys may share a hash (once in some 10^5 batches of 10^7 rows), so the keys themselves are compared.
    doubled = staged.groupBy(*table.key).agg(F.count(F.lit(1)).alias("rows")).where("rows > 1")
    total = doubled.agg(F.sum("rows").alias("rows")).first()
    count = int(total["rows"] or 0) if total is not None else 0
    examples = [row.asDict() for row in doubled.limit(EXAMPLES).collect()] if count else []
    return key_check(table, count, examples)


def _examples(bad: DataFrame, table: Table, column: str) -> list[dict[str, Any]]:
    names = list(dict.fromkeys((*table.key, column)))
    return [row.asDict() for row in bad.select(*names).limit(EXAMPLES).collect()]

"""The checks that follow from a table's code: columns, types, nullability, allowed values, unique keys.

They are written as Great Expectations' own expectation types, so that Data Docs show them beside the suite, but
counted in one aggregation and one pass over hashed keys: GX would launch a job, or a window, for each of them.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.lake.spark_schemas import ddl
from energy_lib.quality.check import EXAMPLES, Check
from energy_lib.tables import Table

NOT_NULL = "expect_column_values_to_not_be_null"
IN_SET = "expect_column_values_to_be_in_set"
UNIQUE = "expect_column_values_to_be_unique"
UNIQUE_TOGETHER = "expect_compound_columns_to_be_unique"
OF_TYPE = "expect_column_values_to_be_of_type"
COLUMNS = "expect_table_columns_to_match_ordered_list"


def schema_checks(staged: DataFrame, table: Table) -> list[Check]:
    """Columns and types; costs no job."""
    batch_types = {f.name: f.dataType.simpleString() for f in staged.schema.fields}
    checks = [
        Check(
            COLUMNS,
            {"column_list": list(table.column_names)},
            success=staged.columns == list(table.column_names),
            examples=[f"the batch has {staged.columns}"] if staged.columns != list(table.column_names) else [],
        )
    ]
    for column in table.columns:
        wanted, got = ddl(column), batch_types.get(column.name, "nothing")
        checks.append(
            Check(
                OF_TYPE,
                {"column": column.name, "type_": wanted},
                success=wanted == got,
                examples=[] if wanted == got else [f"the batch has {got}"],
            )
        )
    return checks


def value_checks(staged: DataFrame, table: Table) -> tuple[int, list[Check]]:
    """Rows of the batch, and nullability, allowed values and key uniqueness: two jobs, whatever the table."""
    rules = _rules(table)
    broken = [F.sum(F.when(bad, 1).otherwise(0)).alias(str(i)) for i, (_, _, bad) in enumerate(rules)]
    counted = staged.agg(F.count(F.lit(1)).alias("rows"), *broken).first()
    assert counted is not None
    rows = int(counted["rows"])
    checks = []
    for i, (expectation, kwargs, bad) in enumerate(rules):
        count = int(counted[str(i)] or 0)
        examples = _examples(staged.where(bad), table, kwargs["column"]) if count else []
        checks.append(Check(expectation, kwargs, count == 0, unexpected_count=count, examples=examples))
    return rows, [*checks, _unique(staged, table, rows)]


def _rules(table: Table) -> list[tuple[str, dict[str, Any], SparkColumn]]:
    """(expectation, kwargs, condition that a bad row meets)."""
    rules: list[tuple[str, dict[str, Any], SparkColumn]] = []
    for column in table.columns:
        value = F.col(column.name)
        if not column.nullable:
            rules.append((NOT_NULL, {"column": column.name}, value.isNull()))
        if column.allowed:
            kwargs = {"column": column.name, "value_set": [str(v) for v in column.allowed]}
            rules.append((IN_SET, kwargs, value.isNotNull() & ~value.isin(kwargs["value_set"])))
    return rules


def _unique(staged: DataFrame, table: Table, rows: int) -> Check:
    name = UNIQUE if len(table.key) == 1 else UNIQUE_TOGETHER
    kwargs: dict[str, Any] = {"column": table.key[0]} if len(table.key) == 1 else {"column_list": list(table.key)}
    hashed = staged.select(F.xxhash64(*table.key).alias("hash")).distinct().count() if rows else 0
    if hashed == rows:
        return Check(name, kwargs, success=True, unexpected_count=0)
    # Two keys may share a hash (once in some 10^5 batches of 10^7 rows), so the keys themselves are compared.
    doubled = staged.groupBy(*table.key).agg(F.count(F.lit(1)).alias("rows")).where("rows > 1")
    total = doubled.agg(F.sum("rows").alias("rows")).first()
    count = int(total["rows"] or 0) if total is not None else 0
    examples = [row.asDict() for row in doubled.limit(EXAMPLES).collect()] if count else []
    return Check(name, kwargs, success=count == 0, unexpected_count=count, examples=examples)


def _examples(bad: DataFrame, table: Table, column: str) -> list[dict[str, Any]]:
    names = list(dict.fromkeys((*table.key, column)))
    return [row.asDict() for row in bad.select(*names).limit(EXAMPLES).collect()]

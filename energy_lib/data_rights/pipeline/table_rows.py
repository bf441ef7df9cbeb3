"""The rows of a table that are of somebody, and the texts that name them: removed, and taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import reduce
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from energy_lib.data_rights.row_conditions import SPARK, rows_sql
from energy_lib.data_rights.subject import ERASED, Subject
from energy_lib.lake import Lake
from energy_lib.lake.forgetting import marked_commits
from energy_lib.tables import Table, bronze, ops, silver
from energy_lib.tables.sensitivity import Sensitivity

# Rows of no known meter, of which the raw texts alone say whose they are.
RAW = (bronze.READINGS, silver.QUARANTINE)


def rows_of(table: Table, subject: Subject, stored: Collection[str]) -> Column | None:
    """The condition on a table's rows that are of the subject; None where no column says whose a row is.

    `stored`: the columns that the table has.
    """
    sql = rows_sql(table, subject, SPARK, stored)
    condition = None if sql is None else F.expr(sql)
    if table in RAW and subject.pattern is not None:
        texts = [column.name for column in table.columns if column.type == "string" and column.name in stored]
        told = reduce(lambda a, b: a | b, (_known(F.col(name).rlike(subject.pattern)) for name in texts))
        raw = F.col("meter_id").isNull() & told
        condition = raw if condition is None else condition | raw
    return condition


def _known(condition: Column) -> Column:
    return F.coalesce(condition, F.lit(False))


def remove_rows(lake: Lake, table: Table, subject: Subject) -> int:
    """Delete the subject's rows; how many there were."""
    condition = rows_of(table, subject, lake.small_tables.column_names(table))
    if condition is None:
        return 0
    count = lake.read(table).where(condition).count()
    if count:
        with marked_commits(lake):
            lake.delete(table, condition)
    return count


def take_out_of_texts(lake: Lake, table: Table, subject: Subject) -> int:
    """Put `[erased]` for the subject's ids in the texts of other rows; how many rows had one."""
    stored = lake.small_tables.column_names(table)
    texts = [column for column in table.columns_that_tell(Sensitivity.TEXT) if column.name in stored]
    if subject.pattern is None or not texts:
        return 0
    if table in (ops.RUNS, ops.PROGRESS):
        return _rewrite_bookkeeping(lake, table, subject)
    pattern = subject.pattern
    found = {column.name: _told(column.name, column.type, pattern) for column in texts}
    condition = reduce(lambda a, b: a | b, found.values())
    count = lake.read(table).where(condition).count()
    if count:
        changed = {column.name: _without(column.name, column.type, pattern) for column in texts}
        with marked_commits(lake):
            lake.update(table, condition, changed)
    return count


def _told(name: str, type_: str, pattern: str) -> Column:
    text = F.array_join(name, "\n") if type_ == "array<string>" else F.col(name)
    return _known(text.rlike(pattern))


def _without(name: str, type_: str, pattern: str) -> Column:
    def replaced(text: Column) -> Column:
        # Twice: of two ids with one letter between them, the first takes the letter.
        once = F.regexp_replace(text, pattern, f"$1{ERASED}$2")
        return F.regexp_replace(once, pattern, f"$1{ERASED}$2")

    return F.transform(name, replaced) if type_ == "array<string>" else replaced(F.col(name))


def _rewrite_bookkeeping(lake: Lake, table: Table, subject: Subject) -> int:
    """What ran is told in few rows, whose texts hold rows of gates as well: these go whole."""
    assert subject.pattern is not None
    pattern, version = re.compile(subject.pattern), lake.small_tables.version(table)
    rows = lake.small_tables.rows(table)
    after = [_bookkeeping(row, pattern) if pattern.search(str(row)) else row for row in rows]
    if after != rows:
        lake.small_tables.replace(table, after, version)
    return sum(a is not b for a, b in zip(after, rows, strict=True))


def _bookkeeping(row: dict[str, Any], pattern: Any) -> dict[str, Any]:
    """A row of ops.runs or ops.progress without the ids, and without examples that stand beside one."""
    after = dict(row)
    for name, value in row.items():
        if not isinstance(value, str) or not pattern.search(value):
            continue
        if name == "gate_results":
            after[name] = json.dumps([_gate(gate, pattern) for gate in json.loads(value)])
        elif name == "error":
            after[name] = f"{ERASED}: it named somebody whose data were erased"
        else:
            after[name] = pattern.sub(rf"\g<1>{ERASED}\g<2>", pattern.sub(rf"\g<1>{ERASED}\g<2>", value))
    return after


def _gate(gate: dict[str, Any], pattern: Any) -> dict[str, Any]:
    checks = gate.get("expectations")
    if checks is None:
        return gate
    return {**gate, "expectations": [{**c, "examples": []} if pattern.search(str(c)) else c for c in checks]}

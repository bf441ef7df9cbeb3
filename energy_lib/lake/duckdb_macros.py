"""Functions of Spark that DuckDB lacks or has otherwise, as DuckDB's macros; changed trees call them."""

from __future__ import annotations

from collections.abc import Iterable

from energy_lib.lake.duckdb_changes import WHOLE_NUMBERS

# Digits after the point to which doubles are rounded, at most.
DIGITS = 9


def macros() -> Iterable[str]:
    """The statements that make them."""
    yield "CREATE MACRO to_date(t) AS CAST(t AS DATE)"
    yield "CREATE MACRO from_utc_timestamp(t, zone) AS timezone(zone, timezone('UTC', t))"
    yield "CREATE MACRO spark_date_trunc(unit, t) AS CAST(date_trunc(unit, t) AS TIMESTAMP)"
    for name in sorted(WHOLE_NUMBERS):
        yield f"CREATE MACRO spark_{name}(t) AS CAST({name}(t) AS INTEGER)"
    for digits in range(DIGITS + 1):
        decimal = f"CAST(CAST(x AS VARCHAR) AS DECIMAL(38, {digits}))"
        yield f"CREATE MACRO rounded_{digits}(x) AS CAST({decimal} AS DOUBLE)"

"""Functions of Spark that DuckDB lacks or has otherwise, as DuckDB's macros; changed trees call them."""

from __future__ import annotations

from collections.abc import Iterable

from energy_lib.lake.duckdb_kinds import PARTS_OF_TIMES

# Digits after the point to which doubles are rounded, at most.
DIGITS = 9

_MACROS = {
    "to_date(t)": "CAST(t AS DATE)",
    "from_utc_timestamp(t, zone)": "timezone(zone, timezone('UTC', t))",
    "spark_date_trunc(unit, t)": "CAST(date_trunc(unit, t) AS TIMESTAMP)",
    "between_instants(t, earlier)": "to_microseconds(epoch_us(t) - epoch_us(earlier))",
    # Decimals are divided by their digits, as whole numbers: DuckDB divides them as doubles. Halves go away from zero.
    "digits(x)": "CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)",
    "power_of_ten(n)": "CAST('1' || repeat('0', n) AS HUGEINT)",
    "rounded_quotient(n, d)": "n // d + CASE WHEN abs(n % d) >= abs(d) - abs(n % d) THEN sign(n) * sign(d) ELSE 0 END",
    "quotient_digits(x, y, shift)": "rounded_quotient(digits(x) * power_of_ten(shift), digits(y))",
    "average_digits(x, shift)": "rounded_quotient(digits(sum(x)) * power_of_ten(shift), CAST(count(x) AS HUGEINT))",
    # Spark's interpolation, to the last digit: quantile_cont rounds otherwise.
    "item(s, i)": "s[CAST(i AS BIGINT) + 1]",
    "value_at(s, i)": "CASE WHEN item(s, floor(i)) = item(s, ceil(i)) THEN item(s, floor(i)) "
    "ELSE (ceil(i) - i) * item(s, floor(i)) + (i - floor(i)) * item(s, ceil(i)) END",
    "sorted_value(s, p)": "value_at(s, (len(s) - 1) * CAST(p AS DOUBLE))",
    "percentile(x, p)": "sorted_value(list_sort(list(CAST(x AS DOUBLE)) FILTER (x IS NOT NULL)), p)",
}


def macros() -> Iterable[str]:
    """The statements that make them."""
    for called, answer in _MACROS.items():
        yield f"CREATE MACRO {called} AS {answer}"
    for name in sorted(PARTS_OF_TIMES):
        yield f"CREATE MACRO spark_{name}(t) AS CAST({name}(t) AS INTEGER)"
    for digits in range(DIGITS + 1):
        decimal = f"CAST(CAST(x AS VARCHAR) AS DECIMAL(38, {digits}))"
        yield f"CREATE MACRO rounded_{digits}(x) AS CAST({decimal} AS DOUBLE)"

"""DuckDB divides and rounds decimals as whole numbers: held against Python's decimals, of 90 digits."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from energy_lib.lake.duckdb_queries import answer_by_duckdb

EXACT = Context(prec=90, rounding=ROUND_HALF_UP)


def literals(digits: int, scale: int) -> st.SearchStrategy[str]:
    """A number with this scale: fewer digits as often as many, and halves."""
    sizes = st.integers(1, digits).flatmap(lambda n: st.integers(0, 10**n - 1))
    halves = sizes.map(lambda number: number // 10 * 10 + 5)
    signed = st.tuples(st.one_of(sizes, halves), st.sampled_from(["", "-"]))
    return signed.map(lambda pair: f"{pair[1]}{Decimal(pair[0]).scaleb(-scale, EXACT):f}")


@settings(max_examples=40)
@given(literals(18, 6), literals(8, 3), st.integers(0, 6))
def test_quotients_and_roundings_have_no_error(a: str, b: str, digits: int) -> None:
    assume(Decimal(b) != 0)
    statement = f"SELECT {a} / {b} AS quotient, round({a}, {digits}) AS rounded, {a} * {b} AS product"
    answer = answer_by_duckdb(str(Path.cwd()), statement)
    assert answer is not None
    (row,) = answer.to_pylist()
    with localcontext(EXACT):
        exact = {
            "quotient": Decimal(a) / Decimal(b),
            "rounded": Decimal(a).quantize(Decimal(1).scaleb(-digits)),
            "product": Decimal(a) * Decimal(b),
        }
        for name, value in exact.items():
            assert row[name] == value.quantize(Decimal(1).scaleb(-answer.schema.field(name).type.scale)), name

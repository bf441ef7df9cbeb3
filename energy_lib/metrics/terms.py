"""The terms of metrics: what is summed over scored cells. NumPy, pandas and Spark compute each term by one formula.

A cell is one hour of one meter's forecast that has been measured. Its columns are `actual` and the quantiles (kWh) and
`fallback`, as in gold.forecasts. Residual = observed - predicted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from energy_lib.vocabulary import QUANTILES

# An array, a pandas Series or a Spark column: arithmetic and comparisons are written the same way for all of them.
Value = Any


class Operations(Protocol):
    """The operations that NumPy and Spark write in different ways."""

    def absolute(self, value: Value) -> Value: ...

    def larger(self, one: Value, other: Value) -> Value: ...

    def quotient(self, top: Value, bottom: Value) -> Value:
        """`top / bottom`, and 0 where `bottom` is 0."""

    def indicator(self, condition: Value) -> Value:
        """1.0 where the condition holds, else 0.0."""

    def known(self, value: Value) -> Value:
        """Whether the value is neither NULL nor NaN."""


# Takes a function from a column's name to its values.
Formula = Callable[[Callable[[str], Value], Operations], Value]


@dataclass(frozen=True, slots=True)
class Term:
    """One number for each cell, which is summed over cells.

    A term `of_day` is computed from the sums of a meter and day instead. Days on which it is unknown are left out.
    """

    name: str
    formula: Formula
    of_day: bool = False


def _residual(cell: Callable[[str], Value]) -> Value:
    return cell("actual") - cell("p50")


CELLS = Term("cells", lambda cell, op: op.indicator(op.known(cell("actual"))))
ENERGY = Term("energy_kwh", lambda cell, op: cell("actual"))
ABSOLUTE_ENERGY = Term("absolute_kwh", lambda cell, op: op.absolute(cell("actual")))
ABSOLUTE_ERROR = Term("absolute_error", lambda cell, op: op.absolute(_residual(cell)))
RESIDUAL = Term("residual", lambda cell, op: _residual(cell))
SQUARED_ERROR = Term("squared_error", lambda cell, op: _residual(cell) * _residual(cell))
# A cell of two zeros counts 0.
SYMMETRIC_ERROR = Term(
    "symmetric_error",
    lambda cell, op: op.quotient(
        2 * op.absolute(_residual(cell)), op.absolute(cell("actual")) + op.absolute(cell("p50"))
    ),
)
COVERED = Term(
    "covered",
    lambda cell, op: op.indicator((cell("actual") >= cell("p10")) & (cell("actual") <= cell("p90"))),
)
FALLBACKS = Term("fallbacks", lambda cell, op: op.indicator(op.known(cell("fallback"))))
# `scale`: the seasonal naive's mean absolute error, of the meter and the month (energy_lib.evaluation.mase_scales).
SCALED_ERROR = Term("scaled_error", lambda day, op: day("absolute_error") / day("scale"), of_day=True)
SCALED_CELLS = Term(
    "scaled_cells", lambda day, op: day("cells") * op.indicator(op.known(day("scaled_error"))), of_day=True
)


def pinball(name: str, level: float) -> Term:
    """Pinball loss of the quantile `name` at `level`, kWh: level d if d >= 0, else (level - 1) d; d = y - q."""

    def loss(cell: Callable[[str], Value], op: Operations) -> Value:
        difference = cell("actual") - cell(name)
        return op.larger(level * difference, (level - 1) * difference)

    return Term(f"pinball_{name}", loss)


def below(name: str) -> Term:
    """1 if the actual is below the quantile, ½ if it equals it: an idle meter's zeros often equal their forecasts."""

    def share(cell: Callable[[str], Value], op: Operations) -> Value:
        actual, quantile = cell("actual"), cell(name)
        return op.indicator(actual < quantile) + 0.5 * op.indicator(actual == quantile)

    return Term(f"below_{name}", share)


PINBALL = {name: pinball(name, level) for name, level in QUANTILES.items()}
BELOW = {name: below(name) for name in QUANTILES}

"""What is added up over scored cells. Each term is one formula, which NumPy, pandas and Spark all compute.

A cell is one hour of one meter's forecast that has been measured: `actual` and the quantiles in kWh, `fallback` as in
gold.forecasts. Residual = observed - predicted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from energy_lib.vocabulary import QUANTILES

# An array, a pandas Series or a Spark column: arithmetic and comparisons are written alike for all of them.
Value = Any


class Operations(Protocol):
    """What NumPy and Spark call differently."""

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
    """One number a cell, to be summed.

    A term `of_day` is computed from the sums of one meter and day instead; a day where it is unknown is left out.
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
    """1 where the actual lies below the quantile, a half where it equals it: zeros are often foreseen exactly."""

    def share(cell: Callable[[str], Value], op: Operations) -> Value:
        actual, quantile = cell("actual"), cell(name)
        return op.indicator(actual < quantile) + 0.5 * op.indicator(actual == quantile)

    return Term(f"below_{name}", share)


PINBALL = {name: pinball(name, level) for name, level in QUANTILES.items()}
BELOW = {name: below(name) for name in QUANTILES}

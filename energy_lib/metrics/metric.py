"""How a metric is declared: the terms of its numerator and denominator, and how their sums are combined."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import add

import numpy as np

from energy_lib.metrics.terms import CELLS, Term, Value


def ratio(numerator: Value, denominator: Value, cells: Value) -> Value:
    """Numerator over denominator; NaN where the denominator is not positive."""
    return numerator / np.where(denominator > 0, denominator, np.nan)


def root_mean_ratio(numerator: Value, denominator: Value, cells: Value) -> Value:
    """Root of the numerator's mean over the denominator's mean; NaN where that is not above zero (net registers)."""
    count = np.where(cells > 0, cells, np.nan)
    return ratio((numerator / count) ** 0.5, np.where(denominator > 0, denominator, np.nan) / count, cells)


def total(numerator: Value, denominator: Value, cells: Value) -> Value:
    """The numerator alone."""
    return numerator


class Over(StrEnum):
    """What a metric is computed over: all cells of a group together, or each meter's cells, then mean or median."""

    CELLS = "cells"
    MEAN_OF_METERS = "mean of meters"
    MEDIAN_OF_METERS = "median of meters"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric, and the column of gold.scores with its name.

    The sums of several terms in `numerator` are averaged. `unit` is '' for a ratio; `source` names the paper or
    standard. For instance WAPE is `Metric("wape", "", "…", "…", (ABSOLUTE_ERROR,), ABSOLUTE_ENERGY)`.
    """

    name: str
    unit: str
    meaning: str
    source: str
    numerator: tuple[Term, ...]
    denominator: Term
    factor: float = 1.0
    combine: Callable[[Value, Value, Value], Value] = ratio
    over: Over = Over.CELLS

    @property
    def comment(self) -> str:
        """The column's comment in gold.scores."""
        return f"{self.meaning}, {self.unit}" if self.unit else self.meaning

    @property
    def terms(self) -> tuple[Term, ...]:
        return (*self.numerator, self.denominator, CELLS)

    def loss(self, sums: Callable[[str], Value]) -> Value:
        """The metric's numerator; `sums` gives the sum of a term by its name, as for `value`."""
        return self.factor * (reduce(add, (sums(term.name) for term in self.numerator)) / len(self.numerator))

    def value(self, sums: Callable[[str], Value]) -> Value:
        """The metric, NaN where it is undefined. `sums` gives the sum of a term by its name: a number or a column.

        WAPE.value({"absolute_error": 4.0, "absolute_kwh": 16.0, "cells": 4}.__getitem__)  # 0.25
        """
        return self.combine(self.loss(sums), sums(self.denominator.name), sums(CELLS.name))


def terms_of(metrics: Iterable[Metric]) -> tuple[Term, ...]:
    """The terms that the metrics need, each once."""
    return tuple({term.name: term for metric in metrics for term in metric.terms}.values())

"""From assumptions with ranges to a change with a range: one assumption at a time is set to its ends.

The deviations from the central result are added in quadrature, those below and those above it apart, as for
assumptions that err independently (JCGM 100:2008, Guide to the expression of uncertainty in measurement, 5.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Run:
    """`name`: of the assumption that is at an end, None: central. `values`: of each measure, by assumption."""

    name: str | None
    values: tuple[dict[str, float], ...]


def runs_of(scenario: Scenario) -> list[Run]:
    """Central first, then each assumption at its low and its high end."""
    central = [measure.central() for measure in scenario.measures]
    found = [Run(None, tuple(central))]
    for place, measure in enumerate(scenario.measures):
        for name, assumption in measure.assumptions().items():
            for end in sorted({assumption.low, assumption.high} - {assumption.central}):
                values = [*central]
                values[place] = central[place] | {name: end}
                found.append(Run(f"{scenario.label(place)}.{name}", tuple(values)))
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """`hangs_on`: the assumption that widens the range most; None where none does."""

    low: float
    central: float
    high: float
    hangs_on: str | None


def change_of(baseline: float, results: Floats, names: Sequence[str | None]) -> Change:
    """`results`: of the runs, central first; `names`: the assumption of each."""
    central = float(results[0])
    below: dict[str, float] = {}
    above: dict[str, float] = {}
    for name, result in zip(names[1:], results[1:].tolist(), strict=True):
        assert name is not None
        below[name] = max(below.get(name, 0.0), central - result)
        above[name] = max(above.get(name, 0.0), result - central)
    widest = max(below, key=lambda name: max(below[name], above[name]), default=None)
    if widest is not None and max(below[widest], above[widest]) == 0:
        widest = None
    change = central - baseline
    return Change(
        change - float(np.sqrt(sum(d**2 for d in below.values()))),
        change,
        change + float(np.sqrt(sum(d**2 for d in above.values()))),
        widest,
    )

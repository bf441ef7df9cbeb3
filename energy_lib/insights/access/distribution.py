"""How unevenly energy is used: Gini coefficient and shares of tenths."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.access.privacy import Floats

TENTHS = 10


def gini(values: Floats) -> float | None:
    """Gini coefficient of amounts that are not below 0; None if nothing is used at all.

    Source: Sen, On Economic Inequality (1973), as the mean difference over twice the mean.
    """
    if values.sum() <= 0:
        return None
    ordered, ranks = np.sort(values), np.arange(1, len(values) + 1)
    return float(((2 * ranks - len(values) - 1) * ordered).sum() / (len(values) * values.sum()))


def decile_shares(values: Floats) -> list[float] | None:
    """Share of the sum of each tenth of the units, the lowest first; None if nothing is used at all.

    A unit on the border of two tenths is split between them.
    """
    if values.sum() <= 0:
        return None
    lorenz = np.concatenate([[0.0], np.cumsum(np.sort(values)) / values.sum()])
    borders = np.interp(np.linspace(0, len(values), TENTHS + 1), np.arange(len(values) + 1), lorenz)
    return [float(share) for share in np.diff(borders)]

"""Whether an action's season is at hand: what it would have saved in the weeks that now come, a year ago."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import Finding
from energy_lib.insights.recommendations.meter_year import YEAR_HOURS, MeterYear

AHEAD_HOURS = 56 * 24
# It can wait if the coming weeks held less than this share of what as many weeks hold on average.
LEAST_OF_EVEN = 0.25
OUT_OF_SEASON = 0.5


def urgency(year: MeterYear, finding: Finding) -> float:
    """The finding's urgency, and `OUT_OF_SEASON` of a seasonal one whose season is not at hand.

    What an action itself says of when it is due stands. Without the readings of the same weeks a year ago, or without
    half of the rest of the year, nothing is known of its season.
    """
    if not finding.seasonal or finding.avoidable is None or finding.urgency != 1.0:
        return finding.urgency
    last = finding.avoidable[-YEAR_HOURS:]
    known = ~np.isnan(last) & ~np.isnan(year.kwh[-YEAR_HOURS:])
    if known[:AHEAD_HOURS].mean() < 0.5 or known.mean() < 0.5:
        return finding.urgency
    ahead, whole = float(last[:AHEAD_HOURS][known[:AHEAD_HOURS]].mean()), float(last[known].mean())
    return OUT_OF_SEASON if ahead < LEAST_OF_EVEN * whole else finding.urgency

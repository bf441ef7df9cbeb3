"""A meter to mend: an open fault of it, or readings that cleaning holds suspect."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.recommendations.finding import Effort, Finding, Recommendation, Result, Scope
from energy_lib.insights.recommendations.meter_year import BLOCK_DAYS, YEAR_HOURS, MeterYear

# Of the hours that came in the last four weeks.
LEAST_SUSPECT_SHARE = 0.1
# It saves nothing itself; in the ranking it stands for this share of what the meter counts in a year.
STANDS_FOR = 0.02


def kernel(year: MeterYear) -> Result:
    last = slice(-24 * BLOCK_DAYS, None)
    came = int((~np.isnan(year.imputed[last])).sum())
    suspect = int(year.suspect[last].sum())
    share = suspect / came if came else 0.0
    if not year.faults and share < LEAST_SUSPECT_SHARE:
        return None
    faults = [{"type": fault.kind, "since": str(fault.since)} for fault in year.faults]
    named = ", ".join(f"{fault.kind} since {fault.since}" for fault in year.faults)
    return Finding(
        what=f"Open faults: {named}." if faults else f"{share:.0%} of the last four weeks' hours are suspect.",
        assumption="It is the meter, not the building; until it is mended its other figures are not to be trusted.",
        evidence={"faults": faults, "suspect_hours": suspect, "hours": came},
        strength=0.9 if faults else min(0.9, 0.4 + share),
        interval_is="it has no amount",
        urgency=1.5,
        stands_for_kwh=STANDS_FOR * float(np.nansum(year.kwh[-YEAR_HOURS:])),
    )


MEND_METER = Recommendation(
    name="mend_meter",
    title="Have the meter looked at",
    looks_at="open faults of gold.anomalies, and suspect hours of the last four weeks",
    kernel=kernel,
    scope=Scope.METER,
    effort=Effort.MEDIUM,
    on_bad_data=True,
)

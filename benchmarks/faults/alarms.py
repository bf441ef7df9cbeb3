"""An alarm, and what methods share: hours that are marked become alarms, and a limit comes from the learning years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.faults.meters import Meter

QUIET_HOURS = 24
MONTH_HOURS = 730.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """Raised at the end of the hour `raised`, of a thing that is called `name`."""

    raised: int
    name: str = ""


class Method(Protocol):
    """A way to find faults. `learn` sees no hour of the test; `alarms` may use, of each hour, what was before it."""

    name: str

    def learn(self, meters: Sequence[Meter], alarms_per_month: float) -> None: ...

    def alarms(self, meter: Meter, readings: NDArray[np.float64], first: int, end: int) -> list[Alarm]:
        """Alarms raised in the hours `first` … `end` - 1; before `first` the readings are the meter's own."""
        ...


def episodes(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The first hours of stretches of marks; marks less than a day apart are one."""
    hours = np.flatnonzero(marked)
    if len(hours) == 0:
        return hours
    firsts: NDArray[np.int64] = hours[np.concatenate([[True], np.diff(hours) > QUIET_HOURS])]
    return firsts


def limit_for(scores: NDArray[np.float64], alarms_per_month: float) -> float:
    """The score above which there are so many episodes a month, in the scores given."""
    known = scores[np.isfinite(scores)]
    wanted = alarms_per_month * len(known) / MONTH_HOURS
    filled = np.nan_to_num(scores, nan=-np.inf)
    # From above: at low limits episodes run into one another, and their number falls again.
    limits = np.quantile(known, 1 - np.geomspace(1e-5, 0.3, 120))
    last = float(known.max())
    for each in limits:
        if len(episodes(filled > each)) > wanted:
            break
        last = float(each)
    return last

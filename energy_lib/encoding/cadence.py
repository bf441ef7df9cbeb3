"""Late feeds: how old a meter's newest reading usually is at an origin, and which meter-days have an older one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.encoding.tensors import CLIP, Encoding, Floats, unscaled

STALENESS = "staleness_hours"
# A feed is late if the newest reading is half a day older than usual.
LATE_BEYOND_HOURS = 12


@dataclass(frozen=True, slots=True)
class Cadence:
    """The usual age in hours of the newest reading at an origin.

    meters [M], sorted; usual [M]: each meter's median age; others: the median of all, for meters that are not listed.
    """

    meters: npt.NDArray[np.str_]
    usual: Floats
    others: float

    @classmethod
    def of(cls, features: Floats, encoding: Encoding, meters: npt.NDArray[np.str_]) -> Cadence:
        """Medians over meter-days with scaled `features` [n, H, F] of `meters` [n].

        Raises InputMissing where the encoding has no staleness_hours.
        """
        age_hours = _staleness(features, encoding)
        usual = pd.Series(age_hours).groupby(meters).median()
        return cls(usual.index.to_numpy(np.str_), usual.to_numpy(np.float32), float(np.median(age_hours)))

    def late(self, features: Floats, encoding: Encoding, meters: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
        """[n]: true where the newest reading is older than usual, or older than the scaled features can show."""
        position = np.searchsorted(self.meters, meters).clip(max=len(self.meters) - 1)
        usual = np.where(self.meters[position] == meters, self.usual[position], self.others)
        return (_staleness(features, encoding) > usual + LATE_BEYOND_HOURS) | _clipped(features, encoding)


def _staleness(features: Floats, encoding: Encoding) -> Floats:
    return unscaled(features[:, 0], encoding, STALENESS)


def _clipped(features: Floats, encoding: Encoding) -> npt.NDArray[np.bool_]:
    """[n]: true where the scaled age is clipped, as it is if training had no late day: late, by an unknown time."""
    return np.asarray(features[:, 0, encoding.channel(STALENESS)] >= CLIP)

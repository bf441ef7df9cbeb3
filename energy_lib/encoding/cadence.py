"""How old a meter's newest reading usually is at an origin, and which meter-days have older ones: a feed is late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.encoding.tensors import CLIP, Encoding, Floats, unscaled

STALENESS = "staleness_hours"
# Half a day more than usual.
LATE_BEYOND_HOURS = 12


@dataclass(frozen=True, slots=True)
class Cadence:
    """`usual` [M]: the newest reading's age in hours of each of `meters` (sorted), a median; `others`: of all."""

    meters: npt.NDArray[np.str_]
    usual: Floats
    others: float

    @classmethod
    def of(cls, features: Floats, encoding: Encoding, meters: npt.NDArray[np.str_]) -> Cadence:
        """From groups with `features` [n, H, F] and their meters [n]; raises InputMissing without staleness_hours."""
        hours = _staleness(features, encoding)
        usual = pd.Series(hours).groupby(meters).median()
        return cls(usual.index.to_numpy(np.str_), usual.to_numpy(np.float32), float(np.median(hours)))

    def late(self, features: Floats, encoding: Encoding, meters: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
        """[n]: whose newest reading is older than usual, or than anything the encoding can tell."""
        place = np.searchsorted(self.meters, meters).clip(max=len(self.meters) - 1)
        usual = np.where(self.meters[place] == meters, self.usual[place], self.others)
        return (_staleness(features, encoding) > usual + LATE_BEYOND_HOURS) | _beyond(features, encoding)


def _staleness(features: Floats, encoding: Encoding) -> Floats:
    return unscaled(features[:, 0], encoding, STALENESS)


def _beyond(features: Floats, encoding: Encoding) -> npt.NDArray[np.bool_]:
    """Where training has seen no late day, one lies beyond what the scaled channel can say."""
    return np.asarray(features[:, 0, encoding.channel(STALENESS)] >= CLIP)

"""Telling the two passages of the autumn hour apart by their order in the file."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Mask = npt.NDArray[np.bool_]


class RepeatedStamps:
    """Which stamps of the doubled hour a file has shown already, for each series (a meter, a location) apart.

    One object serves all chunks of a file, in file order.
    """

    def __init__(self) -> None:
        self._times_seen: dict[tuple[str, int], int] = {}

    def second_passage(self, series: pa.Array, wall_micros: npt.NDArray[np.int64], doubled: Mask) -> Mask:
        """True where a `doubled` stamp comes for the second (or a further) time in its series.

        A row without a series (null) belongs to none: it is never a second passage, and makes no other row one.
        """
        second = np.zeros(len(doubled), dtype=bool)
        positions = np.flatnonzero(doubled & series.is_valid().to_numpy(zero_copy_only=False))
        if len(positions) == 0:
            return second
        frame = pd.DataFrame({"series": series.take(pa.array(positions)).to_pandas(), "wall": wall_micros[positions]})
        before = frame.groupby(["series", "wall"], sort=False).cumcount().to_numpy()
        keys = list(zip(frame["series"].to_numpy(), frame["wall"].to_numpy(), strict=True))
        before = before + np.array([self._times_seen.get(key, 0) for key in keys])
        for key, count in zip(keys, before, strict=True):
            self._times_seen[key] = max(self._times_seen.get(key, 0), int(count) + 1)
        second[positions] = before >= 1
        return second

"""Telling the two passages of the autumn hour apart by their order in the file."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class RepeatedStamps:
    """Which stamps of the doubled hour a file has shown already, for each series (a meter, a location) apart.

    One object serves all chunks of a file, in file order. A series whose stamps fall more often than they rise is
    written newest first: of two equal stamps the first is the later one.
    """

    def __init__(self) -> None:
        self._times_seen: dict[tuple[str, int], int] = {}
        self._steps_up: dict[str, int] = {}

    def second_passage(self, series: pa.Array, wall_micros: Longs, doubled: Mask, counted: Mask) -> Mask:
        """True where a `doubled` stamp is that of the second passage; a stamp that comes once is of the first.

        A row without a series (null), or outside `counted`, belongs to none: it is never a second passage, and makes
        no other row one.
        """
        second = np.zeros(len(doubled), dtype=bool)
        known = series.is_valid().to_numpy(zero_copy_only=False) & counted
        positions = np.flatnonzero(known)
        here = np.flatnonzero(doubled & known)
        frame = pd.DataFrame({"series": series.take(pa.array(positions)).to_pandas(), "wall": wall_micros[positions]})
        falling = self._falling(frame)
        if len(here) == 0:
            return second
        rows = frame[np.isin(positions, here)]
        groups = rows.groupby(["series", "wall"], sort=False)
        place, count = groups.cumcount().to_numpy(), groups["wall"].transform("size").to_numpy()
        keys = list(zip(rows["series"].to_numpy(), rows["wall"].to_numpy(), strict=True))
        seen = np.array([self._times_seen.get(key, 0) for key in keys])
        for key, number in zip(keys, seen + count, strict=True):
            self._times_seen[key] = int(number)
        newest_first = rows["series"].isin(falling).to_numpy()
        again = (place + seen) >= 1
        # Newest first: the first of several. An hour that the next chunk goes on with is cut at this one's end.
        first_of_several = (place + seen == 0) & ((count > 1) | self._cut(frame, rows))
        second[here] = np.where(newest_first, first_of_several, again)
        return second

    def _falling(self, frame: pd.DataFrame) -> set[str]:
        """The series that are written newest first, as far as the file has been read."""
        steps = np.sign(frame.groupby("series", sort=False)["wall"].diff().fillna(0))
        for series, ups in steps.groupby(frame["series"], sort=False).sum().items():
            self._steps_up[str(series)] = self._steps_up.get(str(series), 0) + int(ups)
        return {series for series, ups in self._steps_up.items() if ups < 0}

    def _cut(self, frame: pd.DataFrame, rows: pd.DataFrame) -> Mask:
        """Where no earlier stamp of the series follows in the chunk, and its own may still come again."""
        lowest = frame.groupby("series", sort=False)["wall"].min()
        doubled_until = rows.groupby("series", sort=False)["wall"].transform("min")
        return np.asarray((rows["series"].map(lowest) >= doubled_until).to_numpy())

"""Telling the two passages of the autumn hour apart by their order in the file."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Mask = npt.NDArray[np.bool_]


class Passages:
    """Remembers which doubled stamps of a meter the file has shown already, across its chunks."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], int] = {}

    def second(self, meter: pa.Array, wall_micros: npt.NDArray[np.int64], doubled: Mask) -> Mask:
        """True where a stamp of the doubled hour comes for the second (or a further) time for its meter."""
        second = np.zeros(len(doubled), dtype=bool)
        here = np.flatnonzero(doubled)
        if len(here) == 0:
            return second
        frame = pd.DataFrame({"meter": meter.take(pa.array(here)).to_pandas(), "wall": wall_micros[here]})
        before = frame.groupby(["meter", "wall"], sort=False).cumcount().to_numpy()
        keys = list(zip(frame["meter"].to_numpy(), frame["wall"].to_numpy(), strict=True))
        before = before + np.array([self._seen.get(key, 0) for key in keys])
        for key, count in zip(keys, before, strict=True):
            self._seen[key] = max(self._seen.get(key, 0), int(count) + 1)
        second[here] = before >= 1
        return second

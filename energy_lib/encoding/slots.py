"""Where the rows of a frame go in tensors: which group, and which interval of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

GROUP = ["meter_id", "origin_utc"]


@dataclass(frozen=True, slots=True)
class Slots:
    """Where each input row goes: its group and its interval (from 0) in the group; `keys` has a row for each group."""

    group: npt.NDArray[np.int64]
    interval: npt.NDArray[np.int64]
    keys: pd.DataFrame


def slots(rows: pd.DataFrame) -> Slots:
    """Groups in the order of their first row; intervals by `horizon_hours` (from 1)."""
    group = np.asarray(rows.groupby(GROUP, sort=False).ngroup(), dtype=np.int64)
    interval = rows["horizon_hours"].to_numpy(dtype=np.int64) - 1
    keys = rows[GROUP].drop_duplicates().reset_index(drop=True)
    return Slots(group, interval, keys)

"""True readings, as a utility's head-end would send them without faults."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.portfolio import Registry
from energy_lib.vocabulary import Quality

SLOT_MINUTES = 30


def true_readings(
    registry: Registry, energy: NDArray[Any], slots: pd.DatetimeIndex, meters: Collection[int] | None = None
) -> pd.DataFrame:
    """One row for each meter and interval, ordered by meter and time; of `meters` alone if they are given.

    Columns: `meter` (ordinal), `start` and `received` (UTC, no zone), `minutes`, `kwh`, `quality`, `file_day`
    (the UTC day of the file that holds the row), `start_text` and `value_text` (written instead of stamp and value
    unless empty), `rank` (order among the rows of one meter, interval and file).

    `energy` is kWh by meter (rows) and half-hour of `slots` (columns), as demand gives it.
    """
    minutes = registry.habits["interval_minutes"].to_numpy()
    starts = slots.to_numpy().astype("datetime64[s]")
    parts = []
    for number in range(len(minutes)) if meters is None else sorted(meters):
        length = minutes[number]
        step = int(length) // SLOT_MINUTES
        values = energy[number].reshape(-1, step).sum(axis=1)
        begin = starts[::step]
        parts.append(
            pd.DataFrame(
                {
                    "meter": np.int32(number),
                    "start": begin,
                    "minutes": np.int32(length),
                    "kwh": values.round(3),
                    "received": begin + np.timedelta64(int(length) * 60, "s"),
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    rows["file_day"] = rows["start"].to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    rows["quality"] = Quality.MEASURED.value
    rows["start_text"] = ""
    rows["value_text"] = ""
    rows["rank"] = np.int8(0)
    return rows

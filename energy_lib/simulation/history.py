"""What the meters of projects read before the first simulated day: a baseline needs a year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.intervals import midnight_utc
from energy_lib.simulation.files import READINGS_HEADER, Folder, reading_lines
from energy_lib.simulation.portfolio import Registry
from energy_lib.simulation.projects import meters_with_history
from energy_lib.simulation.readings import true_readings


def write_history(folder: Folder, utility: Registry, kwh: NDArray[Any], slots: pd.DatetimeIndex) -> None:
    """Write a file a month, without faults. All land when the history ends, as the first delivery of a new sender does.

    `kwh` by meter and half-hour of `slots`.
    """
    meters = meters_with_history(utility)
    if not meters or slots.empty:
        return
    rows = true_readings(utility, kwh, slots, meters).sort_values(["start", "meter"], ignore_index=True)
    lines = reading_lines(rows, utility)
    months = rows["start"].dt.strftime("%Y-%m").to_numpy()
    landed = midnight_utc((slots[-1] + (slots[1] - slots[0])).date())
    for month in np.unique(months):
        text = "\n".join([READINGS_HEADER, *lines[months == month], ""])
        folder.write(f"simulator/readings-history-{month}.csv", text.encode(), landed)

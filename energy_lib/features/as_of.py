"""Exact as-of windows where the current hourly view is not what an origin saw: corrections and late readings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.cleaning import hourly_view
from energy_lib.cleaning.hourly import LONG_INTERVAL_HOURS, reach_back_hours
from energy_lib.cleaning.virtual_hours import virtual_hours
from energy_lib.cleaning.virtual_meters import VirtualMeter
from energy_lib.config import CleaningConfig
from energy_lib.features.arrays import MICROSECONDS_PER_HOUR, Hours, epoch_hours, epoch_microseconds
from energy_lib.features.known_history import HourlyWindow, known_window

MINUTES_PER_HOUR = 60


def restate(
    window: HourlyWindow,
    versions: pd.DataFrame,
    origins: Hours,
    cleaning: CleaningConfig,
    late_hours: int = 0,
    virtual: VirtualMeter | None = None,
) -> None:
    """Recompute, in place, the rows of `window` whose origin saw other readings than the current view shows.

    `versions`: rows of silver.readings of the meter, superseded ones too, from the reach and reach_back_hours before
    the first origin on, and longer ones that reach into that time. Of a `virtual` meter they are those of its
    registers. `late_hours`: see known_window.
    """
    reach = window.energy.shape[1]
    version_reach = reach + reach_back_hours(cleaning)
    start = epoch_hours(versions["interval_start_utc"])
    minutes = versions["interval_minutes"].to_numpy(np.int64)
    longer = np.maximum(minutes // MINUTES_PER_HOUR - LONG_INTERVAL_HOURS, 0)
    available = epoch_microseconds(versions["available_at_utc"])
    superseded = epoch_microseconds(versions["superseded_at_utc"])
    for row, origin in enumerate(origins):
        now = (origin - late_hours) * MICROSECONDS_PER_HOUR
        seen = (start + longer >= origin - version_reach) & (start < origin)
        if not _differs(start[seen], available[seen], superseded[seen], int(now)):
            continue
        as_of = versions[seen & (available <= now) & (superseded > now)]
        at = origins[row : row + 1]
        window.replace_row(row, known_window(_view(as_of, cleaning, virtual), at, reach, late_hours))


def _view(readings: pd.DataFrame, cleaning: CleaningConfig, virtual: VirtualMeter | None) -> pd.DataFrame:
    """The hourly view of the readings: of one meter, or of a virtual meter's registers and from these its own."""
    if virtual is None:
        return hourly_view(readings, cleaning)
    views = [hourly_view(own, cleaning) for _, own in readings.groupby("meter_id")]
    return virtual_hours(pd.concat(views, ignore_index=True), virtual)


def _differs(start: Hours, available: NDArray[np.int64], superseded: NDArray[np.int64], now: int) -> bool:
    """Whether the readings known at `now` are more, fewer or other than the current ones up to the last one known."""
    known = (available <= now) & (superseded > now)
    if not known.any():
        return False
    current = superseded == np.iinfo(np.int64).max
    up_to_last = start <= start[known].max()
    return bool((known != current)[up_to_last].any())

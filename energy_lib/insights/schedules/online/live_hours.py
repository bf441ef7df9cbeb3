"""A site's hours as they are being read: readings of its meters that no night has cleaned yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.insights.schedules.online.present import HourSoFar
from energy_lib.insights.schedules.site import Hours

HOUR_MINUTES = 60
COLUMNS = ("meter_id", "interval_start_utc", "interval_minutes", "energy_kwh", "landed_at_utc")
# A reading of hours says nothing of one of them.
LONGEST_MINUTES = 60


@dataclass(frozen=True, slots=True)
class SiteMeters:
    """Electricity meters at a site's border: what they read adds to its import (`inward`), or leaves it."""

    inward: frozenset[str]
    outward: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.inward | self.outward


def known_readings(readings: pd.DataFrame, known_at: datetime, without: frozenset[str]) -> pd.DataFrame:
    """Of readings (COLUMNS) the newest of each interval that had come by then; none of the meters `without`."""
    rows = readings[(readings["landed_at_utc"] <= known_at) & (readings["interval_minutes"] <= LONGEST_MINUTES)]
    rows = rows[~rows["meter_id"].isin(without)]
    return rows.sort_values("landed_at_utc", kind="stable").drop_duplicates(
        ["meter_id", "interval_start_utc"], keep="last"
    )


def hour_so_far(readings: pd.DataFrame, meters: SiteMeters, hour: datetime, now: datetime) -> HourSoFar:
    """What was read of the hour that `now` is in, as far as all of the site's meters have read it."""
    elapsed = (now - hour).total_seconds() / 3600
    own = readings[readings["meter_id"].isin(meters.all)]
    minute = ((own["interval_start_utc"] - hour) / pd.Timedelta(minutes=1)).to_numpy()
    ends = minute + own["interval_minutes"].to_numpy(dtype=float)
    inside = (minute >= 0) & (ends <= HOUR_MINUTES)
    own, minute, ends = own[inside], minute[inside], ends[inside]
    reached = min((_reached(own["meter_id"].to_numpy() == m, minute, ends) for m in meters.all), default=0.0)
    reached = min(reached, elapsed * HOUR_MINUTES)
    sign = np.where(own["meter_id"].isin(meters.inward), 1.0, -1.0)
    kwh = float((own["energy_kwh"].to_numpy(dtype=float) * sign)[ends <= reached + 1e-9].sum())
    return HourSoFar(elapsed, reached / HOUR_MINUTES, kwh)


def _reached(own: NDArray[np.bool_], minute: Hours, ends: Hours) -> float:
    """Minute up to which a meter has read the hour without a gap."""
    reached = 0.0
    for first, end in sorted(zip(minute[own], ends[own], strict=True)):
        if first > reached:
            break
        reached = max(reached, float(end))
    return reached


def whole_hours(readings: pd.DataFrame, meters: SiteMeters) -> Mapping[int, float]:
    """UTC hour since the epoch -> kWh that the site took in, of hours that all its inward meters have read whole."""
    own = readings[readings["meter_id"].isin(meters.inward)]
    if own.empty:
        return {}
    hour = (own["interval_start_utc"].astype("int64") // _units_an_hour(own["interval_start_utc"])).to_numpy()
    frame = pd.DataFrame({"hour": hour, "minutes": own["interval_minutes"], "kwh": own["energy_kwh"]})
    sums = frame.groupby("hour")[["minutes", "kwh"]].sum()
    whole = sums[sums["minutes"] == HOUR_MINUTES * len(meters.inward)]
    return dict(zip(whole.index.to_numpy().tolist(), whole["kwh"].to_numpy().tolist(), strict=True))


def _units_an_hour(stamps: pd.Series) -> int:
    return int(pd.Timedelta(hours=1) / pd.Timedelta(1, unit=stamps.dt.unit))

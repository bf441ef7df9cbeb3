"""The regular hourly view of one meter: the kernel that cleaning, features and as-of reads share. No Spark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.cleaning.gap_filling import ESTIMATE_WEEKS, METHODS, fill
from energy_lib.cleaning.hourly_grid import (
    HOUR_MINUTES,
    QUALITIES,
    Floats,
    Ints,
    Readings,
    Small,
    to_grid,
)
from energy_lib.cleaning.odd_hours import WEEK
from energy_lib.cleaning.rules import FLAGS, SUSPECT_BITS
from energy_lib.cleaning.suspect_hours import find_suspects, suspicion_ahead_hours, suspicion_back_hours
from energy_lib.config import CleaningConfig
from energy_lib.tables import silver
from energy_lib.vocabulary import Flow, Quality

# Longer intervals (up to LONGEST_INTERVAL_DAYS) are few: they are looked for by themselves, and the reach below is
# that of the others.
LONG_INTERVAL_HOURS = 24
HOUR_US = 3_600_000_000
NONE = np.iinfo(np.int64).min
ESTIMATED, IMPUTED = QUALITIES.index(Quality.ESTIMATED), QUALITIES.index(Quality.IMPUTED)

# Quality and method as text, by code; -1 takes the last.
QUALITY_NAMES = np.array([*map(str, QUALITIES), None], dtype=object)
METHOD_NAMES = np.array([*METHODS, None], dtype=object)
FLAG_NAMES = np.empty(1 << len(FLAGS), dtype=object)
FLAG_NAMES[:] = [[f for i, f in enumerate(FLAGS) if mask >> i & 1] for mask in range(1 << len(FLAGS))]
QUALITY_CODES = {str(name): i for i, name in enumerate(QUALITIES)}
FLAG_BITS = {name: 1 << i for i, name in enumerate(FLAGS)}


@dataclass(frozen=True, slots=True)
class Hours:
    """Rows of silver.hourly_readings as arrays of one length: names as integer codes, instants as integers."""

    hour: Ints  # hours since the epoch
    energy_kwh: Floats
    measured_kwh: Floats
    quality: Small  # index into QUALITIES, -1 for none
    imputed_share: npt.NDArray[np.float32]
    method: Small  # index into METHODS, -1 for none
    flags: Ints  # bits of rules.FLAGS
    suspect_from: Ints  # microseconds since the epoch, NONE where not suspect
    available: Ints  # microseconds since the epoch

    def between(self, first: int, last: int) -> Hours:
        """Hours first … last, both included."""
        low, high = np.searchsorted(self.hour, [first, last + 1])
        return Hours(*(getattr(self, name)[low:high] for name in self.__slots__))


def reach_back_hours(settings: CleaningConfig) -> int:
    """How far before an hour a reading of up to LONG_INTERVAL_HOURS may start and still shape the hour's row."""
    suspicion = suspicion_back_hours(settings)
    return ESTIMATE_WEEKS * WEEK + suspicion + settings.estimate_hours + LONG_INTERVAL_HOURS


def reach_ahead_hours(settings: CleaningConfig) -> int:
    """How far after an hour a reading may start and still shape the hour's row."""
    ends = max(settings.estimate_hours, settings.interpolate_hours) + 1
    return ends + suspicion_ahead_hours(settings) + 1


HOURLY_REACH_HOURS = reach_back_hours(CleaningConfig())


def hours_of(readings: Readings, fuel: str, settings: CleaningConfig, flow: str = Flow.IMPORT) -> Hours:
    """The hourly rows of one meter's readings: regular hours in UTC, with what was read (kWh) and what is estimated.

    `readings`: one version of each interval, sorted by start. `fuel` and `flow` decide which rules hold suspect hours.
    """
    grid = to_grid(readings)
    suspects = find_suspects(grid, fuel, settings, flow)
    filled = fill(grid, suspects, settings)
    at = np.flatnonzero(filled.row)
    estimated = HOUR_MINUTES - grid.covered + grid.spread
    known = ~np.isnan(filled.energy)
    quality = np.where(grid.spread > 0, np.maximum(grid.quality, ESTIMATED), grid.quality)
    quality = np.where(known & (grid.covered < HOUR_MINUTES), IMPUTED, quality)
    suspect = suspects.flags & SUSPECT_BITS != 0
    since = np.where(suspect, suspects.rank, 0).astype(np.int64)
    return Hours(
        hour=grid.first + at,
        energy_kwh=filled.energy[at],
        measured_kwh=grid.read_kwh[at],
        quality=quality[at].astype(np.int8),
        imputed_share=np.where(known, estimated / HOUR_MINUTES, 0)[at].astype(np.float32),
        method=filled.method[at],
        flags=(grid.flags | suspects.flags)[at],
        suspect_from=np.where(suspect, grid.instants[since], NONE)[at],
        available=grid.instants[filled.rank[at].astype(np.int64)],
    )


def hourly_view(readings: pd.DataFrame, settings: CleaningConfig) -> pd.DataFrame:
    """Rows of silver.hourly_readings from rows of silver.readings of one meter.

    `readings`: one version of each interval (the current ones, or those known at some time), in any order, with
    timestamps as naive UTC. Columns in: meter_id, fuel, interval_start_utc, interval_minutes, energy_kwh, quality,
    flags, available_at_utc, and flow (absent or null: import). Columns out: those of silver.HOURLY, timestamps as
    naive UTC.

    There is a row for each hour that was read, and for the hours of gaps up to `settings.estimate_hours` between two
    readings. Longer gaps have none, and neither has the time after the last reading.

    >>> current = versions[versions["superseded_at_utc"].isna()]
    >>> hourly_view(current, CleaningConfig())[["interval_start_utc", "energy_kwh", "imputed_by"]]
    """
    names = list(silver.HOURLY.column_names)
    if readings.empty:
        return pd.DataFrame(columns=names)
    ordered = readings.sort_values("interval_start_utc", kind="stable")
    fuel, flow = str(ordered["fuel"].iloc[0]), _flow_of(ordered)
    hours = hours_of(coded(ordered), fuel, settings, flow)
    start = (hours.hour * HOUR_US).view("datetime64[us]").astype("datetime64[ns]")
    suspect = hours.suspect_from.copy()
    suspect[suspect == NONE] = np.datetime64("NaT").view("int64")
    view = pd.DataFrame(
        {
            "meter_id": ordered["meter_id"].iloc[0],
            "fuel": fuel,
            "flow": flow,
            "interval_start_utc": start,
            "energy_kwh": hours.energy_kwh,
            "measured_kwh": hours.measured_kwh,
            "quality": QUALITY_NAMES[hours.quality],
            "imputed_share": hours.imputed_share,
            "imputed_by": METHOD_NAMES[hours.method],
            "flags": FLAG_NAMES[hours.flags],
            "suspect_from_utc": suspect.view("datetime64[us]").astype("datetime64[ns]"),
            "available_at_utc": hours.available.view("datetime64[us]").astype("datetime64[ns]"),
            "interval_month": start.astype("datetime64[M]").astype("datetime64[D]").astype(object),
        }
    )
    return view[names]


def _flow_of(readings: pd.DataFrame) -> str:
    """The flow of one meter's readings; import where they name none."""
    flow = readings["flow"].iloc[0] if "flow" in readings else None
    return str(Flow.IMPORT) if pd.isna(flow) else str(flow)


def coded(ordered: pd.DataFrame) -> Readings:
    """Rows of silver.readings, sorted by start, as the kernel's arrays."""
    flags = [sum(FLAG_BITS.get(f, 0) for f in row) if len(row) else 0 for row in ordered["flags"]]
    minutes = ordered["interval_start_utc"].to_numpy("datetime64[m]").astype(np.int64)
    return Readings(
        start=minutes,
        minutes=ordered["interval_minutes"].to_numpy(np.int64),
        kwh=ordered["energy_kwh"].to_numpy(np.float64),
        quality=np.array([QUALITY_CODES[q] for q in ordered["quality"]], dtype=np.int8),
        flags=np.array(flags, dtype=np.int64),
        available=ordered["available_at_utc"].to_numpy("datetime64[us]").astype(np.int64),
    )

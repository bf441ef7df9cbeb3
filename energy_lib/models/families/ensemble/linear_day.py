"""A linear model of whole days: 24 hours from one row of inputs, by coefficients for all meters plus a meter's own.

It predicts the distance from the anchor over the level, as the trees do. A meter with too few training days, or with
none, uses the common coefficients alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.cadence import Cadence
from energy_lib.encoding.tensors import ANCHOR, Encoding, Floats, anchor_of, unscaled

LINEAR_FILE = "linear.npz"
DAY = 24
NOON = 12
# Inputs of each hour of the day ahead.
HOURLY = (
    *(ANCHOR, "energy_same_day_type_hour_ewm_2d"),
    *(f"energy_residual_wall_lag_{days}d" for days in (1, 2, 7)),
    *("energy_same_hour_of_week_mean_4w", "energy_same_day_type_hour_mean_28d", "energy_same_day_type_hour_median_28d"),
    *("energy_lag_24h", "energy_wall_lag_7d", "energy_lag_168h"),
    *("temperature_c", "heating_degree_hours", "cooling_degree_hours", "irradiance_w_m2"),
    *("temperature_less_recent_5d", "energy_temperature_effect_28d"),
)
# Inputs of the day as a whole, taken at its noon.
DAILY = (
    *(f"energy_residual_mean_{hours}h" for hours in (1, 3, 6, 12, 24, 48, 168)),
    *("energy_residual_abs_mean_168h", "energy_std_168h", "energy_std_672h", "energy_ramp_24h", "energy_ramp_168h"),
    *(f"energy_mean_{hours}h" for hours in (24, 72, 168, 672)),
    *(f"energy_day_mean_{days}d" for days in range(1, 8)),
    *("is_holiday", "is_holiday_eve", "day_of_year_sin", "day_of_year_cos", "temperature_c"),
    *("temperature_mean_24h", "temperature_mean_168h", "heating_degree_mean_24h"),
)
OFF, WEEKDAY = "is_day_off", "weekday"
# Inputs that are multiplied by OFF: the latest residuals mean something else on a day off.
TIMES_OFF = tuple(f"energy_residual_mean_{hours}h" for hours in (3, 24, 168))
COLUMNS = tuple(dict.fromkeys((*HOURLY, *DAILY, *TIMES_OFF, OFF, WEEKDAY)))


@dataclass(frozen=True, slots=True)
class LinearDays:
    """Coefficients of P inputs of day ahead d: `common` [D, P, 24] and, for each of `meters`, `own` [M, D, P, 24].

    They hold for days whose newest reading is as recent as `cadence` says is usual, because the age is no input.
    """

    common: Floats
    meters: npt.NDArray[np.str_]
    own: Floats
    cadence: Cadence

    def distance(self, features: Floats, encoding: Encoding, meters: npt.NDArray[np.str_]) -> Floats:
        """Distances [n, H] from the anchor, over the level, of groups with `features` [n, H, F]."""
        index = {meter: i for i, meter in enumerate(self.meters)}
        meter_index = np.array([index.get(meter, -1) for meter in meters])
        days = []
        for day in range(len(self.common)):
            rows = inputs(features, encoding, day)
            distances = rows @ self.common[day]
            for i in np.unique(meter_index[meter_index >= 0]):
                of_meter = meter_index == i
                distances[of_meter] += rows[of_meter] @ self.own[i, day]
            days.append(distances)
        distance: Floats = np.concatenate(days, axis=1)[:, : features.shape[1]]
        return distance

    def medians(self, features: Floats, encoding: Encoding, meters: npt.NDArray[np.str_]) -> Floats:
        """[n, H] over the level: the anchor and the distance from it; NaN where readings are late."""
        medians = anchor_of(features, encoding) + self.distance(features, encoding, meters)
        medians[self.cadence.late(features, encoding, meters)] = np.nan
        return medians

    def save(self, folder: Path) -> None:
        parts = {"common": self.common, "meters": self.meters, "own": self.own}
        cadence = {"heard": self.cadence.meters, "usual": self.cadence.usual, "others": np.array(self.cadence.others)}
        np.savez(folder / LINEAR_FILE, **parts, **cadence)

    @classmethod
    def load(cls, folder: Path) -> LinearDays:
        with np.load(folder / LINEAR_FILE) as values:
            cadence = Cadence(values["heard"], values["usual"], float(values["others"]))
            return cls(values["common"], values["meters"], values["own"], cadence)


def days_of(horizon_hours: int) -> int:
    return -(-horizon_hours // DAY)


def inputs(features: Floats, encoding: Encoding, day: int) -> Floats:
    """[n, P]: the inputs of day ahead number `day` (from 0); raises InputMissing naming what the encoding lacks."""
    encoding.require(COLUMNS)
    block = features[:, day * DAY : (day + 1) * DAY]
    noon = block[:, min(NOON, block.shape[1] - 1)]
    hourly = [block[:, :, encoding.channel(name)] for name in HOURLY]
    daily = [noon[:, encoding.channel(name), None] for name in DAILY]
    off = unscaled(noon, encoding, OFF)[:, None]
    crossed = [noon[:, encoding.channel(name), None] * off for name in TIMES_OFF]
    weekday = np.rint(unscaled(noon, encoding, WEEKDAY))[:, None] == np.arange(7)
    ones = np.ones((len(features), 1))
    together: Floats = np.concatenate([*hourly, *daily, off, *crossed, weekday, ones], axis=1).astype(np.float32)
    return together

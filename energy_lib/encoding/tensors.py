"""How a forecast's inputs become tensors: one definition for the shards, training and prediction.

A group is one meter at one origin: `horizon_hours` rows of gold.features become one row of tensors. Energy is
divided by the meter's own recent level, so that small and large meters share one scale. An unknown lag becomes the
mean of the known ones at the same hour of the day. Any other unknown value becomes the training mean (0 after scaling).
The last channel is the share of an interval's inputs that was unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from energy_lib.encoding.column_places import channels_of, level_places, scaling
from energy_lib.encoding.slots import Slots
from energy_lib.errors import InputMissing

Floats = npt.NDArray[np.float32]

LEVEL = "level_28d"
LAG_DAYS = 14
LAGS = tuple(f"energy_lag_{24 * day}h" for day in range(1, LAG_DAYS + 1))
# Each estimates an hour from its past; networks mix them into an anchor, with weights that they learn.
CANDIDATES = (
    *LAGS,
    "energy_wall_lag_1d",
    "energy_wall_lag_7d",
    "energy_same_hour_of_week_mean_4w",
    "energy_same_day_type_hour_mean_28d",
    "energy_same_day_type_hour_ewm_5d",
    "energy_same_day_type_hour_ewm_2d",
)
# Trees and the linear day predict the distance from this candidate.
ANCHOR = "energy_same_day_type_hour_ewm_5d"
LEVEL_FLOOR_KWH = 1e-3
CLIP = 8.0
# What is no quantity but a name: it is neither scaled nor clipped, so that it can be told again.
CODES = ("fuel_code",)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The scaling that turns gold.features into tensors, fitted on the training part.

    columns: feature columns, in tensor order; center, scale: mean and standard deviation of each,
    after division by the level, 0 and 1 of CODES; horizon_hours: intervals in a group;
    feature_set: hash of the declarations the columns come from;
    reference_level_kwh: a meter of this level weighs 1 in training;
    scaled_by_level: columns that are divided by the meter's level.
    """

    columns: tuple[str, ...]
    center: tuple[float, ...]
    scale: tuple[float, ...]
    horizon_hours: int
    feature_set: str
    reference_level_kwh: float
    scaled_by_level: tuple[str, ...] = ()

    def __hash__(self) -> int:
        # Of some fields: the places of its columns are looked up by it for each forecast.
        return hash((self.feature_set, self.horizon_hours, self.reference_level_kwh))

    @property
    def channels(self) -> int:
        """Width of the features tensor: the columns, and the share of them that is unknown."""
        return len(self.columns) + 1

    def channel(self, column: str) -> int:
        """Position of a column in the features tensor; raises InputMissing for one that is not there."""
        self.require((column,))
        return self.columns.index(column)

    def require(self, columns: Iterable[str]) -> None:
        """Raises InputMissing, which names all of `columns` that are not there."""
        if absent := [name for name in columns if name not in self.columns]:
            raise _missing("The dataset's encoding", absent, self.columns)

    @property
    def history_hours(self) -> int:
        return LAG_DAYS * min(24, self.horizon_hours)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Encoding:
        columns = tuple(values["columns"])
        return cls(
            columns,
            tuple(values["center"]),
            tuple(values["scale"]),
            int(values["horizon_hours"]),
            str(values["feature_set"]),
            float(values["reference_level_kwh"]),
            tuple(values.get("scaled_by_level", _scaled_before_declared(columns))),
        )


def _scaled_before_declared(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that encodings divided by the level before they stored which: energies, but no shares or ratios."""
    return tuple(c for c in columns if c.startswith("energy_") and "share" not in c and "ratio" not in c)


def _missing(where: str, absent: Sequence[str], available: Sequence[str]) -> InputMissing:
    return InputMissing(
        f"{where} lacks {', '.join(absent)} (it has {', '.join(available)}): "
        "run build_features again, or train a new model."
    )


@dataclass(frozen=True, slots=True)
class Tensors:
    """n groups (meter-days).

    history [n, T]: hourly energy of the days before the origin, over the level, oldest first;
    features [n, H, F]: scaled; level [n]: kWh; meters [n]: meter ids.
    """

    history: Floats
    features: Floats
    level: Floats
    meters: npt.NDArray[np.str_]

    def at(self, groups: npt.NDArray[np.int64]) -> Tensors:
        """The tensors of the groups at these positions."""
        return Tensors(self.history[groups], self.features[groups], self.level[groups], self.meters[groups])


def unscaled(features: Floats, encoding: Encoding, column: str) -> Floats:
    """A column of scaled features […, F] as it was before scaling […]."""
    channel = encoding.channel(column)
    values: Floats = features[..., channel] * np.float32(encoding.scale[channel]) + np.float32(encoding.center[channel])
    return values


def anchor_of(features: Floats, encoding: Encoding) -> Floats:
    """[n, H]: the ANCHOR column, over the level."""
    return unscaled(features, encoding, ANCHOR)


def levels_of(features: Floats, encoding: Encoding) -> Floats:
    """[n]: the level in kWh that the scaled features [n, H, F] were divided by."""
    levels: Floats = np.exp(unscaled(features[:, 0], encoding, LEVEL))
    return levels


def scaled_columns(rows: pd.DataFrame, columns: Sequence[str], scaled_by_level: Sequence[str]) -> tuple[Floats, Floats]:
    """Feature columns [rows, F], NaN where unknown, and each row's level in kWh (NaN: unknown).

    `scaled_by_level`: the columns that are divided by the level. Raises InputMissing for columns that `rows` lacks.
    """
    absent = [name for name in (*columns, LEVEL) if name not in rows.columns]
    if absent:
        raise _missing("gold.features", absent, [str(name) for name in rows.columns])
    values = rows.loc[:, list(columns)].to_numpy(dtype=np.float32, copy=True)
    return values, scale_by_level(values, rows[LEVEL].to_numpy(dtype=np.float32), columns, scaled_by_level)


def scale_by_level(values: Floats, level: Floats, columns: Sequence[str], scaled_by_level: Sequence[str]) -> Floats:
    """In place: feature columns […, F] over the level […] in kWh, and its logarithm; returns the level, floored."""
    floored: Floats = np.maximum(level, np.float32(LEVEL_FLOOR_KWH))
    is_scaled, at_level = level_places(tuple(columns), tuple(scaled_by_level), LEVEL)
    values /= np.where(is_scaled, floored[..., None], np.float32(1))
    values[..., at_level] = np.log(floored)[..., None]
    np.copyto(values, np.nan, where=~np.isfinite(values))
    return floored


def fit(
    rows: pd.DataFrame, columns: Sequence[str], scaled_by_level: Sequence[str], horizon_hours: int, feature_set: str
) -> Encoding:
    """The encoding of training rows: mean and standard deviation of each column.

    A constant or unknown column, and one of CODES, gets scale 1. Raises InputMissing for columns that `rows` lacks.
    """
    values, level = scaled_columns(rows, columns, scaled_by_level)
    values = values.astype(np.float64)
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    center = np.where(known, values, 0).sum(axis=0) / count
    spread = np.sqrt(np.where(known, (values - center) ** 2, 0).sum(axis=0) / count)
    code = np.isin(columns, CODES)
    center = np.where(code, 0.0, center)
    scale = np.where((spread > 1e-6) & ~code, spread, 1.0)
    return Encoding(
        columns=tuple(columns),
        center=tuple(float(value) for value in np.round(center, 9)),
        scale=tuple(float(value) for value in np.round(scale, 9)),
        horizon_hours=horizon_hours,
        feature_set=feature_set,
        reference_level_kwh=float(np.nanmedian(level)),
        scaled_by_level=tuple(name for name in columns if name in scaled_by_level),
    )


def encode(rows: pd.DataFrame, encoding: Encoding, where: Slots) -> Tensors:
    """Tensors of the groups in `rows`. A group without a known level has level NaN; callers leave it out.

    Raises InputMissing for columns that `rows` lacks.
    """
    groups, hours = len(where.keys), encoding.horizon_hours
    values, row_level = scaled_columns(rows, encoding.columns, encoding.scaled_by_level)
    raw = np.full((groups, hours, len(encoding.columns)), np.nan, dtype=np.float32)
    raw[where.group, where.interval] = values
    level = np.full(groups, np.nan, dtype=np.float32)
    level[where.group] = row_level
    return tensors_of(raw, level, where.keys["meter_id"].to_numpy(dtype=np.str_), encoding)


def tensors_of(raw: Floats, level: Floats, meters: npt.NDArray[np.str_], encoding: Encoding) -> Tensors:
    """Tensors of n groups: columns over the level [n, H, F], NaN where unknown, which are overwritten; levels [n]."""
    unknown = np.isnan(raw)
    share = np.zeros((*raw.shape[:2], 1), dtype=np.float32)
    if unknown.any():
        share[..., 0] = np.count_nonzero(unknown, axis=2) / np.float32(raw.shape[2])
        _fill_candidates(raw, encoding)
    center, scale, limit = scaling(encoding, CODES, CLIP)
    features = raw - center
    features /= scale
    np.minimum(np.maximum(features, -limit, out=features), limit, out=features)
    np.copyto(features, 0.0, where=np.isnan(features))
    return Tensors(_history(raw, encoding), np.concatenate([features, share], axis=2), level, meters)


def _fill_candidates(raw: Floats, encoding: Encoding) -> None:
    """In place: an unknown candidate becomes the mean of the hour's known ones, or the level (1) if there is none."""
    channels = channels_of(encoding, CANDIDATES)
    candidates = raw[:, :, channels]
    known = ~np.isnan(candidates)
    count = known.sum(axis=2, keepdims=True)
    mean = np.where(count > 0, np.where(known, candidates, 0).sum(axis=2, keepdims=True) / np.maximum(count, 1), 1.0)
    raw[:, :, channels] = np.where(known, candidates, mean)


def _history(raw: Floats, encoding: Encoding) -> Floats:
    """[n, 14 × 24]: the days before the origin, oldest hour first, from the lags of the first 24 intervals."""
    first_day = raw[:, : min(24, raw.shape[1])]
    days = first_day[:, :, channels_of(encoding, LAGS[::-1])].transpose(0, 2, 1)
    history: Floats = np.minimum(np.maximum(days.reshape(len(raw), -1), np.float32(-CLIP)), np.float32(CLIP))
    return history

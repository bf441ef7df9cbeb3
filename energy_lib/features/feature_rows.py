"""The rows of gold.features for one meter: the one definition that batch, stream and API share."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from energy_lib.cleaning.virtual_meters import VirtualMeter
from energy_lib.config import CleaningConfig
from energy_lib.features.arrays import Hours
from energy_lib.features.as_of import restate
from energy_lib.features.feature import FeatureSet
from energy_lib.features.known_history import KnownHistory, known_window
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook


def feature_rows(
    features: FeatureSet,
    meter: Meter,
    hourly: pd.DataFrame,
    origins: Hours,
    weather: WeatherBook,
    versions: pd.DataFrame | None = None,
    cleaning: CleaningConfig | None = None,
    late_hours: int = 0,
    virtual: VirtualMeter | None = None,
) -> pd.DataFrame:
    """Rows of gold.features of one meter, in order of (origin, interval).

    `origins`: hours since 1970-01-01T00Z, distinct. `hourly`: rows of silver.hourly_readings in reach of them, in any
    order. `versions`: rows of silver.readings in reach (see as_of.restate); they and `cleaning` are needed only if
    one of them was superseded or came out of order. `late_hours`: compute as if readings came so much later.
    `virtual`: how the meter is computed, if it is a virtual one; `versions` are then those of its registers.
    """
    origins = np.sort(origins)
    window = known_window(hourly, origins, features.reach_hours, late_hours)
    if versions is not None and len(versions):
        restate(window, versions, origins, cleaning or CleaningConfig(), late_hours, virtual)
    block = weather.block(meter.weather_location_id, origins, features.horizon_hours)
    history = KnownHistory(meter, origins, features.horizon_hours, window, block)
    shape = (len(origins), features.horizon_hours)
    intervals = history.intervals.ravel()
    columns: dict[str, object] = {
        "meter_id": meter.meter_id,
        "origin_utc": np.repeat(origins, shape[1]).astype("datetime64[h]").astype("datetime64[ns]"),
        "interval_start_utc": intervals.astype("datetime64[h]").astype("datetime64[ns]"),
        "fuel": meter.fuel,
        "flow": str(meter.flow),
        "horizon_hours": np.tile(np.arange(1, shape[1] + 1, dtype=np.int32), shape[0]),
        "feature_set": features.hash,
    }
    for feature in features.features:
        values = feature.compute(history).astype(np.float32)
        values = values[:, None] if values.ndim == 1 else values
        columns[feature.name] = np.broadcast_to(values, shape).ravel()
    return pd.DataFrame(columns)


def features_at(
    features: FeatureSet,
    meter: Meter,
    hourly: pd.DataFrame,
    origin: datetime,
    weather: pd.DataFrame,
    versions: pd.DataFrame | None = None,
    cleaning: CleaningConfig | None = None,
) -> pd.DataFrame:
    """The rows of one meter and origin (naive UTC or aware), for a stream or an API: by the batch's kernels.

    `hourly`: rows of silver.hourly_readings; `weather`: rows of silver.weather.

        rows = features_at(feature_set(24), meter, hourly, datetime(2024, 5, 1), weather)
    """
    timestamp = pd.Timestamp(origin)
    timestamp = timestamp.tz_convert("UTC").tz_localize(None) if timestamp.tzinfo else timestamp
    hour = np.array([timestamp.to_datetime64().astype("datetime64[h]").astype(np.int64)])
    return feature_rows(features, meter, hourly, hour, WeatherBook.of(weather), versions, cleaning)

"""Forecasts of meters that the lake does not know: posted history → features by the batch's kernels → quantiles.

Pure: `forecast_of` is what a night would say of the same readings, to the bit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import pandas as pd

from energy_lib.cleaning import hourly_view
from energy_lib.cleaning.hourly import reach_back_hours
from energy_lib.config import CleaningConfig
from energy_lib.features import feature_set
from energy_lib.features.calendar import Place
from energy_lib.features.feature_rows import features_at
from energy_lib.features.meter import Meter
from energy_lib.features.weather import COLUMNS, WEATHER_REACH_HOURS
from energy_lib.forecasting.model_forecasts import ModelRef, forecast_rows
from energy_lib.intervals import END_INSTANT, FIRST_INSTANT
from energy_lib.landing.sources.geography import zone_fault
from energy_lib.serving.problems import Problem
from energy_lib.tables import silver
from energy_lib.vocabulary import Flow, Fuel, Quality

# What is known of every posted meter's weather.
LOCATION = "posted"
Values = Annotated[list[float | None], msgspec.Meta(max_length=100_000)]


class Series(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Energy of intervals one after another; null: not read. `quality`: measured, estimated or edited."""

    first_utc: datetime
    energy_kwh: Values
    interval_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 60
    quality: Literal["measured", "estimated", "edited"] = "measured"


class WeatherSeries(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Weather of hours one after another; a forecast counts as issued by the origin."""

    first_utc: datetime
    kind: Literal["observed", "forecast"]
    temperature_c: Values
    humidity_pct: Values | None = None
    irradiance_w_m2: Values | None = None


class PostedMeter(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A meter and what is known of it."""

    meter_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    fuel: Fuel
    zone: str
    readings: Annotated[list[Series], msgspec.Meta(max_length=1000)]
    flow: Flow = Flow.IMPORT
    country: str | None = None
    subdivision: str | None = None
    floor_area_m2: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    capacity_kw: float | None = None
    weather: Annotated[list[WeatherSeries], msgspec.Meta(max_length=1000)] = []


class ForecastRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 100 meters and the origin, a full hour, from which they are forecast."""

    origin_utc: datetime
    meters: Annotated[list[PostedMeter], msgspec.Meta(min_length=1, max_length=100)]


def origin_of(request: ForecastRequest) -> datetime:
    """The origin in UTC; raises Problem for one that is no full hour."""
    origin = _utc(request.origin_utc, "origin_utc")
    if origin != origin.replace(minute=0, second=0, microsecond=0):
        raise Problem(400, f"origin_utc is {origin.isoformat()}: give a full hour.")
    return origin


def features_of(meter: PostedMeter, origin: datetime, cleaning: CleaningConfig, horizon_hours: int) -> pd.DataFrame:
    """Rows of gold.features of the meter at the origin, from readings that began before it and had ended by it.

    Raises Problem for what cannot be a meter, BadConfig for a place whose holidays are not known.
    """
    features = feature_set(horizon_hours)
    readings = readings_of(meter, origin, features.reach_hours + reach_back_hours(cleaning))
    place = Place(_zone(meter.zone), meter.country, meter.subdivision)
    of_meter = Meter(
        meter.meter_id, meter.fuel, place, LOCATION if meter.weather else None, meter.floor_area_m2, meter.latitude,
        meter.longitude, meter.capacity_kw, meter.flow,
    )  # fmt: skip
    weather = weather_of(meter, origin, horizon_hours)
    return features_at(features, of_meter, hourly_view(readings, cleaning), origin, weather)


def forecast_of(
    meter: PostedMeter, origin: datetime, model: ModelRef, cleaning: CleaningConfig, horizon_hours: int
) -> pd.DataFrame:
    """Rows of gold.forecasts: the model's quantiles, or the fallbacks' with their reason, as in the night."""
    return forecast_rows(features_of(meter, origin, cleaning, horizon_hours), model, "live")


def readings_of(meter: PostedMeter, origin: datetime, reach_hours: int) -> pd.DataFrame:
    """Rows of silver.readings within reach of the origin, each known from the end of its interval on.

    Raises Problem where two series say the same interval.
    """
    parts = [_rows_of(series, origin, reach_hours) for series in meter.readings]
    columns = ["interval_start_utc", "interval_minutes", "energy_kwh", "quality", "available_at_utc"]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in columns})
    doubled = rows["interval_start_utc"][rows["interval_start_utc"].duplicated()]
    if len(doubled):
        raise Problem(400, f"Meter {meter.meter_id} has two readings at {doubled.iloc[0]}: send each interval once.")
    flags: pd.Series[Any] = pd.Series([[] for _ in range(len(rows))], index=rows.index, dtype=object)
    return rows.assign(meter_id=meter.meter_id, fuel=str(meter.fuel), flow=str(meter.flow), flags=flags)


def _rows_of(series: Series, origin: datetime, reach_hours: int) -> pd.DataFrame:
    first, step = _naive(series.first_utc, "first_utc"), timedelta(minutes=series.interval_minutes)
    start = np.datetime64(first, "us") + np.arange(len(series.energy_kwh)) * np.timedelta64(step)
    energy = np.array([np.nan if each is None else each for each in series.energy_kwh], dtype=np.float64)
    now = np.datetime64(origin.replace(tzinfo=None), "us")
    end = start + np.timedelta64(step)
    kept = (start >= now - np.timedelta64(reach_hours, "h")) & (end <= now) & np.isfinite(energy)
    return pd.DataFrame(
        {
            "interval_start_utc": start[kept].astype("datetime64[ns]"),
            "interval_minutes": series.interval_minutes,
            "energy_kwh": energy[kept],
            "quality": str(Quality(series.quality)),
            "available_at_utc": end[kept].astype("datetime64[ns]"),
        }
    )


def weather_of(meter: PostedMeter, origin: datetime, horizon_hours: int) -> pd.DataFrame:
    """Rows of silver.weather around the origin; what was observed is known from the hour's end on."""
    now = np.datetime64(origin.replace(tzinfo=None), "ns")
    reach = np.timedelta64(WEATHER_REACH_HOURS, "h"), np.timedelta64(horizon_hours, "h")
    parts = []
    for series in meter.weather:
        hours = len(series.temperature_c)
        first = np.datetime64(_naive(series.first_utc, "first_utc"), "ns")
        start = first + np.arange(hours) * np.timedelta64(1, "h")
        known = start + np.timedelta64(1, "h") if series.kind == "observed" else np.full(hours, now)
        columns = {name: _column(getattr(series, name), hours, name) for name in COLUMNS}
        times = {"interval_start_utc": start, "available_at_utc": known, "issued_at_utc": known}
        frame = pd.DataFrame({**times, **columns})
        parts.append(frame.assign(kind=series.kind)[(start >= now - reach[0]) & (start < now + reach[1])])
    if not parts:
        return pd.DataFrame({name: [] for name in silver.WEATHER.column_names})
    return pd.concat(parts, ignore_index=True).assign(location_id=LOCATION)


def _column(values: list[float | None] | None, hours: int, name: str) -> list[float | None]:
    if values is not None and len(values) != hours:
        raise Problem(400, f"weather has {len(values)} values of {name} and {hours} of temperature_c: give as many.")
    return [None] * hours if values is None else values


def _zone(name: str) -> str:
    if zone_fault(name) is not None:
        raise Problem(400, f"'{name[:40]}' is no time zone: give its IANA name, for instance Europe/London.")
    return name


def _naive(instant: datetime, name: str) -> datetime:
    return _utc(instant, name).replace(tzinfo=None)


def _utc(instant: datetime, name: str) -> datetime:
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    if not FIRST_INSTANT + timedelta(days=400) <= aware < END_INSTANT - timedelta(days=400):
        raise Problem(400, f"{name} is {instant.isoformat()}, which no meter was read at: give another.")
    return aware

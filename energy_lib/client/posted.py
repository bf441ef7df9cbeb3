"""What the client posts: a meter's history and weather, as series of intervals one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from energy_lib.vocabulary import Fuel


@dataclass(frozen=True, slots=True)
class Series:
    """Energy of intervals one after another in kWh; None: not read."""

    first_utc: datetime
    energy_kwh: Sequence[float | None]
    interval_minutes: int = 60
    quality: Literal["measured", "estimated", "edited"] = "measured"


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of posted readings: how many are kept, and why the others are not, by their place from 0.

    `replayed`: the key was used before, and nothing is kept anew.
    """

    accepted: int
    rejected: Mapping[int, str]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Weather:
    """Temperatures of hours one after another in °C; None: unknown."""

    first_utc: datetime
    kind: Literal["observed", "forecast"]
    temperature_c: Sequence[float | None]


def meter_body(
    meter_id: str,
    fuel: Fuel,
    zone: str,
    readings: Sequence[Series],
    weather: Sequence[Weather],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """A meter of POST /v1/forecasts; `more`: its optional keys, as /openapi.json names them."""
    return {
        "meter_id": meter_id,
        "fuel": str(fuel),
        "zone": zone,
        "readings": [
            {
                "first_utc": instant_text(series.first_utc),
                "energy_kwh": list(series.energy_kwh),
                "interval_minutes": series.interval_minutes,
                "quality": series.quality,
            }
            for series in readings
        ],
        "weather": [
            {
                "first_utc": instant_text(series.first_utc),
                "kind": series.kind,
                "temperature_c": list(series.temperature_c),
            }
            for series in weather
        ],
        **more,
    }


def readings_body(meter_id: str, readings: Sequence[Series]) -> dict[str, Any]:
    """The body of POST /v1/readings; intervals that were not read are left out."""
    return {
        "readings": [
            {
                "meter_id": meter_id,
                "interval_start_utc": instant_text(_at(series, step)),
                "interval_minutes": series.interval_minutes,
                "energy_kwh": energy,
                "quality": series.quality,
            }
            for series in readings
            for step, energy in enumerate(series.energy_kwh)
            if energy is not None
        ]
    }


def _at(series: Series, step: int) -> datetime:
    """Elapsed time, in whatever zone the first instant is said."""
    require_zone(series.first_utc)
    return series.first_utc.astimezone(UTC) + timedelta(minutes=series.interval_minutes * step)


def posted_of(said: Mapping[str, Any], replayed: bool) -> Posted:
    """The answer of POST /v1/readings."""
    return Posted(said["accepted"], {each["row"]: each["reason"] for each in said["rejections"]}, replayed)


def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC; raises ValueError for an instant without a zone, which could be any."""
    require_zone(instant)
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def require_zone(instant: datetime) -> None:
    """Raises ValueError for an instant without a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone: give an aware time, for instance in UTC.")

"""What the client posts: a meter's history and weather, as series of intervals one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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


def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC; raises ValueError for an instant without a zone, which could be any."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone: give an aware time, for instance in UTC.")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")

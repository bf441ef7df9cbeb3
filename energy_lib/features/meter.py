"""The meter as the kernels see it: what does not change with time."""

from __future__ import annotations

from dataclasses import dataclass

from energy_lib.features.calendar import Place
from energy_lib.vocabulary import Flow


@dataclass(frozen=True)
class Meter:
    """Attributes of one meter; None is unknown."""

    meter_id: str
    fuel: str
    place: Place
    weather_location_id: str | None = None
    floor_area_m2: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    capacity_kw: float | None = None
    flow: str = Flow.IMPORT

"""What a value of reference data can be at most and at least: a row beyond it goes to quarantine, not to the gate.

The suites in expectations/ ask the same of every batch, as an audit of this file: a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Lowest and highest value of a column, both possible, and the unit they are in."""

    low: float
    high: float
    unit: str


MINUTES = ValueRange(1, 1440, "minutes, from a minute to a day")
DEGREES_NORTH, DEGREES_EAST = ValueRange(-90, 90, "degrees north"), ValueRange(-180, 180, "degrees east")
FLOOR_AREA = ValueRange(0, 1e8, "m2")
# Column of a table of reference data → its range. Null is always possible.
RANGES = {
    "silver.weather": {
        "temperature_c": ValueRange(-70, 60, "degrees Celsius"),
        "humidity_pct": ValueRange(0, 105, "percent"),
        "irradiance_w_m2": ValueRange(-20, 1500, "W/m2"),
        "wind_speed_m_s": ValueRange(0, 115, "m/s"),
    },
    "silver.carbon_intensity": {
        "intensity_gco2_per_kwh": ValueRange(0, 2000, "gCO2 per kWh"),
        "interval_minutes": MINUTES,
    },
    "silver.prices": {
        "price_per_kwh": ValueRange(-20, 20, "per kWh in whole currency units"),
        "interval_minutes": MINUTES,
    },
    "silver.meters": {
        "capacity_kw": ValueRange(0, 1e9, "kW"),
        "floor_area_m2": FLOOR_AREA,
        "latitude": DEGREES_NORTH,
        "longitude": DEGREES_EAST,
    },
    "silver.buildings": {"floor_area_m2": FLOOR_AREA, "latitude": DEGREES_NORTH, "longitude": DEGREES_EAST},
}
# Column → what its text must look like, and how to say it.
PATTERNS = {"silver.prices": {"currency": ("^[A-Z]{3}$", "an ISO 4217 code of three capital letters, such as EUR")}}

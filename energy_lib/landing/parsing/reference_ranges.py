"""What a value of reference data can be at most and at least: a row beyond it goes to quarantine, not to the gate.

The suites in expectations/ ask the same of every batch, as an audit of this file: a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files.file_faults import IMPLAUSIBLE_VALUE
from energy_lib.landing.parsing.arrow_columns import flags
from energy_lib.landing.parsing.parse_failures import BrokenRules
from energy_lib.tables import Table


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Lowest and highest value of a column, both possible, and the unit they are in."""

    low: float
    high: float
    unit: str


MINUTES = ValueRange(1, 1440, "minutes, from a minute to a day")
DEGREES_NORTH, DEGREES_EAST = ValueRange(-90, 90, "degrees north"), ValueRange(-180, 180, "degrees east")
FLOOR_AREA = ValueRange(0, 1e8, "m2")
AT_LEAST_0, SHARE = ValueRange(0, 1e12, "not below 0"), ValueRange(0, 1, "a share")
WINDOW = {
    "from_hour": ValueRange(0, 23, "hours of the local day"),
    "to_hour": ValueRange(1, 24, "hours of the local day"),
}
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
        "agreed_capacity_kw": ValueRange(0, 1e9, "kW"),
        "floor_area_m2": FLOOR_AREA,
        "latitude": DEGREES_NORTH,
        "longitude": DEGREES_EAST,
    },
    "silver.emission_factors": {"factor_kgco2e_per_kwh": ValueRange(0, 3, "kgCO2e per kWh")},
    "silver.tariffs": {
        **WINDOW,
        "rate": ValueRange(-1e6, 1e6, "whole currency units"),
        "vat_share": ValueRange(0, 1, "a share: 20 % is 0.2"),
    },
    "silver.projects": {"expected_saving_kwh_per_year": AT_LEAST_0, "capital_cost": AT_LEAST_0},
    "silver.assets": {
        **WINDOW,
        "power_kw": ValueRange(0, 1e9, "kW"),
        "lowest_power_kw": ValueRange(0, 1e9, "kW"),
        "discharge_kw": ValueRange(0, 1e9, "kW"),
        "energy_kwh": AT_LEAST_0,
        "minimum_run_hours": ValueRange(0, 24, "hours"),
        "round_trip_efficiency": ValueRange(0.01, 1, "a share"),
        "lowest_charge_share": SHARE,
        "highest_charge_share": SHARE,
        "wear_cost_per_kwh": ValueRange(0, 20, "per kWh in whole currency units"),
    },
    "silver.areas": {
        "households": ValueRange(0, 1e9, "households"),
        "floor_area_m2": ValueRange(0, 1e12, "m2"),
        "income_per_year": AT_LEAST_0,
        "deprivation_rank": ValueRange(0, 1, "a rank: 0 is the most deprived area, 1 the least"),
    },
    "silver.buildings": {"floor_area_m2": FLOOR_AREA, "latitude": DEGREES_NORTH, "longitude": DEGREES_EAST},
}
# Column → what its text must look like, and how to say it.
CURRENCY = {"currency": ("^[A-Z]{3}$", "an ISO 4217 code of three capital letters, such as EUR")}
PRICED = ("silver.prices", "silver.tariffs", "silver.projects", "silver.assets", "silver.areas")
PATTERNS = dict.fromkeys(PRICED, CURRENCY)


def mark_implausible(table: Table, values: dict[str, pa.Array], rules: BrokenRules) -> None:
    """Mark the rows with a value out of its range, or of another look than it must have. `values`: by column."""
    for name, allowed in RANGES.get(table.full_name, {}).items():
        if name in values:
            _mark_beyond(name, values[name], allowed, rules)
    for name, (pattern, meaning) in PATTERNS.get(table.full_name, {}).items():
        if name in values:
            _mark_unlike(name, values[name], pattern, meaning, rules)


def _mark_beyond(name: str, array: pa.Array, allowed: ValueRange, rules: BrokenRules) -> None:
    beyond = pc.or_(pc.less(array, allowed.low), pc.greater(array, allowed.high))
    within = f"{allowed.low} … {allowed.high} ({allowed.unit})"
    rules.mark(
        IMPLAUSIBLE_VALUE,
        flags(pc.fill_null(beyond, False)),
        lambda i: f"{name}: {array[i].as_py()} is not within {within}",
    )


def _mark_unlike(name: str, texts: pa.Array, pattern: str, meaning: str, rules: BrokenRules) -> None:
    unlike = pc.invert(pc.match_substring_regex(texts, pattern))
    rules.mark(
        IMPLAUSIBLE_VALUE,
        flags(pc.fill_null(unlike, False)),
        lambda i: f"{name}: {texts[i].as_py()!r} is not {meaning}",
    )

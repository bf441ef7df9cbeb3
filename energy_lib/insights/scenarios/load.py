"""What a home or another building takes and gives hour by hour, before and after a measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

import numpy as np

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.accounts.book import Meter
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.recommendations.change_point import fit_heating
from energy_lib.vocabulary import Flow, Fuel

# Fuel and direction.
Key = tuple[str, str]
POWER: Key = (Fuel.ELECTRICITY.value, Flow.IMPORT.value)
FED_IN: Key = (Fuel.ELECTRICITY.value, Flow.EXPORT.value)
# What may heat a home.
HEATS = (Fuel.GAS.value, Fuel.HEAT.value, Fuel.OIL.value, Fuel.ELECTRICITY.value)
# A local day counts in the fit where so many of its hours are known.
DAY_HOURS = 20


@dataclass(frozen=True, eq=False)
class Load:
    """Series (n,) on the hours of the clock, kWh; NaN is unknown.

    `kwh` by fuel and flow; `heat_kwh` by fuel: the part of its import that follows the cold; `price_factor` by fuel:
    what its unit rate is multiplied by, hour by hour.
    """

    kwh: Mapping[Key, Floats]
    heat_kwh: Mapping[str, Floats] = field(default_factory=dict)
    price_factor: Mapping[str, Floats] = field(default_factory=dict)

    def changed(
        self,
        kwh: Mapping[Key, Floats],
        heat_kwh: Mapping[str, Floats] | None = None,
        price_factor: Mapping[str, Floats] | None = None,
    ) -> Load:
        """The same with these series in place of its own."""
        return Load(
            {**self.kwh, **kwh}, {**self.heat_kwh, **(heat_kwh or {})}, {**self.price_factor, **(price_factor or {})}
        )


@dataclass(frozen=True, slots=True)
class Register:
    meter: Meter
    key: Key
    kwh: Floats
    imputed_kwh: float


@dataclass(frozen=True, eq=False)
class Unit:
    """A home or another building with its registers; a meter without a building is one by itself.

    `clock`: hours and local days of all series. `temperature_c`, `irradiance_w_m2` (n,): None where not known.
    """

    unit_id: str
    is_home: bool
    use: str | None
    area_id: str | None
    roof_area_m2: float | None
    clock: HourGrid
    temperature_c: Floats | None
    irradiance_w_m2: Floats | None
    registers: tuple[Register, ...]

    @cached_property
    def load(self) -> Load:
        """What was read."""
        kwh: dict[Key, Floats] = {}
        for each in self.registers:
            kwh[each.key] = kwh[each.key] + each.kwh if each.key in kwh else each.kwh
        heat = {
            fuel: part
            for fuel in HEATS
            if (fuel, Flow.IMPORT.value) in kwh and (part := self._heat(kwh[fuel, Flow.IMPORT.value])) is not None
        }
        return Load(kwh, heat)

    def _heat(self, kwh: Floats) -> Floats | None:
        return None if self.temperature_c is None else heat_part(kwh, self.temperature_c, self.clock)

    @cached_property
    def draw(self) -> float:
        """A number from 0 to 1, by the unit's id alone: of a share that takes part it is the same ones always."""
        return int.from_bytes(blake2b(self.unit_id.encode(), digest_size=8).digest(), "big") / 2.0**64


def heat_part(kwh: Floats, temperature_c: Floats, clock: HourGrid) -> Floats | None:
    """The part of each hour's energy (n,) that follows the cold; None where the meter's days do not show any.

    A day below the balance point of the meter's change-point model (recommendations.change_point) heats with what it
    uses above the base. Its hours heat in proportion to their energy, and never with more than that.
    """
    day = (clock.day - clock.day[0]).astype(np.int64)
    daily_kwh, daily_c = day_means(kwh, day) * 24, day_means(temperature_c, day)
    model = fit_heating(daily_c, daily_kwh)
    if model is None:
        return None
    base = max(model.base_kwh, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where((daily_c < model.balance_c) & (daily_kwh > base), 1 - base / daily_kwh, 0.0)
    return np.asarray(kwh * share[day])


def day_means(values: Floats, day: np.typing.NDArray[np.int64]) -> Floats:
    """(days,) means of days of which DAY_HOURS hours are known; else NaN. `day`: 0, 1 … of each hour."""
    known = np.isfinite(values)
    days = int(day[-1]) + 1
    count = np.bincount(day[known], minlength=days)
    total = np.bincount(day[known], weights=values[known], minlength=days)
    found = np.full(days, np.nan)
    np.divide(total, count, out=found, where=count >= DAY_HOURS)
    return found

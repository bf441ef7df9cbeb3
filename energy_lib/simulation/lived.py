"""What a simulated utility lived through: the energy used in every half-hour, and why, before anything is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from energy_lib.config import SimulateConfig
from energy_lib.simulation import climate as weather
from energy_lib.simulation.areas import Interrupted, with_homes, with_interruptions, with_need
from energy_lib.simulation.demand import Energy, demand
from energy_lib.simulation.events import SLOTS_A_DAY, with_events
from energy_lib.simulation.lasting_faults import Lasting, lasting_faults, truth_of, with_consumption_faults
from energy_lib.simulation.occupancy import local_calendar
from energy_lib.simulation.portfolio import Registry, registry
from energy_lib.simulation.projects import with_projects

# Weather after the last day of readings, which the last forecasts look ahead to.
WEATHER_TAIL_DAYS = 3


@dataclass(frozen=True, slots=True)
class Changed:
    """The energy that is used after events, measures and faults of consumption, and what is said of them."""

    kwh: NDArray[Any]
    events: pd.DataFrame
    projects: pd.DataFrame
    savings: pd.DataFrame
    anomalies: pd.DataFrame

    def after(self, interrupted: Interrupted) -> Changed:
        """The same with interruptions of the supply, which are told of as events where a whole area has them."""
        events = pd.concat([self.events, interrupted.outages]) if len(interrupted.outages) else self.events
        return replace(self, kwh=interrupted.kwh, events=events)


def _changed(utility: Registry, energy: Energy, slots: pd.DatetimeIndex, lasting: list[Lasting]) -> Changed:
    lived, events = with_events(utility, energy.kwh, slots, energy.closures)
    saved, projects, savings = with_projects(utility, lived, slots)
    kwh = with_consumption_faults(saved, lasting, local_calendar(slots))
    return Changed(kwh, events, projects, savings, truth_of(lasting, utility, slots, saved, kwh))


@dataclass(frozen=True, slots=True)
class Lived:
    """A utility with its weather and homes; half-hours and energy of the history (`before`, `earlier`) and of the days.

    `energy` is without what `changed` adds and takes away: events, measures, faults of consumption, interruptions.
    """

    utility: Registry
    homes: pd.DataFrame
    climate: dict[str, weather.Climate]
    lasting: list[Lasting]
    before: pd.DatetimeIndex
    slots: pd.DatetimeIndex
    earlier: Energy
    energy: Energy
    changed: Changed
    interrupted: Interrupted


def lived(settings: SimulateConfig) -> Lived:
    """The life of a utility; the same settings give the same."""
    first = pd.Timestamp(settings.first_date)
    start = first - pd.Timedelta(days=settings.history_days)
    every_slot = pd.date_range(start, periods=(settings.history_days + settings.days) * SLOTS_A_DAY, freq="30min")
    history = settings.history_days * SLOTS_A_DAY
    before, slots = every_slot[:history], every_slot[history:]
    hours = pd.date_range(
        start, first + pd.Timedelta(days=settings.days + WEATHER_TAIL_DAYS), freq="h", inclusive="left"
    )
    climate = weather.climates(hours, settings.seed)
    utility, homes = with_homes(registry(settings.meters, settings.seed), settings.need_share, settings.seed)
    used = demand(utility, climate, every_slot, settings.seed, history)
    earlier, energy = replace(used, kwh=with_need(utility, homes, used.kwh)).split(history)
    lasting = lasting_faults(utility, slots) if settings.dirt else []
    changed = _changed(utility, energy, slots, lasting)
    interrupted = with_interruptions(utility, homes, changed.kwh, slots, settings.seed)
    return Lived(
        utility, homes, climate, lasting, before, slots, earlier, energy, changed.after(interrupted), interrupted
    )

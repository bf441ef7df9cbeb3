"""Every unit's energy, cost and carbon in every run of a scenario, and the highest hour of every group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from energy_lib.insights.accounts.amounts import Bools, Floats
from energy_lib.insights.scenarios.load import POWER, Key, Load, Unit
from energy_lib.insights.scenarios.ranges import Run
from energy_lib.insights.scenarios.scenario import Scenario
from energy_lib.insights.scenarios.unit_worth import UnitWorths

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Effects:
    """Of one run, by unit: `energy` (units,) by fuel and flow, `cost` and `emissions_kg`; NaN is not known.

    `peaks`: of each group (kW, share of it that its largest unit takes).
    """

    energy: Mapping[Key, Floats]
    cost: Floats
    emissions_kg: Floats
    currencies: Sequence[str | None]
    reasons: Mapping[str, Sequence[str | None]]
    peaks: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, eq=False)
class Portfolio:
    """`counted` (units, n): the hours of each unit's months that count."""

    units: Sequence[Unit]
    counted: Bools
    worths: UnitWorths

    def effects(
        self, loads: Sequence[Load], groups: Sequence[Places], keys: Iterable[Key], export_share: float | None
    ) -> Effects:
        worths = [self.worths.of(unit, load, export_share) for unit, load in zip(self.units, loads, strict=True)]
        return Effects(
            {key: self._energy(loads, key) for key in keys},
            np.array([worth.cost for worth in worths]),
            np.array([worth.emissions_kg for worth in worths]),
            [worth.currency for worth in worths],
            {
                "cost": [worth.cost_reason for worth in worths],
                "emissions_kg": [worth.emissions_reason for worth in worths],
            },
            self._peaks(loads, groups),
        )

    def _energy(self, loads: Sequence[Load], key: Key) -> Floats:
        """NaN: the unit has no such register."""
        return np.array(
            [
                float(np.nansum(load.kwh[key][hours])) if key in load.kwh else np.nan
                for load, hours in zip(loads, self.counted, strict=True)
            ]
        )

    def _peaks(self, loads: Sequence[Load], groups: Sequence[Places]) -> list[tuple[float, float]]:
        if not groups:
            return []
        nothing = np.zeros(self.counted.shape[1])
        power = np.array([np.nan_to_num(load.kwh.get(POWER, nothing)) for load in loads]) * self.counted
        found = []
        for members in groups:
            total = power[members].sum(axis=0)
            hour = int(total.argmax())
            kw = float(total[hour])
            found.append((kw, float(power[members, hour].max()) / kw if kw > 0 else 1.0))
        return found


def loads_of(units: Sequence[Unit], scenario: Scenario, run: Run) -> list[Load]:
    """The load of each unit after all measures that it takes part in."""
    found = []
    for unit in units:
        load = unit.load
        for measure, values in zip(scenario.measures, run.values, strict=True):
            if measure.takes_part(unit):
                load = measure.apply(unit, load, values)
        found.append(load)
    return found


def export_share(scenario: Scenario, run: Run) -> float | None:
    """What panels of the scenario earn where no export tariff is known."""
    shares = [values["export_price_share"] for values in run.values if "export_price_share" in values]
    return shares[-1] if shares else None

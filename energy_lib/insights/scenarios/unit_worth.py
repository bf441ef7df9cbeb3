"""What a home or building costs and emits with a load: each change falls on its registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.accounts.book import Meter
from energy_lib.insights.scenarios.load import FED_IN, POWER, Key, Load, Unit
from energy_lib.insights.scenarios.valuation import Valuer, Worth

TWO_CURRENCIES = "two_currencies"


@dataclass(eq=False)
class UnitWorths:
    """The baseline of a register is worked out once: most measures change few of them."""

    valuer: Valuer
    _as_read: dict[str, Worth] = field(default_factory=dict)

    def of(self, unit: Unit, load: Load, export_share: float | None = None) -> Worth:
        """All registers together. Of two currencies, or a register whose cost is not known, there is no cost."""
        parts = list(self._parts(unit, load, export_share))
        currencies = {part.currency for part in parts if part.currency is not None}
        reason = next((part.cost_reason for part in parts if part.cost_reason), None)
        reason = TWO_CURRENCIES if len(currencies) > 1 and reason is None else reason
        return Worth(
            np.nan if reason else sum(part.cost for part in parts),
            sum(part.emissions_kg for part in parts),
            min(currencies, default=None),
            reason,
            next((part.emissions_reason for part in parts if part.emissions_reason), None),
        )

    def _parts(self, unit: Unit, load: Load, export_share: float | None) -> Iterator[Worth]:
        for meter, key, kwh, is_as_read in register_loads(unit, load):
            factor = load.price_factor.get(key[0]) if key[1] == POWER[1] else None
            if not is_as_read or factor is not None:
                new = key == FED_IN and key not in unit.load.kwh
                yield self.valuer.worth(meter, kwh, factor, export_share if new else None)
            else:
                if meter.meter_id not in self._as_read:
                    self._as_read[meter.meter_id] = self.valuer.worth(meter, kwh)
                yield self._as_read[meter.meter_id]


def register_loads(unit: Unit, load: Load) -> Iterator[tuple[Meter, Key, Floats, bool]]:
    """Each register's meter, fuel and flow, series, and whether this is what was read.

    What is saved falls on the registers of a fuel in proportion, what comes on top on the largest of them. What is fed
    in where no register counts it has one of its own, on the tariff of the import.
    """
    for key, after in load.kwh.items():
        mine = [register for register in unit.registers if register.key == key]
        before = unit.load.kwh.get(key)
        if before is None:
            main = largest(unit, POWER)
            profile = replace(main.profile, fuel=key[0], flow=key[1])
            yield replace(main, meter_id=f"{main.meter_id}_{key[1]}", profile=profile), key, after, False
            continue
        more, share = np.maximum(after - before, 0.0), np.ones(len(after))
        np.divide(np.minimum(after, before), before, out=share, where=before > 0)
        for register in mine:
            if after is before:
                yield register.meter, key, register.kwh, True
            else:
                on_top = more if register.meter is largest(unit, key) else 0.0
                yield register.meter, key, register.kwh * share + on_top, False


def largest(unit: Unit, key: Key) -> Meter:
    """Of the registers of a fuel and flow the one with most energy."""
    mine = [register for register in unit.registers if register.key == key]
    return max(mine, key=lambda register: (float(np.nansum(register.kwh)), register.meter.meter_id)).meter

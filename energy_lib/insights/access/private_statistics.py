"""Statistics of homes with differential privacy: whoever sees them learns hardly more of a home than without it.

Neighbours differ by one home, with all its registers. Each home is in one of two counts of one area (it ran out of
credit, or did not), and adds at most `clip_kwh` of each fuel to one area. Areas with others inside are sums of
what was drawn for these. Only what a home says by itself is here: indicators that are held against the median of
others would change with a home that is not in the count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from energy_lib.insights.access.noise import RandBelow, discrete_laplace, standard_deviation
from energy_lib.insights.access.privacy import AreaTree

Row = dict[str, Any]
DISCONNECTED, CONNECTED = "self_disconnected_homes", "not_disconnected_homes"
ENERGY = "energy_kwh"
# Of the epsilon of a month half goes to the counts and half to the energy.
PARTS = 2


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """`disconnected`: None if it does not prepay. `energy_kwh`: by fuel, of all its registers of import."""

    area_id: str
    disconnected: bool | None
    energy_kwh: Mapping[str, float]


def exact_sums(
    homes: Sequence[HomeFacts], fuels: Sequence[str], clip_kwh: int
) -> dict[tuple[str, str], dict[str, int]]:
    """(statistic, fuel or *) → area → the sum over homes whose own area it is; energy in whole, clipped kWh."""
    found: dict[tuple[str, str], dict[str, int]] = {(DISCONNECTED, "*"): {}, (CONNECTED, "*"): {}}
    found |= {(ENERGY, fuel): {} for fuel in fuels}
    for home in homes:
        said = {} if home.disconnected is None else {(DISCONNECTED if home.disconnected else CONNECTED, "*"): 1}
        said |= {(ENERGY, f): min(max(round(kwh), 0), clip_kwh) for f, kwh in home.energy_kwh.items() if f in fuels}
        for name, amount in said.items():
            found[name][home.area_id] = found[name].get(home.area_id, 0) + amount
    return found


def private_rows(
    tree: AreaTree, homes: Sequence[HomeFacts], fuels: Sequence[str], epsilon: Fraction, clip_kwh: int, draw: RandBelow
) -> list[Row]:
    """A row for every area and statistic. `epsilon`: of all of them together. `fuels`: named beforehand, not seen."""
    of_part = epsilon / PARTS
    rows = []
    for (statistic, fuel), own in exact_sums(homes, fuels, clip_kwh).items():
        scale = clip_kwh * len(fuels) / of_part if statistic == ENERGY else 1 / of_part
        noisy = {area: own.get(area, 0) + discrete_laplace(scale, draw) for area in sorted(tree.parents)}
        inside: dict[str, list[int]] = {area: [] for area in noisy}
        for area, value in noisy.items():
            for above in tree.lineage(area):
                inside[above].append(value)
        for area, values in inside.items():
            deviation = standard_deviation(scale) * math.sqrt(len(values))
            row: Row = {"area_id": area, "statistic": statistic, "fuel": fuel, "value": float(sum(values))}
            rows.append(row | {"noise_standard_deviation": deviation, "epsilon": float(epsilon)})
    return rows

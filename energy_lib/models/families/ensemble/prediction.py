"""Trees, a network and a linear day: quantiles of the first two mixed, the median moved towards the third's."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from energy_lib.encoding.tensors import Encoding, Floats, Tensors
from energy_lib.models.calibration import fuel_of
from energy_lib.models.families.boosting import prediction as boosting
from energy_lib.models.families.ensemble.linear_day import LinearDays
from energy_lib.models.families.family import Answer
from energy_lib.models.families.network import prediction as network
from energy_lib.vocabulary import MEDIAN, QUANTILES, Fuel

MIXTURE_FILE = "mixture.json"
LOW, HIGH = (list(QUANTILES).index(name) for name in ("p10", "p90"))


@dataclass(frozen=True, slots=True)
class Shares:
    """network: its part of the quantiles that it and the trees give; linear: how far the median then moves."""

    network: float
    linear: float


def mixed(trees: Floats, learnt: Floats, linear: Floats, shares: Shares) -> Floats:
    """Quantiles [n, H, Q] of the trees and of the network, and medians [n, H] of the linear day → quantiles [n, H, Q].

    Quantiles are averaged level by level (Vincent 1912), so that they keep their order. The linear day has a say within
    the others' p10 … p90 only: it knows no state such as off. Where it is NaN, it has none.
    """
    both = trees + np.float32(shares.network) * (learnt - trees)
    median = np.where(np.isnan(linear), both[..., MEDIAN], linear)
    within = np.clip(median, both[..., LOW], both[..., HIGH])
    moved: Floats = both + np.float32(shares.linear) * (within - both[..., MEDIAN])[..., None]
    return moved


def save_shares(folder: Path, shares: dict[Fuel, Shares]) -> dict[str, dict[str, float]]:
    """Write them for `load_answer`; returns what was written."""
    by_fuel = {fuel.value: asdict(of_fuel) for fuel, of_fuel in shares.items()}
    (folder / MIXTURE_FILE).write_text(json.dumps(by_fuel, indent=1))
    return by_fuel


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The three in `folder`, mixed by the shares that training chose for each fuel."""
    trees, learnt = boosting.load_answer(folder, encoding), network.load_answer(folder, encoding)
    linear = LinearDays.load(folder)
    by_fuel = json.loads((folder / MIXTURE_FILE).read_text())
    shares = [Shares(**by_fuel[fuel.value]) for fuel in Fuel]

    def answer(tensors: Tensors) -> Floats:
        medians = linear.medians(tensors.features, encoding, tensors.meters)
        of_trees, of_network = trees(tensors), learnt(tensors)
        fuels, quantiles = fuel_of(tensors.features, encoding), np.empty_like(of_trees)
        for code, of_fuel in enumerate(shares):
            mine = fuels == code
            quantiles[mine] = mixed(of_trees[mine], of_network[mine], medians[mine], of_fuel)
        return quantiles

    return answer

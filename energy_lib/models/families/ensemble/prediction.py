"""The ensemble's forecast: trees' and network's quantiles averaged, then moved towards the linear day's median."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from energy_lib.encoding.tensors import Encoding, Floats, Tensors
from energy_lib.models.calibration import commodity_of
from energy_lib.models.families.boosting import prediction as boosting
from energy_lib.models.families.ensemble.linear_day import LinearDays
from energy_lib.models.families.family import Answer
from energy_lib.models.families.network import prediction as network
from energy_lib.vocabulary import COMMODITIES, MEDIAN, QUANTILES, Commodity

MIXTURE_FILE = "mixture.json"
LOW, HIGH = (list(QUANTILES).index(name) for name in ("p10", "p90"))


@dataclass(frozen=True, slots=True)
class Shares:
    """network: its share of the average with the trees, 0 … 1; linear: how far the median then moves, 0 … 1."""

    network: float
    linear: float


def mixed(trees: Floats, network_quantiles: Floats, linear: Floats, shares: Shares) -> Floats:
    """Quantiles [n, H, Q] of the trees and of the network, and medians [n, H] of the linear day → quantiles [n, H, Q].

    Quantiles are averaged level by level (Vincent 1912), so that they keep their order. The linear day moves
    the median within the others' p10 … p90 at most, because it knows no states such as off.
    Where it is NaN, nothing moves.
    """
    both = trees + np.float32(shares.network) * (network_quantiles - trees)
    median = np.where(np.isnan(linear), both[..., MEDIAN], linear)
    within = np.clip(median, both[..., LOW], both[..., HIGH])
    moved: Floats = both + np.float32(shares.linear) * (within - both[..., MEDIAN])[..., None]
    return moved


def save_shares(folder: Path, shares: dict[Commodity, Shares]) -> dict[str, dict[str, float]]:
    """Write them for `load_answer`; returns what was written."""
    by_commodity = {str(commodity): asdict(of_commodity) for commodity, of_commodity in shares.items()}
    (folder / MIXTURE_FILE).write_text(json.dumps(by_commodity, indent=1), encoding="utf-8")
    return by_commodity


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The three models in `folder`, combined by the shares that training chose for each commodity.

    A commodity that training did not know yet takes the shares of the first.
    """
    answer_trees, answer_network = boosting.load_answer(folder, encoding), network.load_answer(folder, encoding)
    linear = LinearDays.load(folder)
    by_commodity = json.loads((folder / MIXTURE_FILE).read_text(encoding="utf-8"))
    first = next(iter(by_commodity.values()))
    shares = [Shares(**by_commodity.get(str(commodity), first)) for commodity in COMMODITIES]

    def answer(tensors: Tensors) -> Floats:
        medians = linear.medians(tensors.features, encoding, tensors.meters)
        of_trees, of_network = answer_trees(tensors), answer_network(tensors)
        commodities, quantiles = commodity_of(tensors.features, encoding), np.empty_like(of_trees)
        for code, of_commodity in enumerate(shares):
            of_code = commodities == code
            quantiles[of_code] = mixed(of_trees[of_code], of_network[of_code], medians[of_code], of_commodity)
        return quantiles

    return answer

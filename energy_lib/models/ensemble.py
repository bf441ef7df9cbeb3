"""Trees and a linear day: their medians mixed, the trees' spread around the mixture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from energy_lib.columns import MEDIAN, QUANTILES, Fuel
from energy_lib.models import boosting
from energy_lib.models.artifact import Answer
from energy_lib.models.calibration import fuel_of
from energy_lib.models.linear import LinearDays
from energy_lib.shards.encoding import Encoding, Floats, Tensors

MIXTURE_FILE = "mixture.json"
LOW, HIGH = (list(QUANTILES).index(name) for name in ("p10", "p90"))


def mixed(trees: Floats, linear: Floats, share: Floats) -> Floats:
    """Quantiles [n, H, Q] of the trees, moved by `share` [n] of the way from their median to the linear one [n, H].

    The linear day has a say within the trees' p10 … p90 only: it knows no state such as off.
    """
    within = np.clip(linear, trees[..., LOW], trees[..., HIGH])
    moved: Floats = trees + share[:, None, None] * (within - trees[..., MEDIAN])[..., None]
    return moved


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The boosters and the linear day in `folder`, mixed by the share that training chose for each fuel."""
    trees, linear = boosting.load_answer(folder, encoding), LinearDays.load(folder)
    shares = json.loads((folder / MIXTURE_FILE).read_text())["linear_share"]
    of_fuel = np.array([shares[fuel.value] for fuel in Fuel], dtype=np.float32)

    def answer(tensors: Tensors) -> Floats:
        line = linear.medians(tensors.features, encoding, tensors.meters)
        return mixed(trees(tensors), line, of_fuel[fuel_of(tensors.features, encoding)])

    return answer

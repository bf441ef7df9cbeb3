"""Trees and a linear day: their medians mixed, the trees' spread around the mixture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from energy_lib.columns import QUANTILES
from energy_lib.models import boosting
from energy_lib.models.artifact import Answer
from energy_lib.models.linear import LinearDays
from energy_lib.shards.encoding import Encoding, Floats, Tensors

MIXTURE_FILE = "mixture.json"
MEDIAN = list(QUANTILES).index("p50")


def mixed(trees: Floats, linear: Floats, share: float) -> Floats:
    """Quantiles [n, H, Q] of the trees, moved by `share` of the way from their median to the linear one [n, H]."""
    return trees + np.float32(share) * (linear - trees[..., MEDIAN])[..., None]


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The boosters and the linear day in `folder`, mixed as training found best."""
    trees, linear = boosting.load_answer(folder, encoding), LinearDays.load(folder)
    share = float(json.loads((folder / MIXTURE_FILE).read_text())["linear_share"])

    def answer(tensors: Tensors) -> Floats:
        line = boosting.anchor_of(tensors.features, encoding)
        line = line + linear.distance(tensors.features, encoding, tensors.meters)
        return mixed(trees(tensors), line, share)

    return answer

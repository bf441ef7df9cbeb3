"""The linear day beside finished boosters, and how far the mixture goes its way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from energy_lib.columns import MEDIAN, Fuel
from energy_lib.config import LinearConfig
from energy_lib.models import boosting
from energy_lib.models.calibration import fuel_of
from energy_lib.models.ensemble import MIXTURE_FILE, mixed
from energy_lib.shards.encoding import Floats, anchor_of, levels_of
from energy_lib.shards.manifest import Manifest
from energy_lib.training.export import learning_tensors
from energy_lib.training.linear import fit_linear_days
from energy_lib.training.process import say

SHARES = tuple(i / 10 for i in range(11))
# Equal parts are hard to beat by weights learnt from a short time (Smith and Wallis 2009): what a fuel's validation
# days find best is taken half the way from there.
EQUAL = 0.5


def add_linear_days(folder: Path, settings: LinearConfig, dataset: Path, manifest: Manifest) -> dict[str, float]:
    """Fit on the training part, write beside the boosters in `folder`; returns the linear share of each fuel."""
    encoding = manifest.encoding
    tensors, target, known = learning_tensors(dataset / "train", manifest)
    distance = target - anchor_of(tensors.features, encoding)
    linear = fit_linear_days(tensors.features, distance, known, tensors.meters, encoding, settings)
    linear.save(folder)
    tensors, target, known = learning_tensors(dataset / "validation", manifest)
    line = linear.medians(tensors.features, encoding, tensors.meters)
    trees = boosting.load_answer(folder, encoding)(tensors)
    size, fuels = levels_of(tensors.features, encoding)[:, None] * known, fuel_of(tensors.features, encoding)
    shares = {}
    for code, fuel in enumerate(Fuel):
        mine = fuels == code
        shares[fuel.value] = best_share(trees[mine], line[mine], target[mine], size[mine], tensors.meters[mine])
    (folder / MIXTURE_FILE).write_text(json.dumps({"linear_share": shares}, indent=1))
    told = ", ".join(f"{fuel} {share:.2f}" for fuel, share in shares.items())
    say(0, f"linear day, {len(linear.meters)} meters with a part of their own; its share: {told}")
    return shares


def best_share(trees: Floats, linear: Floats, target: Floats, size: Floats, meters: npt.NDArray[np.str_]) -> float:
    """The linear share for the trees' quantiles [n, H, Q] and the linear medians [n, H] over the level: half the way
    from EQUAL to the one that validates best.

    Judged by what forecasts are judged by: WAPE pooled over the meters times WAPE of the median meter; `size` [n, H]:
    the level in kWh, 0 where the hour is not known.
    """
    if not (size * np.abs(target)).any():
        return EQUAL

    def product(share: float) -> float:
        medians = mixed(trees, linear, np.full(len(trees), share, dtype=np.float32))[..., MEDIAN]
        return _wape_product(medians, target, size, meters)

    best = min(SHARES, key=product)
    return (EQUAL + best) / 2


def _wape_product(said: Floats, target: Floats, size: Floats, meters: npt.NDArray[np.str_]) -> float:
    error, used = (size * np.abs(target - said)).sum(axis=1), (size * np.abs(target)).sum(axis=1)
    _, whose = np.unique(meters, return_inverse=True)
    errors, uses = np.bincount(whose, error), np.bincount(whose, used)
    own = errors[uses > 0] / uses[uses > 0]
    return float(errors.sum() / uses.sum() * np.median(own))

"""The network and a linear day beside finished boosters, and how much each has to say."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.tensors import Floats, anchor_of, levels_of
from energy_lib.models.calibration import fuel_of
from energy_lib.models.exported_model import on_all_cores
from energy_lib.models.families.boosting import prediction as boosting
from energy_lib.models.families.ensemble.linear_day import LinearDays
from energy_lib.models.families.ensemble.prediction import Shares, mixed, save_shares
from energy_lib.models.families.ensemble.settings import LinearConfig
from energy_lib.models.families.network import prediction as network
from energy_lib.shards.manifest import Manifest
from energy_lib.training.export.model_folder import learning_tensors
from energy_lib.training.families.ensemble.linear_fit import fit_linear_days
from energy_lib.training.workers.process import report_progress
from energy_lib.vocabulary import MEDIAN, Fuel

STEPS = tuple(i / 10 for i in range(11))
# Equal parts are hard to beat by weights learnt from a short time (Smith and Wallis 2009): what a fuel's validation
# days find best is taken half the way from there.
EQUAL = Shares(network=1 / 2, linear=1 / 3)


def join(
    folder: Path, learnt: Path, settings: LinearConfig, dataset: Path, manifest: Manifest
) -> dict[str, dict[str, float]]:
    """Put the network exported to `learnt` and a linear day beside the boosters in `folder`; returns their shares by
    fuel."""
    shutil.copyfile(learnt / network.NETWORK_FILE, folder / network.NETWORK_FILE)
    linear = _linear_days(folder, settings, dataset, manifest)
    encoding = manifest.encoding
    tensors, target, known = learning_tensors(dataset / "validation", manifest)
    medians = linear.medians(tensors.features, encoding, tensors.meters)
    of_trees, of_network = (
        on_all_cores(family.load_answer(folder, encoding), tensors) for family in (boosting, network)
    )
    size, fuels = levels_of(tensors.features, encoding)[:, None] * known, fuel_of(tensors.features, encoding)
    shares = {}
    for code, fuel in enumerate(Fuel):
        mine = fuels == code
        shares[fuel] = best_shares(
            of_trees[mine], of_network[mine], medians[mine], target[mine], size[mine], tensors.meters[mine]
        )
    listed = "; ".join(f"{fuel} {each.network:.2f} and {each.linear:.2f}" for fuel, each in shares.items())
    report_progress(
        0, f"linear day, {len(linear.meters)} meters with a part of their own; shares of network and it: {listed}"
    )
    return save_shares(folder, shares)


def _linear_days(folder: Path, settings: LinearConfig, dataset: Path, manifest: Manifest) -> LinearDays:
    tensors, target, known = learning_tensors(dataset / "train", manifest)
    distance = target - anchor_of(tensors.features, manifest.encoding)
    linear = fit_linear_days(tensors.features, distance, known, tensors.meters, manifest.encoding, settings)
    linear.save(folder)
    return linear


def best_shares(
    trees: Floats, learnt: Floats, linear: Floats, target: Floats, size: Floats, meters: npt.NDArray[np.str_]
) -> Shares:
    """For quantiles [n, H, Q] of trees and network and linear medians [n, H], over the level: half the way from EQUAL
    to the shares that validate best.

    Judged by what forecasts are judged by: WAPE pooled over the meters times WAPE of the median meter; `size` [n, H]:
    the level in kWh, 0 where the hour is not known.
    """
    if not (size * np.abs(target)).any():
        return EQUAL

    def judged(shares: Shares) -> float:
        return _wape_product(mixed(trees, learnt, linear, shares)[..., MEDIAN], target, size, meters)

    best = min((Shares(*each) for each in product(STEPS, STEPS)), key=judged)
    return Shares((EQUAL.network + best.network) / 2, (EQUAL.linear + best.linear) / 2)


def _wape_product(medians: Floats, target: Floats, size: Floats, meters: npt.NDArray[np.str_]) -> float:
    error, used = (size * np.abs(target - medians)).sum(axis=1), (size * np.abs(target)).sum(axis=1)
    _, whose = np.unique(meters, return_inverse=True)
    errors, uses = np.bincount(whose, error), np.bincount(whose, used)
    own = errors[uses > 0] / uses[uses > 0]
    return float(errors.sum() / uses.sum() * np.median(own))

"""The ensemble from finished boosters and network: its linear day, and the shares of all three."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.tensors import Floats, anchor_of, levels_of
from energy_lib.models.calibration import commodity_of
from energy_lib.models.exported_model import on_all_cores
from energy_lib.models.families.boosting import prediction as boosting
from energy_lib.models.families.ensemble.linear_day import LinearDays
from energy_lib.models.families.ensemble.prediction import Shares, mixed, save_shares
from energy_lib.models.families.ensemble.settings import LinearConfig
from energy_lib.models.families.network import prediction as network
from energy_lib.shards.manifest import Manifest
from energy_lib.training.export.model_folder import learning_tensors
from energy_lib.training.families.ensemble.linear_fit import fit_linear_days
from energy_lib.training.workers.process import report_progress, working
from energy_lib.vocabulary import COMMODITIES, MEDIAN

STEPS = tuple(i / 10 for i in range(11))
# Weights fitted to a short time seldom beat equal ones (Smith and Wallis 2009). So the shares are half-way between
# equal ones and those that are best on a commodity's validation days.
EQUAL = Shares(network=1 / 2, linear=1 / 3)


def join(
    folder: Path, network_folder: Path, settings: LinearConfig, dataset: Path, manifest: Manifest
) -> dict[str, dict[str, float]]:
    """Add the exported network and a linear day to the boosters in `folder`; returns the shares by commodity."""
    shutil.copyfile(network_folder / network.NETWORK_FILE, folder / network.NETWORK_FILE)
    linear = _linear_days(folder, settings, dataset, manifest)
    encoding = manifest.encoding
    tensors, target, known = learning_tensors(dataset / "validation", manifest)
    medians = linear.medians(tensors.features, encoding, tensors.meters)
    with working("the shares of the ensemble"):
        of_trees, of_network = (
            on_all_cores(family.load_answer(folder, encoding), tensors) for family in (boosting, network)
        )
    size, commodities = levels_of(tensors.features, encoding)[:, None] * known, commodity_of(tensors.features, encoding)
    shares = {}
    for code, commodity in enumerate(COMMODITIES):
        rows = commodities == code
        if not rows.any():
            continue
        shares[commodity] = best_shares(
            of_trees[rows],
            of_network[rows],
            medians[rows],
            target[rows],
            size[rows],
            tensors.meters[rows],
        )
    listed = "; ".join(f"{commodity} {each.network:.2f} and {each.linear:.2f}" for commodity, each in shares.items())
    report_progress(
        0, f"linear day, {len(linear.meters)} meters with a part of their own; shares of network and it: {listed}"
    )
    return save_shares(folder, shares)


def _linear_days(folder: Path, settings: LinearConfig, dataset: Path, manifest: Manifest) -> LinearDays:
    tensors, target, known = learning_tensors(dataset / "train", manifest)
    distance = target - anchor_of(tensors.features, manifest.encoding)
    with working("the linear day"):
        linear = fit_linear_days(tensors.features, distance, known, tensors.meters, manifest.encoding, settings)
    linear.save(folder)
    return linear


def best_shares(
    trees: Floats, network_quantiles: Floats, linear: Floats, target: Floats, size: Floats, meters: npt.NDArray[np.str_]
) -> Shares:
    """The shares half-way between EQUAL and those with the least validation error.

    trees, network_quantiles: quantiles [n, H, Q] over the level; linear: medians [n, H] over the level; size [n, H]:
    the level in kWh, 0 where the hour is unknown. The error is pooled WAPE × WAPE of the median meter.
    """
    if not (size * np.abs(target)).any():
        return EQUAL

    def error_of(shares: Shares) -> float:
        return _wape_product(mixed(trees, network_quantiles, linear, shares)[..., MEDIAN], target, size, meters)

    best = min((Shares(*each) for each in product(STEPS, STEPS)), key=error_of)
    return Shares((EQUAL.network + best.network) / 2, (EQUAL.linear + best.linear) / 2)


def _wape_product(medians: Floats, target: Floats, size: Floats, meters: npt.NDArray[np.str_]) -> float:
    error, energy = (size * np.abs(target - medians)).sum(axis=1), (size * np.abs(target)).sum(axis=1)
    _, meter_index = np.unique(meters, return_inverse=True)
    errors, energies = np.bincount(meter_index, error), np.bincount(meter_index, energy)
    wape_of_meter = errors[energies > 0] / energies[energies > 0]
    return float(errors.sum() / energies.sum() * np.median(wape_of_meter))

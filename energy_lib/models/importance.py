"""Which features matter to a model: how much its error grows when a feature's values are shuffled.

Permutation importance (Breiman 2001, section 10; Fisher, Rudin and Dominici 2019) of each declared feature.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from energy_lib.encoding.tensors import Encoding, Floats, Tensors
from energy_lib.models.families.family import Answer
from energy_lib.vocabulary import MEDIAN

# Sample size: hours enough to rank features, few enough for trees to be quick; at least this many meter-days.
HOURS, FEWEST_GROUPS = 64 * 24, 16
HISTORY = "history (14 days, hour by hour)"


def permutation_importance(
    answer: Answer, encoding: Encoding, tensors: Tensors, target: Floats, weight: Floats, seed: int
) -> dict[str, float]:
    """Feature → growth of the weighted absolute error of p50 when it is shuffled over meters, days and hours.

    0.1: the error grows by a tenth. `target` [n, H] over the level; `weight` [n, H]: 0 where unknown. Measured on about
    HOURS hours of groups drawn by the seed. Features that hold much the same information share their importance.
    """
    random = np.random.default_rng(seed)
    groups = max(HOURS // target.shape[1], FEWEST_GROUPS)
    drawn = np.sort(random.permutation(len(target))[:groups])
    sample = tensors.at(drawn)

    def error(of: Tensors) -> float:
        return float((np.abs(answer(of)[..., MEDIAN] - target[drawn]) * weight[drawn]).sum())

    baseline = max(error(sample), 1e-12)

    def growth(of: Tensors) -> float:
        return error(of) / baseline - 1

    order = random.permutation(sample.features.shape[0] * sample.features.shape[1])

    def of_feature(channel: int) -> float:
        return growth(replace(sample, features=_shuffled(sample.features, channel, order)))

    importance = {HISTORY: growth(replace(sample, history=sample.history[random.permutation(len(drawn))]))}
    # A model uses one core and releases Python's lock meanwhile.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        importance |= zip(encoding.columns, pool.map(of_feature, range(len(encoding.columns))), strict=True)
    return dict(sorted(importance.items(), key=lambda item: -item[1]))


def _shuffled(features: Floats, channel: int, order: npt.NDArray[np.int64]) -> Floats:
    changed = features.copy()
    changed[..., channel] = features[..., channel].ravel()[order].reshape(features.shape[:2])
    return changed

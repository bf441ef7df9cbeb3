"""What a model looks at: how much worse it forecasts when a feature's values are shuffled.

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

# Hours that are looked at: enough to rank features, few enough for trees; and the fewest meter-days that they are of.
HOURS, FEWEST_GROUPS = 64 * 24, 16
HISTORY = "history (14 days, hour by hour)"


def permutation_importance(
    answer: Answer, encoding: Encoding, tensors: Tensors, target: Floats, weight: Floats, seed: int
) -> dict[str, float]:
    """Feature → growth of the weighted absolute error of p50 when it is shuffled over meters, days and hours.

    0.1: the error grows by a tenth. `target` [n, H] over the level, `weight` [n, H] 0 where unknown. Of about
    HOURS hours in groups drawn by the seed; features that tell much the same share their importance.
    """
    random = np.random.default_rng(seed)
    groups = max(HOURS // target.shape[1], FEWEST_GROUPS)
    drawn = np.sort(random.permutation(len(target))[:groups])
    chosen = tensors.at(drawn)

    def error(of: Tensors) -> float:
        return float((np.abs(answer(of)[..., MEDIAN] - target[drawn]) * weight[drawn]).sum())

    whole = max(error(chosen), 1e-12)

    def growth(of: Tensors) -> float:
        return error(of) / whole - 1

    order = random.permutation(chosen.features.shape[0] * chosen.features.shape[1])

    def of_feature(channel: int) -> float:
        return growth(replace(chosen, features=_shuffled(chosen.features, channel, order)))

    found = {HISTORY: growth(replace(chosen, history=chosen.history[random.permutation(len(drawn))]))}
    # A model answers on one core, and lets go of Python while it does.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found |= zip(encoding.columns, pool.map(of_feature, range(len(encoding.columns))), strict=True)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _shuffled(features: Floats, channel: int, order: npt.NDArray[np.int64]) -> Floats:
    changed = features.copy()
    changed[..., channel] = features[..., channel].ravel()[order].reshape(features.shape[:2])
    return changed

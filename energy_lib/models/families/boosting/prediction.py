"""Gradient-boosted trees (LightGBM): a booster a fuel and quantile; each hour of a group is a row.

A booster learns how far the hour lies from its anchor, over the meter's level.
"""

from __future__ import annotations

from pathlib import Path

import lightgbm as lgb
import numpy as np

from energy_lib.encoding.tensors import Encoding, Floats, Tensors, anchor_of
from energy_lib.models.calibration import fuel_of
from energy_lib.models.families.family import Answer
from energy_lib.vocabulary import QUANTILES, Fuel


def booster_file(fuel: Fuel, quantile: str) -> str:
    return f"{fuel}-{quantile}.txt"


def rows_of(features: Floats) -> Floats:
    """[n, H, F] → [n × H, F]."""
    return features.reshape(-1, features.shape[-1])


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The boosters in `folder`; a fuel that training did not see is answered by those of the first that it did."""
    boosters = {
        fuel: [lgb.Booster(model_file=str(folder / booster_file(fuel, name))) for name in QUANTILES]
        for fuel in Fuel
        if (folder / booster_file(fuel, next(iter(QUANTILES)))).is_file()
    }
    of_others = next(iter(boosters.values()))

    def answer(tensors: Tensors) -> Floats:
        anchor, fuels = anchor_of(tensors.features, encoding), fuel_of(tensors.features, encoding)
        quantiles = np.empty((*anchor.shape, len(QUANTILES)), dtype=np.float32)
        for code, fuel in enumerate(Fuel):
            mine = fuels == code
            if mine.any():
                # One thread: Spark runs one such model a core.
                rows = rows_of(tensors.features[mine])
                predicted = [each.predict(rows, num_threads=1) for each in boosters.get(fuel, of_others)]
                distances = np.sort(np.stack(predicted, axis=-1), axis=-1).reshape(-1, anchor.shape[1], len(QUANTILES))
                quantiles[mine] = distances + anchor[mine, :, None]
        return quantiles

    return answer

"""Gradient-boosted trees (LightGBM; Ke et al. 2017): a booster for each fuel and quantile; an hour of a group is a row.

A booster predicts the hour's distance from its anchor, over the meter's level.
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
    """The boosters in `folder`. A fuel without boosters uses those of the first fuel that has any."""
    boosters = {
        fuel: [lgb.Booster(model_file=str(folder / booster_file(fuel, name))) for name in QUANTILES]
        for fuel in Fuel
        if (folder / booster_file(fuel, next(iter(QUANTILES)))).is_file()
    }
    fallback = next(iter(boosters.values()))

    def answer(tensors: Tensors) -> Floats:
        anchor, fuels = anchor_of(tensors.features, encoding), fuel_of(tensors.features, encoding)
        quantiles = np.empty((*anchor.shape, len(QUANTILES)), dtype=np.float32)
        for code, fuel in enumerate(Fuel):
            of_fuel = fuels == code
            if of_fuel.any():
                # One thread, because Spark runs one such model on each core.
                rows = rows_of(tensors.features[of_fuel])
                predicted = [each.predict(rows, num_threads=1) for each in boosters.get(fuel, fallback)]
                distances = np.sort(np.stack(predicted, axis=-1), axis=-1).reshape(-1, anchor.shape[1], len(QUANTILES))
                quantiles[of_fuel] = distances + anchor[of_fuel, :, None]
        return quantiles

    return answer

"""Gradient-boosted trees (LightGBM): one booster a quantile; each hour of a group is a row.

A booster learns how far the hour lies from its anchor, over the meter's level.
"""

from __future__ import annotations

from pathlib import Path

import lightgbm as lgb
import numpy as np

from energy_lib.columns import QUANTILES
from energy_lib.models.artifact import Answer
from energy_lib.shards.encoding import Encoding, Floats, Tensors, anchor_of


def booster_file(quantile: str) -> str:
    return f"{quantile}.txt"


def rows_of(features: Floats) -> Floats:
    """[n, H, F] → [n × H, F]."""
    return features.reshape(-1, features.shape[-1])


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The boosters in `folder`."""
    boosters = [lgb.Booster(model_file=str(folder / booster_file(name))) for name in QUANTILES]

    def answer(tensors: Tensors) -> Floats:
        rows, shape = rows_of(tensors.features), tensors.features.shape[:2]
        # One thread: Spark runs one such model a core.
        said = [booster.predict(rows, num_threads=1).reshape(shape) for booster in boosters]
        distances = np.sort(np.stack(said, axis=-1), axis=-1)
        quantiles: Floats = (distances + anchor_of(tensors.features, encoding)[..., None]).astype(np.float32)
        return quantiles

    return answer

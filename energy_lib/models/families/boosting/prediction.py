"""Gradient-boosted trees (LightGBM; Ke et al. 2017): a booster a commodity and quantile; an hour of a group is a row.

A booster predicts the hour's distance from its anchor, over the meter's level.
"""

from __future__ import annotations

from pathlib import Path

import lightgbm as lgb
import numpy as np

from energy_lib.encoding.tensors import Encoding, Floats, Tensors, anchor_of
from energy_lib.models.calibration import commodity_of
from energy_lib.models.families.family import Answer
from energy_lib.vocabulary import COMMODITIES, QUANTILES, Commodity


def booster_file(commodity: Commodity, quantile: str) -> str:
    return f"{commodity}-{quantile}.txt"


def rows_of(features: Floats) -> Floats:
    """[n, H, F] → [n × H, F]."""
    return features.reshape(-1, features.shape[-1])


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The boosters in `folder`. A commodity without boosters uses those of its fuel's import, or the first ones."""
    boosters = {
        commodity: [lgb.Booster(model_file=str(folder / booster_file(commodity, name))) for name in QUANTILES]
        for commodity in COMMODITIES
        if (folder / booster_file(commodity, next(iter(QUANTILES)))).is_file()
    }
    first = next(iter(boosters.values()))

    def answer(tensors: Tensors) -> Floats:
        anchor, commodities = anchor_of(tensors.features, encoding), commodity_of(tensors.features, encoding)
        quantiles = np.empty((*anchor.shape, len(QUANTILES)), dtype=np.float32)
        for code, commodity in enumerate(COMMODITIES):
            of_commodity = commodities == code
            if of_commodity.any():
                # One thread, because Spark runs one such model on each core.
                own = boosters.get(commodity) or boosters.get(Commodity(commodity.fuel)) or first
                rows = rows_of(tensors.features[of_commodity])
                predicted = [each.predict(rows, num_threads=1) for each in own]
                distances = np.sort(np.stack(predicted, axis=-1), axis=-1).reshape(-1, anchor.shape[1], len(QUANTILES))
                quantiles[of_commodity] = distances + anchor[of_commodity, :, None]
        return quantiles

    return answer

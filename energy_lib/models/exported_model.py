"""A trained model, exported as a folder: model.json and its family's files. Loading it needs no training framework."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.encoding.slots import slots
from energy_lib.encoding.tensors import Encoding, Floats, Tensors, encode
from energy_lib.errors import InputMissing
from energy_lib.models.calibration import Calibration, commodity_of
from energy_lib.models.families import FAMILIES
from energy_lib.models.families.family import Answer
from energy_lib.vocabulary import COMMODITIES, QUANTILES

MODEL_FILE = "model.json"
# Groups per call: bounds memory whatever the frame's size.
GROUPS_PER_CALL = 4096
# In the order of COMMODITIES.
LOWEST_KWH = np.array([commodity.lowest_kwh for commodity in COMMODITIES], dtype=np.float32)


def on_all_cores(answer: Answer, tensors: Tensors) -> Floats:
    """The answer to all groups, computed on all cores: a model uses one core and releases Python's lock meanwhile."""
    cores = min(os.cpu_count() or 1, len(tensors.level))
    parts = np.array_split(np.arange(len(tensors.level)), cores)
    with ThreadPoolExecutor(cores) as pool:
        return np.concatenate(list(pool.map(lambda groups: answer(tensors.at(groups)), parts)))


@dataclass(slots=True)
class ExportedModel:
    """A trained model that forecasts quantiles of each hour of whole (meter, origin) groups.

    trained_until: no input or target of its training is later; described: model.json;
    answer: the family's prediction, before calibration.
    """

    name: str
    version: str
    encoding: Encoding
    trained_until: date
    described: dict[str, Any]
    answer: Answer = field(repr=False)
    calibration: Calibration | None = field(default=None, repr=False)

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """gold.features rows of whole groups, in any order → the quantiles in kWh on the same index.

        Monotone, and below zero only for net registers; NaN for a meter whose recent level is not known at all.
        """
        where = slots(features)
        result = np.full((len(features), len(QUANTILES)), np.nan, dtype=np.float32)
        for first in range(0, len(where.keys), GROUPS_PER_CALL):
            selected = np.flatnonzero((where.group >= first) & (where.group < first + GROUPS_PER_CALL))
            part = features.iloc[selected]
            part_slots = slots(part)
            tensors = encode(part, self.encoding, part_slots)
            result[selected] = self.quantiles(tensors)[part_slots.group, part_slots.interval]
        return pd.DataFrame(result.astype(np.float64), index=features.index, columns=list(QUANTILES))

    def quantiles(self, tensors: Tensors) -> Floats:
        """[n, H, Q] in kWh."""
        relative, lowest = self.answer(tensors), np.zeros(1, dtype=np.float32)
        if self.calibration is not None:
            relative = self.calibration.applied(relative, commodity_of(tensors.features, self.encoding))
        if "fuel_code" in self.encoding.columns:
            lowest = LOWEST_KWH[commodity_of(tensors.features, self.encoding)][:, None, None]
        scaled = np.maximum(relative, lowest) * tensors.level[:, None, None]
        # Rounding in float32 may break the order of quantiles in the last bit.
        return np.maximum.accumulate(scaled, axis=2)


def load_model(path: str | Path, version: str | None = None) -> ExportedModel:
    """Read an exported model's folder; without `version`, the version is the training id.

    Raises InputMissing where there is no model.

        load_model("data/lake/checkpoints/<training_id>/model").predict(features)
    """
    folder = Path(path)
    if not (folder / MODEL_FILE).is_file():
        raise InputMissing(f"There is no model in {folder}: train one, or restore the folder.")
    described = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
    encoding = Encoding.from_json(described["encoding"])
    return ExportedModel(
        name=described["name"],
        version=version or described["training_id"],
        encoding=encoding,
        trained_until=date.fromisoformat(described["trained_until"]),
        described=described,
        answer=FAMILIES[described["family"]].load_answer(folder, encoding),
        calibration=Calibration.from_json(factors) if (factors := described.get("calibration")) else None,
    )


def _load_pyfunc(path: str) -> ExportedModel:
    """The name by which MLflow's pyfunc loads a model."""
    return load_model(path)

"""A trained model as anyone can use it: a folder with a model.json and what its family wrote, no framework needed."""

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

from energy_lib.encoding.tensors import Encoding, Floats, Tensors, encode, slots
from energy_lib.errors import InputMissing
from energy_lib.models.calibration import Calibration, fuel_of
from energy_lib.models.families import FAMILIES
from energy_lib.models.families.family import Answer
from energy_lib.vocabulary import QUANTILES

MODEL_FILE = "model.json"
# Groups per call: bounds memory whatever the frame's size.
GROUPS_PER_CALL = 4096


def on_all_cores(answer: Answer, tensors: Tensors) -> Floats:
    """What `answer` says, a part of the groups a core: a model answers on one, and lets go of Python while it does."""
    cores = min(os.cpu_count() or 1, len(tensors.level))
    parts = np.array_split(np.arange(len(tensors.level)), cores)
    with ThreadPoolExecutor(cores) as pool:
        return np.concatenate(list(pool.map(lambda groups: answer(tensors.at(groups)), parts)))


@dataclass(slots=True)
class ExportedModel:
    """Quantiles of each hour of whole (meter, origin) groups."""

    name: str
    version: str
    encoding: Encoding
    trained_until: date
    described: dict[str, Any]
    answer: Answer = field(repr=False)
    calibration: Calibration | None = field(default=None, repr=False)

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """gold.features rows of whole groups, in any order → the quantiles in kWh on the same index.

        Monotone and never negative; NaN for a meter whose recent level is not known at all.
        """
        where = slots(features)
        result = np.full((len(features), len(QUANTILES)), np.nan, dtype=np.float32)
        for first in range(0, len(where.keys), GROUPS_PER_CALL):
            mine = np.flatnonzero((where.group >= first) & (where.group < first + GROUPS_PER_CALL))
            part = features.iloc[mine]
            part_slots = slots(part)
            tensors = encode(part, self.encoding, part_slots)
            result[mine] = self.quantiles(tensors)[part_slots.group, part_slots.interval]
        return pd.DataFrame(result.astype(np.float64), index=features.index, columns=list(QUANTILES))

    def quantiles(self, tensors: Tensors) -> Floats:
        """[n, H, Q] in kWh."""
        relative = self.answer(tensors)
        if self.calibration is not None:
            relative = self.calibration.applied(relative, fuel_of(tensors.features, self.encoding))
        scaled = np.maximum(relative, 0) * tensors.level[:, None, None]
        # Sums in float32 may undo an order by its last bit.
        return np.maximum.accumulate(scaled, axis=2)


def load_model(path: str | Path, version: str | None = None) -> ExportedModel:
    """Read an exported model's folder; its version is the registry's, or else its training id."""
    folder = Path(path)
    if not (folder / MODEL_FILE).is_file():
        raise InputMissing(f"There is no model in {folder}: train one, or restore the folder.")
    described = json.loads((folder / MODEL_FILE).read_text())
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
    """MLflow's entry point."""
    return load_model(path)

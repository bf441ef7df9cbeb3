"""A trained network as anyone can use it: ONNX and a JSON, with NumPy, pandas and onnxruntime only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd

from energy_lib.columns import QUANTILES
from energy_lib.errors import InputMissing
from energy_lib.shards.encoding import Encoding, Tensors, encode, slots

MODEL_FILE = "model.json"
NETWORK_FILE = "network.onnx"
# Groups per call: bounds memory whatever the frame's size.
GROUPS_PER_CALL = 4096


@dataclass(slots=True)
class OnnxQuantileModel:
    """Quantiles of each hour of whole (meter, origin) groups."""

    name: str
    version: str
    encoding: Encoding
    trained_until: date
    described: dict[str, Any]
    _session: onnxruntime.InferenceSession = field(repr=False)

    @classmethod
    def load(cls, path: str | Path, version: str | None = None) -> OnnxQuantileModel:
        """Read an exported model's folder; its version is the registry's, or else its training id."""
        folder = Path(path)
        if not (folder / MODEL_FILE).is_file() or not (folder / NETWORK_FILE).is_file():
            raise InputMissing(f"There is no model in {folder}: train one, or restore the folder.")
        described = json.loads((folder / MODEL_FILE).read_text())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # Spark runs one such session a core
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(str(folder / NETWORK_FILE), options, providers=["CPUExecutionProvider"])
        return cls(
            name=described["name"],
            version=version or described["training_id"],
            encoding=Encoding.from_json(described["encoding"]),
            trained_until=date.fromisoformat(described["trained_until"]),
            described=described,
            _session=session,
        )

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

    def quantiles(self, tensors: Tensors) -> np.ndarray[Any, np.dtype[np.float32]]:
        """[n, H, Q] in kWh."""
        inputs = {each.name: getattr(tensors, each.name) for each in self._session.get_inputs()}
        (relative,) = self._session.run(None, inputs)
        scaled = np.maximum(relative, 0) * tensors.level[:, None, None]
        # Sums in float32 may undo an order by its last bit.
        return np.maximum.accumulate(scaled, axis=2)


def _load_pyfunc(path: str) -> OnnxQuantileModel:
    """MLflow's entry point."""
    return OnnxQuantileModel.load(path)

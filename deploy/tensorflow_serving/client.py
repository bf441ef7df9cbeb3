"""Forecasts in kWh by a champion that TensorFlow Serving or TorchServe holds: only the network is asked for there.

    python deploy/tensorflow_serving/client.py URL MODEL_FOLDER FEATURES.parquet > forecast.csv

MODEL_FOLDER: the exported model; FEATURES.parquet: rows of gold.features, whole days of meters.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

import httpx
import numpy as np
import pandas as pd

from energy_lib.encoding.tensors import Floats, Tensors
from energy_lib.models.exported_model import ExportedModel, load_model
from energy_lib.models.networks.inputs import INPUTS


def asked_at(url: str, folder: str) -> ExportedModel:
    """The model in `folder`, whose network is asked for at `url`; encoding and calibration stay here."""
    model, http = load_model(folder), httpx.Client(timeout=30)

    def answer(tensors: Tensors) -> Floats:
        inputs = {name: getattr(tensors, name).tolist() for name in INPUTS[model.name]}
        told = http.post(url, json={"inputs": inputs}).raise_for_status()
        return np.asarray(told.json()["outputs"], dtype=np.float32)

    return replace(model, answer=answer)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = argparse.ArgumentParser(description="Forecasts in kWh by a champion on another model server.")
    arguments.add_argument("url", help="http://127.0.0.1:8501/v1/models/energy_forecast:predict (TensorFlow Serving)")
    arguments.add_argument("model", help="folder of the exported model")
    arguments.add_argument("features", help="Parquet file with rows of gold.features")
    options = arguments.parse_args(argv)
    features = pd.read_parquet(options.features)
    forecast = asked_at(options.url, options.model).predict(features)
    features[["meter_id", "origin_utc", "interval_start_utc"]].join(forecast).to_csv(sys.stdout, index=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

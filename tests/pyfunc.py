"""An exported model, saved as MLflow saves it and loaded again."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from energy_lib.models.exported_model import load_model
from energy_lib.training.tracking import save_pyfunc


def assert_it_predicts_the_same(exported: Path, family: str, folder: Path, rows: pd.DataFrame) -> None:
    """As an MLflow pyfunc in `folder`, the export gives the quantiles that it gives by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow's own
        import mlflow.pyfunc

        save_pyfunc(exported, folder / "pyfunc", family)
        predicted = mlflow.pyfunc.load_model(str(folder / "pyfunc")).predict(rows)
    expected = load_model(exported).predict(rows)
    assert expected.notna().all(axis=None)
    pd.testing.assert_frame_equal(predicted, expected)

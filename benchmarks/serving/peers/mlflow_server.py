"""MLflow's scoring server (`mlflow models serve`) with a model of one's own."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec

from benchmarks.serving.peers.champion import Champion


class Energy(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    def load_context(self, context: Any) -> None:
        self._champion = Champion()

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return self._champion.quantiles(model_input)


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp()) / "model"
    tensor = TensorSpec(np.dtype(np.float32), (-1, -1, -1))
    mlflow.pyfunc.save_model(
        folder, python_model=Energy(), signature=ModelSignature(inputs=Schema([tensor])), pip_requirements=["mlflow"]
    )
    program = str(Path(sys.executable).with_name("mlflow"))
    arguments = ["models", "serve", "-m", str(folder), "-p", sys.argv[1], "-w", "1", "--env-manager", "local"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.execv(program, [program, *arguments])  # noqa: S606

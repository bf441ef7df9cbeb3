"""The peers: what each needs, how it starts, and how it is asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.serving.load import Ask
from energy_lib.encoding.tensors import Floats

# The versions that the API runs with, so that servers are compared and not libraries of numbers.
COMMON = ("numpy==1.26.4", "onnxruntime==1.31.1", "pandas==2.3.3", "pyarrow==14.0.2", "bottleneck==1.6.0", "pyyaml")


def _flat(features: Floats) -> list[float]:
    return [round(float(each), 3) for each in features.ravel()]


def v2_body(features: Floats) -> bytes:
    """By KServe's V2 protocol."""
    tensor = {"name": "features", "datatype": "FP32", "shape": features.shape, "data": _flat(features)}
    return orjson.dumps({"inputs": [tensor]})


def _flat_body(features: Floats) -> bytes:
    return orjson.dumps({"shape": features.shape, "data": _flat(features)})


def _nested_body(name: str) -> Callable[[Floats], bytes]:
    def body(features: Floats) -> bytes:
        return orjson.dumps({name: features.astype(float).round(3).tolist()})

    return body


@dataclass(frozen=True, slots=True)
class Peer:
    """`packages`: of its environment, beside COMMON; none: that of this project, into which it is installed."""

    name: str
    module: str
    packages: tuple[str, ...]
    path: str
    body: Callable[[Floats], bytes]

    def ask(self, address: str, features: Floats) -> Ask:
        return Ask("POST", f"{address}{self.path}", self.body(features))

    def python(self, cache: Path) -> str:
        """The interpreter of its environment, made in `cache` if it is not there; raises RuntimeError if it cannot."""
        if not self.packages:
            return sys.executable
        folder = cache / self.module
        made = folder / "made"
        if not made.exists():
            uv = str(Path(sys.executable).with_name("uv"))
            _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
            interpreter = str(folder / "bin" / "python")
            _run([uv, "pip", "install", "--quiet", "--python", interpreter, *self.packages, *COMMON])
            made.touch()
        return str(folder / "bin" / "python")


def _run(command: list[str]) -> None:
    done: Any = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"{command[1]} failed")


PEERS = (
    Peer("FastAPI + msgspec + ORT", "fastapi_msgspec", (), "/infer", _flat_body),
    Peer("KServe", "kserve_server", ("kserve==0.21.0",), "/v2/models/energy_forecast/infer", v2_body),
    Peer("MLServer", "mlserver_server", ("mlserver==1.7.1",), "/v2/models/energy_forecast/infer", v2_body),
    Peer("BentoML", "bentoml_server", ("bentoml==1.4.40",), "/infer", _nested_body("features")),
    Peer("TorchServe", "torchserve_server", (), "/predictions/energy", _flat_body),
    Peer("MLflow", "mlflow_server", ("mlflow==3.17.2",), "/invocations", _nested_body("inputs")),
)

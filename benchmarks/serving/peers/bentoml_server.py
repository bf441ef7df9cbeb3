"""BentoML: a service of one worker with a JSON tensor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bentoml
import numpy as np

from benchmarks.serving.peers.champion import Champion


@bentoml.service(workers=1)
class Energy:
    def __init__(self) -> None:
        self._champion = Champion()

    @bentoml.api(route="/infer")  # type: ignore[untyped-decorator]
    def infer(self, features: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]  # BentoML reads the plain type
        return self._champion.quantiles(features.astype(np.float32))


if __name__ == "__main__":
    program = str(Path(sys.executable).with_name("bentoml"))
    service = "benchmarks.serving.peers.bentoml_server:Energy"
    os.execv(program, [program, "serve", service, "--host", "127.0.0.1", "--port", sys.argv[1]])  # noqa: S606

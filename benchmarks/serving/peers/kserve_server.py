"""KServe's own model server with a custom model, V2 protocol."""

from __future__ import annotations

import sys
from typing import Any

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer

from benchmarks.serving.peers.champion import Champion


class Energy(Model):  # type: ignore[misc]  # installed only in the peer's environment
    def __init__(self) -> None:
        super().__init__("energy_forecast")
        self._champion = Champion()
        self.ready = True

    async def predict(self, payload: InferRequest, *_: Any, **__: Any) -> InferResponse:
        quantiles = self._champion.quantiles(payload.inputs[0].as_numpy())
        output = InferOutput("quantiles", list(quantiles.shape), "FP32")
        output.set_data_from_numpy(quantiles, binary_data=False)
        return InferResponse(payload.id or "", self.name, [output])


if __name__ == "__main__":
    ModelServer(http_port=int(sys.argv[1]), enable_grpc=False, workers=1, access_log_format=None).start([Energy()])

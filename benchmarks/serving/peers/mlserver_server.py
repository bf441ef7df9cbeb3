"""MLServer with a custom runtime in its own process, V2 protocol."""

from __future__ import annotations

import asyncio
import sys

from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from benchmarks.serving.peers.champion import Champion


class Energy(MLModel):  # type: ignore[misc]  # installed only in the peer's environment
    async def load(self) -> bool:
        self._champion = Champion()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        quantiles = self._champion.quantiles(NumpyCodec.decode_input(payload.inputs[0]))
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("quantiles", quantiles)])


async def serve(port: int) -> None:
    """Without worker processes, gRPC's port beside it: its quickest way."""
    settings = Settings(host="127.0.0.1", http_port=port, grpc_port=port + 1, metrics_port=port + 2, parallel_workers=0)
    await MLServer(settings).start([ModelSettings(name="energy_forecast", implementation=Energy)])


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

"""The least that serves the model over HTTP: FastAPI, msgspec and onnxruntime."""

from __future__ import annotations

import sys

import msgspec
import numpy as np
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response

from benchmarks.serving.peers.champion import Champion


class Posted(msgspec.Struct):
    shape: list[int]
    data: list[float]


def make_app() -> FastAPI:
    champion, decoder, app = Champion(), msgspec.json.Decoder(Posted), FastAPI()

    @app.post("/infer")
    async def infer(request: Request) -> Response:
        posted = decoder.decode(await request.body())
        quantiles = champion.quantiles(np.array(posted.data, dtype=np.float32).reshape(posted.shape))
        return Response(msgspec.json.encode(quantiles.tolist()), media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run(make_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)

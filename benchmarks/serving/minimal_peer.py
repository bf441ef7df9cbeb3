"""The least that serves the same model over HTTP: FastAPI, msgspec and onnxruntime; no auth, metrics or checks.

MODEL=<folder of an exported network> uvicorn benchmarks.serving.minimal_peer:app
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
from fastapi import FastAPI, Request
from starlette.responses import Response

from energy_lib.encoding.posted_features import encode_array
from energy_lib.models.exported_model import load_model


class Posted(msgspec.Struct):
    shape: list[int]
    data: list[float]


folder = Path(os.environ["MODEL"])
model = load_model(folder)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(str(folder / "network.onnx"), options, providers=["CPUExecutionProvider"])
names = [each.name for each in session.get_inputs()]
decoder = msgspec.json.Decoder(Posted)
app = FastAPI()


@app.post("/infer")
async def infer(request: Request) -> Response:
    posted = decoder.decode(await request.body())
    tensors = encode_array(np.array(posted.data, dtype=np.float32).reshape(posted.shape), model.encoding)
    (relative,) = session.run(None, {name: getattr(tensors, name) for name in names})
    return Response(msgspec.json.encode((relative * tensors.level[:, None, None]).tolist()))

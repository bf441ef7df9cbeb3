"""A network as ONNX: what TensorFlow or PyTorch learnt, run by onnxruntime."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from energy_lib.encoding.tensors import Encoding, Floats, Tensors
from energy_lib.models.families.family import Answer

NETWORK_FILE = "network.onnx"


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    """The network in `folder`; its inputs are named like the tensors."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # Spark runs one such session a core
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(folder / NETWORK_FILE), options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]

    def answer(tensors: Tensors) -> Floats:
        (relative,) = session.run(None, {name: getattr(tensors, name) for name in names})
        return relative  # type: ignore[no-any-return]  # onnxruntime has no types

    return answer

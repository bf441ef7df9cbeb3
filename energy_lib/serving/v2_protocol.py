"""KServe's V2 inference protocol: requests and answers of `infer`, with tensors as JSON or as bytes behind it.

Source: KServe, "Open Inference Protocol (V2)" and its extension "Binary Tensor Data".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from energy_lib.encoding.tensors import Encoding, Floats
from energy_lib.serving.flat_json import flat_request
from energy_lib.serving.problems import Problem
from energy_lib.vocabulary import QUANTILES

FEATURES, METERS, OUTPUT = "features", "meter_id", "quantiles"
# Behind the JSON of a body lie the bytes of its tensors.
JSON_LENGTH = "inference-header-content-length"
GROUPS_AT_ONCE = 4096


class Tensor(msgspec.Struct):
    name: str
    shape: list[Annotated[int, msgspec.Meta(ge=0)]]
    datatype: str
    data: Any = None
    parameters: dict[str, Any] = {}


class RequestedOutput(msgspec.Struct):
    name: str
    parameters: dict[str, Any] = {}


class InferRequest(msgspec.Struct):
    inputs: list[Tensor]
    id: str | None = None
    outputs: list[RequestedOutput] = []
    parameters: dict[str, Any] = {}


_DECODER = msgspec.json.Decoder(InferRequest)


@dataclass(frozen=True, slots=True)
class Inference:
    """What is asked: features [n, H, F] with NaN where unknown, and names [n] of the meters or None."""

    request_id: str | None
    features: Floats
    meters: npt.NDArray[np.str_] | None
    binary: bool


def inference_of(body: bytes, json_length: str | None, encoding: Encoding) -> Inference:
    """A body of `infer` for a model with this encoding; raises Problem (400)."""
    length = len(body) if json_length is None else _length(json_length, len(body))
    request = _request_of(body, length)
    arrays: dict[str, npt.NDArray[Any]] = {}
    rest = memoryview(body)[length:]
    for tensor in request.inputs:
        size = tensor.parameters.get("binary_data_size")
        if isinstance(size, int) and 0 <= size <= len(rest):
            arrays[tensor.name], rest = _from_bytes(tensor, rest[:size]), rest[size:]
        else:
            arrays[tensor.name] = _from_json(tensor)
    features = arrays.get(FEATURES)
    shape = (encoding.horizon_hours, len(encoding.columns))
    if features is None or features.ndim != 3 or features.shape[1:] != shape or not 0 < len(features) <= GROUPS_AT_ONCE:
        raise Problem(
            400,
            f"The input {FEATURES} is to be FP32 of shape [n, {shape[0]}, {shape[1]}] with n from 1 to "
            f"{GROUPS_AT_ONCE}: its columns are the model's parameters.columns.",
        )
    meters = arrays.get(METERS)
    if meters is not None and meters.shape != (len(features),):
        raise Problem(400, f"The input {METERS} names {meters.size} meters of {len(features)}: name each.")
    binary = bool(request.parameters.get("binary_data_output"))
    binary = any(bool(each.parameters.get("binary_data", binary)) for each in request.outputs) or binary
    return Inference(request.id, features, meters, binary)


def answer_of(inference: Inference, quantiles: Floats, name: str, version: str) -> tuple[bytes, dict[str, str]]:
    """The body of an answer, and its headers; what is unknown is null in JSON and NaN in bytes."""
    output: dict[str, Any] = {"name": OUTPUT, "datatype": "FP32", "shape": quantiles.shape}
    said = {"model_name": name, "model_version": version, "id": inference.request_id, "outputs": [output]}
    if not inference.binary:
        output["data"] = quantiles.ravel()
        return orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY), {"content-type": "application/json"}
    raw = np.ascontiguousarray(quantiles, dtype="<f4").tobytes()
    output["parameters"] = {"binary_data_size": len(raw)}
    head = orjson.dumps(said)
    return head + raw, {"content-type": "application/octet-stream", JSON_LENGTH: str(len(head))}


def metadata_of(name: str, versions: list[str], encoding: Encoding) -> dict[str, Any]:
    """What the model takes and gives."""
    shape = [-1, encoding.horizon_hours]
    return {
        "name": name,
        "versions": versions,
        "platform": "energy_lib",
        "inputs": [
            {"name": FEATURES, "datatype": "FP32", "shape": [*shape, len(encoding.columns)]},
            {"name": METERS, "datatype": "BYTES", "shape": [-1]},
        ],
        "outputs": [{"name": OUTPUT, "datatype": "FP32", "shape": [*shape, len(QUANTILES)]}],
        "parameters": {
            "columns": encoding.columns, "quantiles": list(QUANTILES), "unit": "kWh", "optional_inputs": [METERS],
            "feature_set": encoding.feature_set,
        },
    }  # fmt: skip


def _request_of(body: bytes, length: int) -> InferRequest:
    flat = flat_request(body) if length == len(body) else None
    try:
        if flat is not None:
            return msgspec.convert(flat, InferRequest)
        return _DECODER.decode(memoryview(body)[:length])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Problem(400, f"The body is no request of the V2 protocol: {error}.") from None


def _length(text: str, whole: int) -> int:
    if not text.isdecimal() or not text.isascii() or int(text) > whole:
        raise Problem(400, f"The header {JSON_LENGTH} is no length within the body: give that of its JSON.")
    return int(text)


def _from_bytes(tensor: Tensor, raw: memoryview) -> npt.NDArray[Any]:
    if tensor.datatype != "FP32" or len(raw) != 4 * math.prod(tensor.shape):
        raise _misfit(tensor)
    try:
        return np.frombuffer(raw, dtype="<f4").reshape(tensor.shape)
    except ValueError:
        # More dimensions, or longer ones, than an array can have.
        raise _misfit(tensor) from None


def _from_json(tensor: Tensor) -> npt.NDArray[Any]:
    """Flat or nested; null is NaN."""
    try:
        kind: Any = np.str_ if tensor.datatype == "BYTES" else np.float32
        if tensor.datatype not in ("FP32", "FP64", "BYTES") or not isinstance(tensor.data, list | np.ndarray):
            raise _misfit(tensor)
        values = _numbers_and_nulls(tensor.data) if kind is np.float32 and isinstance(tensor.data, list) else None
        return (np.asarray(tensor.data, dtype=kind) if values is None else values).reshape(tensor.shape)
    except (ValueError, TypeError, OverflowError):
        raise _misfit(tensor) from None


def _numbers_and_nulls(data: list[Any]) -> Floats | None:
    """Which Arrow reads in two thirds of NumPy's time; None where they are nested or no numbers."""
    try:
        numbers: Floats = pa.array(data, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float32)
    except pa.ArrowException:
        return None
    return numbers


def _misfit(tensor: Tensor) -> Problem:
    return Problem(400, f"The input {tensor.name[:40]} is no {tensor.datatype[:10]} of its shape: send as many values.")

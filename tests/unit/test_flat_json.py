"""The quick way to read a request's JSON says what the general way says, and leaves to it what it does not know."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.serving.flat_json import flat_request
from energy_lib.serving.v2_protocol import InferRequest

NUMBERS = st.lists(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63 - 1)))


def request(data: Any, **more: Any) -> bytes:
    tensor = {"name": "features", "datatype": "FP32", "shape": [1, 2], "data": data}
    return orjson.dumps({"id": "a", "inputs": [tensor | more], "parameters": {"binary_data_output": True}})


@given(NUMBERS)
def test_it_reads_the_numbers_that_the_general_way_reads(data: list[float]) -> None:
    found = flat_request(request(data))
    assert found is not None
    general = msgspec.json.decode(request(data), type=InferRequest)
    assert found["inputs"][0]["data"].tolist() == np.array(general.inputs[0].data, dtype=np.float64).tolist()
    found["inputs"][0]["data"] = data
    assert msgspec.convert(found, InferRequest) == general


def test_names_of_meters_are_texts() -> None:
    meters = {"name": "meter_id", "datatype": "BYTES", "shape": [1], "data": ["m-1"]}
    inputs = [{"name": "features", "datatype": "FP32", "shape": [1], "data": [1.5]}, meters]
    found = flat_request(orjson.dumps({"inputs": inputs}))
    assert found is not None
    assert found["inputs"][1]["data"] == ["m-1"]


@pytest.mark.parametrize(
    "body",
    [
        request([1.0, None]),
        request([[1.0], [2.0]]),
        request([1.0, [2.0]]),
        request(["1"]),
        request([True]),
        request(None),
        request([1.0], parameters={"of": [1]}),
        b'{"inputs": [{"name": "a", "shape": [1], "datatype": "FP32", "data": [1], "data": [2]}]}',
        b'{"inputs": [], "inputs": []}',
        b'{"inputs": 1}',
        b'{"inputs": [{"data": [1]}]}',
        b"[1]",
        b"{",
        b"",
        b"\xff",
    ],
)
def test_what_it_does_not_know_is_left_to_the_general_way(body: bytes) -> None:
    assert flat_request(body) is None

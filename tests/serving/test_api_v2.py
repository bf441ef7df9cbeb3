"""KServe's V2 protocol: the champion's numbers, as JSON and as bytes, and a champion exchanged under way."""

from __future__ import annotations

from threading import Thread
from time import sleep
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
from served_models import Championed

from energy_lib.encoding.posted_features import encode_array
from energy_lib.models.exported_model import load_model
from energy_lib.vocabulary import QUANTILES

URL = "/v2/models/energy_forecast"
SHAPE = (2, 24, 111)


def features() -> Any:
    values = np.random.default_rng(5).gamma(2.0, 1.0, SHAPE).astype(np.float32)
    values[0, 3, 7] = np.nan
    return values


def tensor(shape: list[int], data: list[Any]) -> bytes:
    return orjson.dumps({"inputs": [{"name": "features", "datatype": "FP32", "shape": shape, "data": data}]})


def as_json(values: Any) -> dict[str, Any]:
    data = [None if np.isnan(each) else float(each) for each in values.ravel()]
    return {"id": "7", "inputs": [{"name": "features", "datatype": "FP32", "shape": values.shape, "data": data}]}


def test_the_answer_is_the_models_to_the_bit(championed: Championed) -> None:
    said = championed.api.post(f"{URL}/infer", json=as_json(features())).json()
    model = load_model(championed.ref(said["model_version"]).path or "")
    expected = model.quantiles(encode_array(features(), model.encoding))
    (output,) = said["outputs"]
    assert (said["id"], output["shape"]) == ("7", [2, 24, len(QUANTILES)])
    assert np.array(output["data"], dtype=np.float32).tobytes() == expected.tobytes()


def test_bytes_say_the_same_as_json(championed: Championed) -> None:
    raw = features().tobytes()
    asked = {
        "inputs": [{"name": "features", "datatype": "FP32", "shape": SHAPE,
                    "parameters": {"binary_data_size": len(raw)}}],
        "parameters": {"binary_data_output": True},
    }  # fmt: skip
    head = orjson.dumps(asked)
    length = {"Inference-Header-Content-Length": str(len(head))}
    answer = championed.api.post(f"{URL}/infer", content=head + raw, headers=length)
    said_length = int(answer.headers["inference-header-content-length"])
    by_json = championed.api.post(f"{URL}/infer", json=as_json(features())).json()
    if orjson.loads(answer.content[:said_length])["model_version"] == by_json["model_version"]:
        data = np.array(by_json["outputs"][0]["data"], dtype=np.float32)
        assert answer.content[said_length:] == data.tobytes()


def test_metadata_names_columns_and_versions(championed: Championed) -> None:
    said = championed.api.get(URL).json()
    assert said["inputs"][0]["shape"] == [-1, 24, 111]
    assert len(said["parameters"]["columns"]) == 111
    assert championed.api.get(f"{URL}/versions/{said['versions'][0]}/ready").json()["ready"] is True
    assert championed.api.get("/v2/health/ready").status_code == 200


def test_a_champion_is_exchanged_without_a_failed_request(championed: Championed) -> None:
    asked = as_json(np.ones(SHAPE, dtype=np.float32))
    first = championed.api.post(f"{URL}/infer", json=asked).json()
    adding = Thread(target=lambda: championed.add("two", raised=1.0))
    adding.start()
    answers: list[tuple[int, str, float]] = []
    while not answers or answers[-1][1] == first["model_version"]:
        answer = championed.api.post(f"{URL}/infer", json=asked)
        answers.append((answer.status_code, answer.json()["model_version"], answer.json()["outputs"][0]["data"][3]))
        assert len(answers) < 20_000
        sleep(0.005)
    adding.join()
    assert {status for status, _, _ in answers} == {200}
    # The second champion's median is one level higher.
    assert answers[-1][2] == pytest.approx(first["outputs"][0]["data"][3] + 1.0)


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"{", 400, "no request of the V2 protocol"),
        (b'{"inputs": []}', 400, "is to be FP32 of shape [n, 24, 111]"),
        (tensor([1, 24, 111], [1]), 400, "its shape"),
        (tensor([1, 24, 111], ["a"]), 400, "its shape"),
        (tensor([2**61], []), 400, "its shape"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_a_sentence(championed: Championed, body: bytes, status: int, sentence: str) -> None:
    answer = championed.api.post(f"{URL}/infer", content=body)
    assert answer.status_code == status
    assert sentence in answer.json()["detail"]


def test_what_there_is_not(championed: Championed, api: httpx.Client) -> None:
    assert championed.api.post("/v2/models/other/infer", content=b"{}").status_code == 404
    assert championed.api.post(f"{URL}/versions/99/infer", content=b"{}").status_code == 404
    assert api.get("/v2/health/ready").status_code == 503
    assert "There is no champion" in api.post(f"{URL}/infer", content=b"{}").json()["detail"]

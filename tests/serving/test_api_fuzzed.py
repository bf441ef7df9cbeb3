"""Whatever is sent, an answer fits /openapi.json, is no failure of the service, and tells nothing of its inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fuzzed_api import Guarded, guarded, require_problem, require_silence
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served_api import SITES
from served_models import Championed

from energy_lib.security.principal import Role

FEW = settings(
    max_examples=8, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, ignored_auth,
]  # fmt: skip
MANY = settings(FEW, max_examples=60)
# It ends after an hour.
STREAM = "/v1/alerts/stream"
ADDRESSES = (
    "/v1/meters", "/v1/readings", "/v1/meters/m-1/forecast", "/v1/alerts", "/v2", "/metrics",
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Encoding", "Content-Type", "Host", "If-None-Match", "Range", "X-API-Key",
    "X-Forwarded-For", "X-Request-ID",
)  # fmt: skip
POSTED = (
    "/v1/forecasts", "/v1/readings", "/v1/recommendations/r-m-1/feedback", "/v2/models/energy_forecast/infer",
    "/v2/models/energy_forecast/versions/1/infer",
)  # fmt: skip
CLAIMS = ("sub", "roles", "sites", "meters", "scope", "iat", "nbf", "aud", "jti", "azp")
WORDS = (
    "origin_utc", "meters", "meter_id", "readings", "state", "note", "done_on", "inputs", "name", "features", "shape",
    "datatype", "data", "parameters", "binary_data_size", "outputs", "FP32",
)  # fmt: skip
# What a header can hold beside its separators.
LATIN = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
ODD_TEXTS = ("-1", "9" * 400, "a," * 3000, '"', "W/", "../../etc/passwd", "%00", "Bearer", "gzip;q=x", "text/csv;q=")
INPUT = b'{"inputs": [{"name": "features", "datatype": "FP32", "shape": [99999999999, 24, 9], "data": %s}]}'
# No values at all, of a shape that no array can have.
TOO_LONG = (
    b'{"inputs": [{"name": "features", "datatype": "FP32", "shape": [0, 1000000000000000000, 1000000000000000000], '
    b'"parameters": {"binary_data_size": 0}}]}'
)
ODD_BODIES = (
    b"", b"[" * 100_000, b'{"a":' * 50_000, b"1e999999999", b"\xff\xfe{}", b'"\\ud800"',
    INPUT % b"[]", INPUT % b"[[1], 2]",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def api(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(root, tmp_path_factory.mktemp("guarded")) as service:
        yield service


@pytest.fixture(scope="module")
def client(api: Guarded) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.address, headers=api.headers, timeout=30) as client:
        yield client


def test_answers_fit_what_openapi_says(api: Guarded, subtests: pytest.Subtests) -> None:
    schema = schemathesis.openapi.from_url(f"{api.address}/openapi.json").exclude(path=STREAM)
    tried = set()
    for result in schema.get_all_operations():
        operation = result.ok()

        valid, wrong = (operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode)

        @FEW
        @given(case=st.one_of(*operation.get_strategies_from_examples(), valid, wrong))
        def fits(case: schemathesis.Case) -> None:
            answer = case.call(headers=api.headers, timeout=30)
            # There is no champion in this lake, and the model server says so.
            apart = [not_a_server_error] if answer.status_code == 503 and "no champion" in answer.text else []
            case.validate_response(answer, checks=[c for c in CHECKS if c not in apart], headers=api.headers)
            require_silence(answer.text, api.folder)
            tried.add(case.operation.label)

        with subtests.test(operation.label):
            fits()
    assert len(tried) > 20
    assert "POST /v1/forecasts" in tried


@MANY
@given(address=st.sampled_from(ADDRESSES), name=st.sampled_from(HEADERS), text=LATIN | st.sampled_from(ODD_TEXTS))
def test_any_header_is_borne(api: Guarded, client: httpx.Client, address: str, name: str, text: str) -> None:
    answer = client.get(address, headers={name: text.encode("latin-1")})
    assert answer.status_code < 500, answer.text[:500]
    if answer.status_code >= 400:
        require_problem(answer, api.folder)


@MANY
@given(
    address=st.sampled_from(POSTED),
    body=st.binary(max_size=200) | JSON.map(lambda made: json.dumps(made).encode()) | st.sampled_from(ODD_BODIES),
    length=st.none() | st.sampled_from(("0", "1", "-1", "7", "x", "9" * 30)),
)
@example(address="/v2/models/energy_forecast/infer", body=TOO_LONG, length=None)
def test_any_body_is_borne(championed: Championed, address: str, body: bytes, length: str | None) -> None:
    headers = {"Idempotency-Key": "k", **({} if length is None else {"Inference-Header-Content-Length": length})}
    answer = championed.api.post(address, content=body, headers=headers)
    require_problem(answer, championed.folder)


@MANY
@given(claims=st.dictionaries(st.sampled_from(CLAIMS), JSON, min_size=1, max_size=3))
def test_any_claims_of_a_signed_token_are_borne(api: Guarded, claims: dict[str, Any]) -> None:
    """The provider signs what it likes; whoever gets in is somebody, with a role and a scope."""
    token = api.issuer.issuer.token("ada", [Role.VIEWER], {"sites": ["s-1"], **claims})
    answer = httpx.get(f"{api.address}/v1/meters", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 200:
        seen = {row["meter_id"] for row in answer.json()["data"]}
        assert seen <= set(SITES["s-1"]) or not {"sites", "meters"}.isdisjoint(claims)
    else:
        require_problem(answer, api.folder)


@MANY
@given(place=st.integers(0, 2), text=LATIN, scheme=st.sampled_from(("Bearer", "bearer", "Basic", "")))
def test_a_token_that_was_tampered_with_lets_nobody_in(api: Guarded, place: int, text: str, scheme: str) -> None:
    parts = api.issuer.issuer.token("ada", [Role.ANALYST], {"sites": ["*"], "meters": ["*"]}).split(".")
    parts[place] = text
    shown = f"{scheme} {'.'.join(parts)}".strip().encode("latin-1")
    answer = httpx.get(f"{api.address}/v1/meters", headers={"Authorization": shown})
    assert answer.status_code == 401
    require_problem(answer, api.folder)


@FEW
@given(last=LATIN | st.sampled_from(("-1", "9" * 20, "1.0", "١")))
def test_a_stream_from_nowhere_does_not_begin(api: Guarded, client: httpx.Client, last: str) -> None:
    if last.isdecimal() and len(last) < 16 and last.isascii():
        return
    answer = client.get(STREAM, headers={"Last-Event-ID": last.encode()})
    require_problem(answer, api.folder)

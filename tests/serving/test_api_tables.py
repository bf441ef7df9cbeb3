"""Tables by the API: what is shown, of whom, by pages, as it was known, and in each form."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import polars as pl
import pyarrow as pa
import pytest
from report_lake import HOSTILE, ORIGIN

from energy_lib.serving.resources import RESOURCES, Resource
from energy_lib.tables.arrow import arrow_schema

ALL = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)
FORMS = {
    "text/csv": lambda body: pl.read_csv(body, infer_schema=False).height,
    "application/vnd.apache.parquet": lambda body: pl.read_parquet(io.BytesIO(body)).height,
    "application/vnd.apache.arrow.stream": lambda body: pa.ipc.open_stream(body).read_all().num_rows,
}


def rows(api: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


@ALL
def test_every_table_answers_with_its_columns_and_version(api: httpx.Client, resource: Resource) -> None:
    answer = api.get(f"/v1/{resource.name}")
    body = answer.json()
    assert answer.status_code == 200, body
    assert body["tables"][resource.table.full_name] >= 0
    assert list(body["data"][0]) == list(resource.table.column_names)
    assert answer.headers["x-as-of"] == body["as_of"]


@ALL
def test_pages_make_the_whole(api: httpx.Client, resource: Resource) -> None:
    whole = rows(api, f"/v1/{resource.name}")
    paged: list[dict[str, Any]] = []
    path = f"/v1/{resource.name}?limit={max(1, len(whole) // 3)}"
    while path:
        answer = api.get(path)
        paged += answer.json()["data"]
        path = answer.links.get("next", {}).get("url", "")
    assert paged == whole


@ALL
@pytest.mark.parametrize("form", FORMS)
def test_streams_hold_the_same_rows(api: httpx.Client, resource: Resource, form: str) -> None:
    answer = api.get(f"/v1/{resource.name}", headers={"Accept": form})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(form)
    assert FORMS[form](answer.content) == len(rows(api, f"/v1/{resource.name}"))


def test_arrow_has_the_tables_schema(api: httpx.Client) -> None:
    body = api.get("/v1/costs", headers={"Accept": "application/vnd.apache.arrow.stream"}).content
    costs = next(each for each in RESOURCES if each.name == "costs").table
    assert pa.ipc.open_stream(body).schema.equals(arrow_schema(costs))


def test_only_the_newest_live_origin_is_shown(api: httpx.Client) -> None:
    of_meter = rows(api, "/v1/forecasts", meter="m-1")
    assert [row["interval_start_utc"] for row in of_meter][:2] == ["2024-06-02T00:00:00Z", "2024-06-02T01:00:00Z"]
    assert len(of_meter) == 24
    assert {row["p50"] for row in of_meter} == {1.3}
    assert rows(api, "/v1/forecasts", origin_utc="2024-06-01T00:00:00Z") == []


def test_hostile_names_are_values(api: httpx.Client) -> None:
    assert {row["meter_id"] for row in rows(api, "/v1/anomalies", meter=HOSTILE)} == {HOSTILE}
    assert rows(api, "/v1/meters", meter="' OR 1=1 --") == []


def test_filters_by_site_and_time(api: httpx.Client) -> None:
    assert {row["meter_id"] for row in rows(api, "/v1/readings", site="s-1")} == {"m-1", "m-2"}
    asked = {"meter": "m-1", "from": "2024-06-02T01:00:00Z", "to": "2024-06-02T03:00:00+00:00"}
    hours = [row["interval_start_utc"] for row in rows(api, "/v1/readings", **asked)]
    assert hours == ["2024-06-02T01:00:00Z", "2024-06-02T02:00:00Z"]


def test_the_past_is_what_was_known_then(api: httpx.Client) -> None:
    # Each hour's reading came an hour later.
    known = rows(api, "/v1/readings", meter="m-1", as_of=(ORIGIN + timedelta(hours=2)).isoformat())
    assert len(known) == 2
    assert rows(api, "/v1/forecasts", meter="m-1", as_of="2024-06-01T23:59:59Z") == []
    # Of April the second edition stands; on the night of June 2 no third was known.
    april = {"area_id": "region", "from": "2024-04-01", "to": "2024-05-01"}
    assert [row["edition"] for row in rows(api, "/v1/area-summaries", **april)] == [3]
    assert [row["edition"] for row in rows(api, "/v1/area-summaries", as_of=ORIGIN.isoformat(), **april)] == [2]


def test_what_still_stands_is_not_sent_again(api: httpx.Client) -> None:
    first = api.get("/v1/meters")
    again = api.get("/v1/meters", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = api.get("/v1/meters?limit=1", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_long_answers_are_gzipped_for_who_takes_it(api: httpx.Client) -> None:
    assert api.get("/v1/forecasts", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in api.get("/v1/forecasts", headers={"Accept-Encoding": "identity"}).headers


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/v1/nothing", 404, "There is nothing at this address"),
        ("/v1/meters?as_of=2024-01-01", 400, "meters takes no parameter as_of"),
        ("/v1/readings?from=yesterday", 400, "from is 'yesterday', which is no time"),
        ("/v1/readings?from=0001-01-01", 400, "from is '0001-01-01', which is no time"),
        ("/v1/readings?limit=0", 400, "limit is '0'"),
        ("/v1/readings?limit=99999", 400, "is the most of JSON"),
        ("/v1/readings?cursor=abc", 400, "cursor is none that this address gave"),
        ("/v1/readings?limit=1&limit=2", 400, "limit is given 2 times"),
        ("/v1/forecasts?origin_utc=now", 400, "origin_utc is 'now'"),
        ("/v1/readings?from=2024-01-01T00:00:00%2B99:00", 400, "which is no time"),
    ],
)
def test_what_is_wrong_is_a_sentence(api: httpx.Client, path: str, status: int, sentence: str) -> None:
    answer = api.get(path, headers={"X-Request-ID": "mine-1"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert sentence in body["detail"]
    assert (body["status"], body["request_id"], answer.headers["x-request-id"]) == (status, "mine-1", "mine-1")


def test_a_form_that_there_is_not(api: httpx.Client) -> None:
    assert api.get("/v1/meters", headers={"Accept": "image/png"}).status_code == 406
    assert api.post("/v1/meters").status_code == 405


def test_only_this_machine_by_its_own_name(api: httpx.Client) -> None:
    assert api.get("/v1/meters", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("meter", ["m-1", HOSTILE])
def test_a_forecast_by_its_key_is_that_of_the_table(api: httpx.Client, meter: str) -> None:
    said = api.get(f"/v1/meters/{quote(meter, safe='')}/forecast").json()
    of_table = rows(api, "/v1/forecasts", meter=meter, model_name="dense")
    for name in ("interval_start_utc", "p05", "p50", "p95", "imputed_share", "fallback"):
        assert said[name] == [row[name] for row in of_table]
    assert (said["origin_utc"], said["model_name"], said["tables"]["gold.forecasts"] >= 0) == (
        "2024-06-02T00:00:00Z", "dense", True,
    )  # fmt: skip

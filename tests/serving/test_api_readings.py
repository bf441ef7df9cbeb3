"""Readings that are posted: kept before the answer, once for a key, of the asker's meters, and read by ingest."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from landed_rows import SOURCES
from report_lake import put
from served_api import KnownBy, served

from energy_lib.config import Config, ServingConfig
from energy_lib.errors import BadConfig
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.local_listing import LocalListing
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.security.principal import EVERYTHING, Principal, Role, Scope
from energy_lib.serving.posted_files import PostedFiles

WHO = (
    Principal("all", frozenset({Role.OPERATOR}), EVERYTHING),
    Principal("site", frozenset({Role.OPERATOR}), Scope(frozenset({"s-1"}), None)),
)
TAKEN = ServingConfig(readings_source="posted_readings")
HOUR = {"meter_id": "m-1", "interval_start_utc": "2024-06-02T04:00:00Z", "energy_kwh": 0.1}


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def client(lake: Path, landing: Path) -> Iterator[httpx.Client]:
    export = {"meter_id": "m-2_export", "flow": "export", "fuel": "electricity", "registered_by": "registry"}
    virtual = {"meter_id": "v", "registered_by": "virtual_meters"}
    put(lake, "silver.meters", *({**each, "site_id": "s-1"} for each in (export, virtual)))
    config = Config(lake=str(lake), landing=str(landing), serving=TAKEN)
    with served(config, KnownBy(*WHO)) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def post(client: httpx.Client, *rows: Any, key: str = "k", who: str = "site") -> httpx.Response:
    headers = {"X-API-Key": who, "Idempotency-Key": key}
    return client.post("/v1/readings", json={"readings": list(rows)}, headers=headers)


def landed(landing: Path) -> list[dict[str, Any]]:
    """What ingest finds below landing and reads, by its own listing and parser."""
    rows = []
    for file in LocalListing(str(landing), links_out=False).files():
        content = Content.at(str(landing / file.path), file.path)
        tables = parse_readings(content, SOURCES["posted_readings"], datetime(2024, 6, 3, tzinfo=UTC))
        rows += [row for table in tables for row in table.to_pylist()]
    return rows


def test_what_is_taken_is_read_by_ingest(client: httpx.Client, landing: Path) -> None:
    quarter = {**HOUR, "meter_id": "m-2_export", "interval_start_utc": "2024-06-02T06:15:00+02:00",
               "interval_minutes": 15, "energy_kwh": 1 / 3, "quality": "estimated"}  # fmt: skip
    answer = post(client, HOUR, quarter)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "rejected": 0, "rejections": []})
    first, second = landed(landing)
    assert (first["rule_id"], first["meter_id"], first["energy_kwh"]) == (None, "m-1", 0.1)
    assert first["interval_start_utc"] == datetime(2024, 6, 2, 4, tzinfo=UTC)
    assert (second["meter_id"], second["flow"], second["quality"]) == ("m-2_export", "export", "estimated")
    assert (second["interval_start_utc"].minute, second["interval_minutes"], second["energy_kwh"]) == (15, 15, 1 / 3)


def test_a_row_costs_itself_alone(client: httpx.Client, landing: Path) -> None:
    wrong = [
        ({**HOUR, "meter_id": "m-3"}, "no meter of yours"),
        ({**HOUR, "meter_id": "nobody"}, "no meter of yours"),
        ({**HOUR, "meter_id": "v"}, "is a sum of others"),
        ({**HOUR, "energy_kwh": "0.1"}, "Expected `float`, got `str`"),
        ({**HOUR, "energy_kwh": None}, "Expected `float`, got `null`"),
        ({**HOUR, "interval_start_utc": "2024-06-02T04:00:00"}, "timezone"),
        ({**HOUR, "interval_start_utc": "1024-06-02T04:00:00Z"}, "no meter was read at"),
        ({**HOUR, "colour": "red"}, "unknown field `colour`"),
        (["m-1"], "Expected `object`, got `array`"),
    ]
    answer = post(client, *(row for row, _ in wrong), HOUR)
    assert answer.status_code == 202
    said = answer.json()
    assert (said["accepted"], said["rejected"]) == (1, len(wrong))
    for number, (told, (_, sentence)) in enumerate(zip(said["rejections"], wrong, strict=True)):
        assert told["row"] == number
        assert sentence in told["reason"]
    assert [row["meter_id"] for row in landed(landing)] == ["m-1"]
    # Nothing is kept of a request without a good row, so that its key is free.
    assert post(client, wrong[0][0], key="k2").status_code == 400
    assert post(client, HOUR, key="k2").status_code == 202


def test_a_key_is_kept_once_however_often_it_comes(client: httpx.Client, lake: Path, landing: Path) -> None:
    late = {**HOUR, "meter_id": "later"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(client, HOUR, late), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 7
    assert len(landed(landing)) == len(list(landing.rglob("*"))) - 1 == 1
    assert post(client, {**HOUR, "energy_kwh": 0.2}).status_code == 422
    # Another's key is another request.
    assert "idempotency-replayed" not in post(client, HOUR, late, who="all").headers
    assert len(landed(landing)) == 2


def test_what_was_refused_stays_refused_for_its_key(client: httpx.Client, lake: Path, landing: Path) -> None:
    late = {**HOUR, "meter_id": "later"}
    assert post(client, HOUR, late).json()["accepted"] == 1
    put(lake, "silver.meters", {"meter_id": "later", "site_id": "s-1", "registered_by": "registry"})
    deadline = time.monotonic() + 30
    while post(client, late, key="other").status_code != 202:
        assert time.monotonic() < deadline, "the API does not see the new meter"
        time.sleep(0.1)
    (told,) = post(client, HOUR, late).json()["rejections"]
    assert (told["row"], "post it with another key" in told["reason"]) == (1, True)
    assert [row["meter_id"] for row in landed(landing)].count("later") == 1


def test_landing_that_cannot_be_written_is_told_and_leaves_nothing(client: httpx.Client, landing: Path) -> None:
    landing.write_text("in the way")
    answer = post(client, HOUR)
    assert answer.status_code == 503
    assert "cannot be kept" in answer.json()["detail"]
    landing.unlink()
    assert post(client, HOUR).status_code == 202
    assert [name for _, _, names in os.walk(landing) for name in names if name.startswith(".")] == []


def test_without_a_source_it_says_what_to_set(lake: Path) -> None:
    with served(Config(lake=str(lake)), KnownBy(*WHO)) as address, httpx.Client(base_url=address, timeout=30) as client:
        answer = post(client, HOUR)
        assert answer.status_code == 409
        assert "serving.readings_source" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "yaml"),
    [
        ("nothing", ""),
        ("live_readings", ""),
        ("own", "format: json_lines\nmeter: {column: id}\ntime: {column: at, interval_minutes: 60}\nfuel: gas\n"
                "value: {column: kwh, unit: kWh}\n"),
        ("csvs", "format: csv\nmeter: {column: meter_id}\ntime: {column: at, interval_minutes: 60}\nfuel: gas\n"
                 "value: {column: energy_kwh, unit: kWh}\n"),
    ],
)  # fmt: skip
def test_a_source_that_would_not_read_them_is_refused(tmp_path: Path, name: str, yaml: str) -> None:
    (tmp_path / f"{name}.yaml").write_text(yaml) if yaml else None
    config = Config(sources_dir=str(tmp_path), serving=ServingConfig(readings_source=name))
    with pytest.raises(BadConfig, match=name):
        PostedFiles.open(config)

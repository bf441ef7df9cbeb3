"""Feedback by the API: kept once for a key, of what the asker sees alone, and in a night's answers afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from served_api import KnownBy, served

from energy_lib.config import Config
from energy_lib.lake.small_tables import SmallTables
from energy_lib.security.principal import EVERYTHING, Principal, Role, Scope
from energy_lib.tables.ops import POSTED_FEEDBACK

OPERATOR = frozenset({Role.OPERATOR})
WHO = (
    Principal("all", OPERATOR, EVERYTHING),
    Principal("site", OPERATOR, Scope(frozenset({"s-2"}), None)),
    Principal("viewer", frozenset({Role.VIEWER}), EVERYTHING),
)
DONE = {"state": "done", "done_on": "2024-05-30", "note": "The timer is set."}


@pytest.fixture
def client(lake: Path) -> Iterator[httpx.Client]:
    with served(Config(lake=str(lake)), KnownBy(*WHO)) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def post(
    client: httpx.Client, what: dict[str, Any], key: str = "k", who: str = "all", of: str = "r-m-1"
) -> httpx.Response:
    headers = {"X-API-Key": who, "Idempotency-Key": key}
    return client.post(f"/v1/recommendations/{of}/feedback", json=what, headers=headers)


def test_the_same_key_is_kept_once(client: httpx.Client, lake: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(client, DONE), range(4)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 3
    (row,) = SmallTables(str(lake)).rows(POSTED_FEEDBACK)
    assert (row["recommendation_id"], row["state"], row["changed_by"]) == ("r-m-1", "done", "all")
    # Another's key is another request, and the same key for something else is refused.
    assert post(client, {"state": "accepted"}).status_code == 422
    assert "idempotency-replayed" not in post(client, DONE, key="k2").headers
    assert len(SmallTables(str(lake)).rows(POSTED_FEEDBACK)) == 2


def test_nobody_speaks_of_what_they_do_not_see(client: httpx.Client) -> None:
    assert post(client, DONE, who="site").status_code == 404
    assert post(client, DONE, who="site", of="r-m-3").status_code == 202
    assert post(client, DONE, of="r-nobody").status_code == 404
    assert post(client, DONE, who="viewer").status_code == 403


@pytest.mark.parametrize(
    ("what", "key", "sentence"),
    [
        ({"state": "snoozed"}, "k", "snoozed_until goes with"),
        ({"state": "new", "done_on": "2024-05-30"}, "k", "done_on goes with"),
        ({"state": "forgotten"}, "k", "Invalid enum value 'forgotten'"),
        (DONE, "", "Idempotency-Key is missing"),
    ],
)
def test_what_does_not_fit_is_a_sentence(client: httpx.Client, what: dict[str, Any], key: str, sentence: str) -> None:
    answer = post(client, what, key)
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]

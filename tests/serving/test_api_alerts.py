"""Alerts as server-sent events: what is told while someone listens, once, and to no one beyond their scope."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import orjson
import pytest
from report_lake import DAY, ORIGIN, put
from served_api import KnownBy, served

from energy_lib.config import Config
from energy_lib.lake.small_tables import SmallTables
from energy_lib.security.principal import EVERYTHING, Principal, Role, Scope
from energy_lib.tables.answers.alerts import ALERTS

ROLES = frozenset({Role.VIEWER})
ALL, SITE = Principal("all", ROLES, EVERYTHING), Principal("site", ROLES, Scope(frozenset({"s-1"}), None))


@pytest.fixture
def lake(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root, tmp_path / "lake"))


def tell(lake: Path, meter: str, hour: int) -> None:
    put(lake, "gold.alerts", {"alert_id": f"{meter}-{hour}", "event": "raised", "meter_id": meter, "type": "spike",
        "told_at_utc": ORIGIN + timedelta(hours=hour), "state": "open", "severity": "low", "start_utc": ORIGIN,
        "end_utc": ORIGIN, "day_local": DAY, "statistic": "spike", "evidence": []})  # fmt: skip


def heard(client: httpx.Client, who: str, count: int, last: str | None = None) -> Iterator[tuple[str, str]]:
    """Id of each event and its alert, from when the stream says that it listens."""
    headers = {"X-API-Key": who, **({} if last is None else {"Last-Event-ID": last})}
    with client.stream("GET", "/v1/alerts/stream", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        number = ""
        for line in answer.iter_lines():
            if line.startswith(": listening"):
                yield "", ""
            number = line.removeprefix("id: ") if line.startswith("id: ") else number
            if line.startswith("data: "):
                yield number, orjson.loads(line.removeprefix("data: "))["alert_id"]
                count -= 1
            if count == 0:
                return


def test_what_is_told_is_heard_once_within_the_scope(lake: Path) -> None:
    known = KnownBy(ALL, SITE)
    with served(Config(lake=str(lake)), known) as address, httpx.Client(base_url=address, timeout=30) as client:
        events = heard(client, "site", 2)
        assert next(events) == ("", "")
        tell(lake, "m-3", 1)
        tell(lake, "m-1", 2)
        tell(lake, "m-2", 3)
        (first, alert), (second, other) = events
        assert (alert, other) == ("m-1-2", "m-2-3")
        # Who was away goes on behind the last event that it heard.
        assert [each for _, each in heard(client, "site", 1, last=first)][1:] == ["m-2-3"]
        newest = SmallTables(str(lake)).version(ALERTS)
        assert int(second) == newest
        everything = [each for _, each in heard(client, "all", 3, last=str(newest - 3))]
        assert everything[1:] == [
            "m-3-1",
            "m-1-2",
            "m-2-3",
        ]


def test_a_wrong_event_id_is_a_sentence(api: httpx.Client) -> None:
    answer = api.get("/v1/alerts/stream", headers={"Last-Event-ID": "-1"})
    assert answer.status_code == 400
    assert "Last-Event-ID is no id" in answer.json()["detail"]

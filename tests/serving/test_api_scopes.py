"""Nobody sees a row beyond their scope, by whatever table, form or filter; an oracle says which rows those are."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from served_api import KnownBy, served

from energy_lib.config import Config, ServingConfig
from energy_lib.security.permissions import Permission, permits
from energy_lib.security.principal import EVERYTHING, Principal, Role, Scope
from energy_lib.serving.resources import RESOURCES, Resource

ROLES = frozenset({Role.ANALYST, Role.OPERATOR})
SCOPES = {
    "everything": EVERYTHING,
    "nothing": Scope(frozenset(), None),
    "site": Scope(frozenset({"s-1"}), None),
    "both-sites": Scope(frozenset({"s-1", "s-2"}), None),
    "meter": Scope(None, frozenset({"m-1"})),
    "meter-of-site": Scope(frozenset({"s-1"}), frozenset({"m-2", "m-3"})),
    "meter-of-none": Scope(None, frozenset({"m-office"})),
}
NAMED = {**{name: Principal(name, ROLES, scope) for name, scope in SCOPES.items()},
         **{str(role): Principal(str(role), frozenset({role}), EVERYTHING) for role in Role}}  # fmt: skip
ALL = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)
PARQUET = {"Accept": "application/vnd.apache.parquet"}


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("landing")


@pytest.fixture(scope="module")
def scoped(root: Any, landing: Path) -> Iterator[httpx.Client]:
    serving = ServingConfig(requests_per_second=1e6, burst=10**6, readings_source="posted_readings")
    config = Config(lake=str(root), landing=str(landing), serving=serving)
    with served(config, KnownBy(*NAMED.values())) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def rows(api: httpx.Client, name: str, who: str, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(f"/v1/{name}", params=query, headers={"X-API-Key": who})
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def is_seen(row: dict[str, Any], name: str, scope: Scope, sites: dict[str, str | None], places: dict[str, str]) -> bool:
    """`sites`: meter → site; `places`: meter → building."""
    if scope == EVERYTHING or name in ("area-summaries", "access-indicators"):
        return True
    seen = {meter for meter, site in sites.items() if scope.permits(site, meter)}
    wholes = {
        "site": {site for site in sites.values() if site and {m for m, s in sites.items() if s == site} <= seen},
        "building": {b for b in places.values() if {m for m, each in places.items() if each == b} <= seen},
        "meter": seen,
        "portfolio": set(),
    }
    if "group_kind" in row:
        return row["group_id"] in wholes[row["group_kind"]]
    if name == "recommendations":
        return row["scope_id"] in wholes[row["scope_kind"]] and set(row["meters"]) <= seen
    if name in ("recommendation-states", "posted-feedback"):
        return row["recommendation_id"].removeprefix("r-") in seen
    if name == "schedules":
        return row["site_id"] in wholes["site"]
    if name == "savings" and row["meter_id"] == "*":
        return row["project_id"] != "*" and row["project_id"].removeprefix("p-") in seen
    return row["meter_id"] in seen


@ALL
@pytest.mark.parametrize("who", SCOPES)
def test_rows_are_those_of_the_scope(scoped: httpx.Client, resource: Resource, who: str) -> None:
    meters = rows(scoped, "meters", "everything")
    sites = {row["meter_id"]: row["site_id"] for row in meters}
    places = {row["meter_id"]: row["building_id"] for row in meters}
    whole = rows(scoped, resource.name, "everything")
    expected = [row for row in whole if is_seen(row, resource.name, SCOPES[who], sites, places)]
    assert rows(scoped, resource.name, who) == expected
    exported = scoped.get(f"/v1/{resource.name}", headers={"X-API-Key": who, **PARQUET})
    assert pl.read_parquet(io.BytesIO(exported.content)).height == len(expected)


def test_the_samples_tell_scopes_apart(scoped: httpx.Client) -> None:
    """Every table but those of areas has rows that a site's scope shows, and others that it hides."""
    for resource in RESOURCES:
        if resource.name in ("area-summaries", "access-indicators"):
            continue
        seen, whole = (len(rows(scoped, resource.name, who)) for who in ("site", "everything"))
        assert 0 < seen < whole, resource.name


@given(
    resource=st.sampled_from(RESOURCES),
    who=st.sampled_from([name for name in SCOPES if name != "everything"]),
    meters=st.lists(st.sampled_from(["m-1", "m-2", "m-3", "m-office", "*", "nobody"]), max_size=3),
    sites=st.lists(st.sampled_from(["s-1", "s-2"]), max_size=2),
    cursor=st.booleans(),
)
def test_no_filter_and_no_cursor_widens_a_scope(
    scoped: httpx.Client, resource: Resource, who: str, meters: list[str], sites: list[str], cursor: bool
) -> None:
    query: dict[str, Any] = {"meter": meters} if resource.meter and meters else {}
    query |= {"site": sites} if (resource.site or resource.meter) and sites else {}
    if cursor:
        page = scoped.get(f"/v1/{resource.name}?limit=1", headers={"X-API-Key": "everything"}).json()
        query |= {"cursor": page["next"]} if page["next"] else {}
    allowed = rows(scoped, resource.name, who)
    assert all(row in allowed for row in rows(scoped, resource.name, who, **query))


@ALL
@pytest.mark.parametrize("role", Role)
def test_roles_may_what_their_permissions_say(scoped: httpx.Client, resource: Resource, role: Role) -> None:
    principal = NAMED[str(role)]
    for headers, needed in (({}, {resource.permission}), (PARQUET, {resource.permission, Permission.EXPORT})):
        answer = scoped.get(f"/v1/{resource.name}", headers={"X-API-Key": str(role), **headers})
        may = all(permits(principal, each) for each in needed)
        assert answer.status_code == (200 if may else 403)
        if not may:
            assert "it takes one of the roles" in answer.json()["detail"]


@pytest.mark.parametrize("who", [*SCOPES, *map(str, Role)])
def test_readings_are_posted_by_their_roles_for_the_meters_of_the_scope(
    scoped: httpx.Client, landing: Path, who: str
) -> None:
    everything = [row["meter_id"] for row in rows(scoped, "meters", "everything")]
    at = "2024-06-02T00:00:00Z"
    asked = [{"meter_id": meter, "interval_start_utc": at, "energy_kwh": 1} for meter in everything]
    before = set(landing.rglob("*.jsonl"))
    answer = scoped.post(
        "/v1/readings", json={"readings": asked}, headers={"X-API-Key": who, "Idempotency-Key": f"scope {who}"}
    )
    new = set(landing.rglob("*.jsonl")) - before
    kept = [json.loads(line)["meter_id"] for path in new for line in path.read_text().splitlines()]
    if not permits(NAMED[who], Permission.WRITE_READINGS):
        assert (answer.status_code, kept) == (403, [])
        return
    seen = {row["meter_id"] for row in rows(scoped, "meters", who)}
    assert kept == [meter for meter in everything if meter in seen]
    assert answer.status_code == (202 if seen else 400)
    if seen:
        assert [everything[each["row"]] for each in answer.json()["rejections"]] == [
            meter for meter in everything if meter not in seen
        ]


@pytest.mark.parametrize("who", SCOPES)
def test_a_forecast_by_its_key_keeps_to_the_scope(scoped: httpx.Client, who: str) -> None:
    meters = [row["meter_id"] for row in rows(scoped, "meters", "everything")]
    seen = {row["meter_id"] for row in rows(scoped, "forecasts", who)}
    for meter in [*meters, "nobody", "m-1\0"]:
        path = f"/v1/meters/{quote(meter, safe='')}/forecast"
        assert scoped.get(path, headers={"X-API-Key": who}).status_code == (200 if meter in seen else 404)


@pytest.mark.parametrize("who", SCOPES)
def test_a_meters_own_readings_keep_to_the_scope(scoped: httpx.Client, who: str) -> None:
    seen = rows(scoped, "readings", who)
    for row in rows(scoped, "meters", "everything"):
        path = f"/v1/meters/{quote(row['meter_id'], safe='')}/readings?format=csv"
        answer = scoped.get(path, headers={"X-API-Key": who})
        own = [each for each in seen if each["meter_id"] == row["meter_id"]]
        is_seen_at_all = row in rows(scoped, "meters", who)
        assert answer.status_code == (200 if is_seen_at_all else 404)
        assert answer.status_code != 200 or len(answer.text.splitlines()) == 1 + len(own)


@pytest.mark.parametrize("role", Role)
def test_roles_take_a_meters_own_readings_if_they_may_export(scoped: httpx.Client, role: Role) -> None:
    needed = (Permission.READ_READINGS, Permission.EXPORT)
    may = all(permits(NAMED[str(role)], each) for each in needed)
    answer = scoped.get("/v1/meters/m-1/readings", headers={"X-API-Key": str(role)})
    assert answer.status_code == (200 if may else 403)

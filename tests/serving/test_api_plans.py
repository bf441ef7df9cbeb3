"""A plan in the forms of others: OpenADR 3.1 by its published definition, FlexMeasures by its schema of sensor data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from report_lake import ORIGIN, put
from served_api import KnownBy, served

from energy_lib.config import Config
from energy_lib.security.permissions import Permission, permits
from energy_lib.security.principal import EVERYTHING, Principal, Role, Scope

NAMED = {str(role): Principal(str(role), frozenset({role}), EVERYTHING) for role in Role}
SITE = Principal("site", frozenset({Role.VIEWER}), Scope(frozenset({"s-2"}), None))
PART = Principal("part", frozenset({Role.VIEWER}), Scope(None, frozenset({"m-1"})))
PATHS = ("/openadr3/programs", "/openadr3/events", "/v1/sites/s-2/schedules/flexmeasures")
# openadr3.yaml 3.1.1: objectID, dateTime, intervalPeriod, valuesMap, interval, eventPayloadDescriptor and event.
ID = {"type": "string", "pattern": "^[a-zA-Z0-9_-]*$", "minLength": 1, "maxLength": 128}
INSTANT = {"type": "string", "format": "date-time"}
PERIOD = {"type": "object", "required": ["start"], "additionalProperties": False,
          "properties": {"start": INSTANT, "duration": {"const": "PT1H"}, "randomizeStart": {}}}  # fmt: skip
VALUES = {"type": "object", "required": ["type", "values"], "additionalProperties": False,
          "properties": {"type": {"type": "string", "minLength": 1, "maxLength": 128},
                         "values": {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "number"}}},
          "if": {"properties": {"type": {"not": {"const": "CONTROL_SETPOINT"}}}},
          "then": {"properties": {"values": {"items": {"minimum": 0}}}}}  # fmt: skip
INTERVAL = {"type": "object", "required": ["id", "payloads"], "additionalProperties": False,
            "properties": {"id": {"type": "integer"}, "intervalPeriod": PERIOD,
                           "payloads": {"type": "array", "items": VALUES}}}  # fmt: skip
DESCRIPTOR = {"type": "object", "required": ["objectType", "payloadType"], "additionalProperties": False,
              "properties": {"objectType": {"const": "EVENT_PAYLOAD_DESCRIPTOR"}, "payloadType": {"type": "string"},
                             "units": {"enum": ["KW", "KWH"]}, "currency": {"type": "string"}}}  # fmt: skip
METADATA = {"id": ID, "createdDateTime": INSTANT, "modificationDateTime": INSTANT}
TARGETS = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 128}}
EVENT = {"type": "object", "required": [*METADATA, "objectType", "programID"], "additionalProperties": False,
         "properties": {**METADATA, "objectType": {"const": "EVENT"}, "programID": ID, "eventName": {"type": "string"},
                        "targets": TARGETS, "payloadDescriptors": {"type": "array", "items": DESCRIPTOR},
                        "intervalPeriod": PERIOD, "intervals": {"type": "array", "items": INTERVAL}}}  # fmt: skip
PROGRAM = {"type": "object", "required": [*METADATA, "objectType", "programName"], "additionalProperties": False,
           "properties": {**METADATA, "objectType": {"const": "PROGRAM"}, "targets": TARGETS,
                          "programName": {"type": "string", "minLength": 1, "maxLength": 128}}}  # fmt: skip
# FlexMeasures 1.0, PostSensorDataSchema.
SENSOR_DATA = {"type": "object", "required": ["values", "start", "duration", "unit"], "additionalProperties": False,
               "properties": {"sensor": {"type": "integer"}, "start": INSTANT, "prior": INSTANT,
                              "duration": {"type": "string", "pattern": "^PT[0-9]+H$"}, "unit": {"const": "kW"},
                              "values": {"type": "array", "minItems": 1,
                                         "items": {"type": ["number", "null"]}}}}  # fmt: skip


def put_plan(root: Path) -> Path:
    """Three hours of two sites' assets; in the second hour nothing is planned for the load."""
    for meter, site in (("m-1", "s-1"), ("m-2", "s-1"), ("m-3", "s-2")):
        put(root, "silver.meters", {"meter_id": meter, "fuel": "electricity", "zone": "UTC", "site_id": site})
    kinds = {"*": "site", "battery": "battery", "heat pump": "flexible_load", "roof": "generation"}
    for site in ("s-1", "s-2"):
        for asset, kind in kinds.items():
            for age, origin in enumerate((ORIGIN, ORIGIN - timedelta(days=1))):
                put(root, "gold.schedules", *(
                    {"site_id": site, "asset_id": asset, "asset_kind": kind, "origin_utc": origin,
                     "interval_start_utc": ORIGIN + timedelta(hours=hour), "origin_month": date(2024, 6, 1),
                     "power_kw": None if (kind, hour) == ("flexible_load", 1) else (99.0 if age else power),
                     "state_of_charge_kwh": 4.0 + hour if kind == "battery" else None,
                     "limit_kw": 30.0 if kind == "site" and hour else None}
                    for hour, power in enumerate((5.0, -3.0, -1e-15))
                ))  # fmt: skip
    return root


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    root = put_plan(tmp_path_factory.mktemp("plans"))
    with (
        served(Config(lake=str(root)), KnownBy(*NAMED.values(), SITE, PART)) as address,
        httpx.Client(base_url=address, headers={"X-API-Key": "viewer"}, timeout=30) as client,
    ):
        yield client


def require_valid(schema: dict[str, Any], found: Any) -> None:
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(found)


def test_events_are_those_of_the_definition(client: httpx.Client) -> None:
    (first, second) = client.get("/openadr3/programs").json()
    events = client.get("/openadr3/events", params={"programID": first["id"]}).json()
    for program in (first, second):
        require_valid(PROGRAM, program)
    for event in client.get("/openadr3/events").json():
        require_valid(EVENT, event)
    assert {event["programID"] for event in events} == {first["id"]}
    told = {event["targets"][1]: event for event in events}
    assert list(told) == ["*", "battery", "heat pump", "roof"]
    battery = told["battery"]
    assert battery["intervals"][1] == {
        "id": 1, "intervalPeriod": {"start": "2024-06-02T01:00:00Z", "duration": "PT1H"},
        "payloads": [
            {"type": "CONTROL_SETPOINT", "values": [-3.0]}, {"type": "CHARGE_STATE_SETPOINT", "values": [5.0]},
        ],
    }  # fmt: skip
    units = {each["payloadType"]: each["units"] for each in battery["payloadDescriptors"]}
    assert units == {"CONTROL_SETPOINT": "KW", "CHARGE_STATE_SETPOINT": "KWH"}
    # An hour without a plan is no interval, and a solver's zero is one.
    load = [(each["id"], each["payloads"][0]["values"]) for each in told["heat pump"]["intervals"]]
    assert load == [(0, [5.0]), (2, [0.0])]
    assert [each["id"] for each in told["*"]["intervals"]] == [1, 2]
    assert told["*"]["intervals"][0]["payloads"] == [{"type": "IMPORT_CAPACITY_LIMIT", "values": [30.0]}]


def test_pages_and_targets_of_a_vtn(client: httpx.Client) -> None:
    whole = client.get("/openadr3/events").json()
    assert client.get("/openadr3/events?skip=1&limit=2").json() == whole[1:3]
    of_asset = client.get("/openadr3/events", params={"targets": ["s-2", "battery"]}).json()
    assert [event["targets"] for event in of_asset] == [["s-2", "battery"]]
    assert client.get("/openadr3/events?programID=none").json() == []


def test_flexmeasures_messages_are_those_of_its_schema(client: httpx.Client) -> None:
    answer = client.get("/v1/sites/s-2/schedules/flexmeasures", params={"sensor": ["battery:42", "heat pump:7"]}).json()
    for each in answer["data"]:
        require_valid(SENSOR_DATA, each["message"])
    told = {each["asset_id"]: each["message"] for each in answer["data"]}
    assert told["heat pump"] == {
        "sensor": 7, "values": [5.0, None, -1e-15], "start": "2024-06-02T00:00:00Z", "duration": "PT3H", "unit": "kW",
        "prior": "2024-06-02T00:00:00Z",
    }  # fmt: skip
    assert (told["battery"]["sensor"], "sensor" in told["roof"]) == (42, False)
    # FlexMeasures takes the resolution from both.
    for message in told.values():
        assert datetime.fromisoformat(message["start"]).tzinfo is not None
        assert len(message["values"]) == int(message["duration"][2:-1])


def test_a_plan_is_seen_by_who_sees_the_whole_site(client: httpx.Client) -> None:
    for who, sites in (("viewer", {"s-1", "s-2"}), ("site", {"s-2"}), ("part", set())):
        headers = {"X-API-Key": who}
        for path in PATHS[:2]:
            assert {each["targets"][0] for each in client.get(path, headers=headers).json()} == sites
        for site in ("s-1", "s-2", "nowhere"):
            answer = client.get(f"/v1/sites/{site}/schedules/flexmeasures", headers=headers)
            assert answer.status_code == (200 if site in sites else 404)


@pytest.mark.parametrize("role", Role)
def test_roles_may_what_their_permissions_say(client: httpx.Client, role: Role) -> None:
    may = permits(NAMED[str(role)], Permission.READ_ANSWERS)
    for path in PATHS:
        assert client.get(path, headers={"X-API-Key": str(role)}).status_code == (200 if may else 403)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/openadr3/events?limit=51", "50 is the most"),
        ("/openadr3/events?skip=-1", "skip is no whole number"),
        ("/openadr3/programs?active=true", "takes no parameter active"),
        ("/v1/sites/s-1/schedules/flexmeasures?sensor=42", "sensor is no <asset>:<number>"),
    ],
)
def test_what_is_wrong_is_a_sentence(client: httpx.Client, path: str, sentence: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, sentence in answer.json()["detail"]) == (400, True), answer.text

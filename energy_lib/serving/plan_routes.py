"""The newest plan in the forms of others: /openadr3/programs and /openadr3/events, and FlexMeasures' sensor data."""

from __future__ import annotations

import re
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from energy_lib.intervals import utc_text
from energy_lib.lake.keeper import Keeper
from energy_lib.security.permissions import require
from energy_lib.serving.asked import Asked
from energy_lib.serving.flexmeasures_messages import messages
from energy_lib.serving.openadr_events import events, programs
from energy_lib.serving.plan_operations import EVENTS_OPERATION, FLEXMEASURES_OPERATION, PROGRAMS_OPERATION
from energy_lib.serving.problems import Problem
from energy_lib.serving.queries import rows_query
from energy_lib.serving.resources import BY_NAME
from energy_lib.serving.snapshot import Snapshot

SCHEDULES = BY_NAME["schedules"]
# openadr3.yaml: the most objects of an answer.
MOST_OBJECTS = 50
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")


def plan_routes(keeper: Keeper[Snapshot]) -> APIRouter:
    """The routes; each shows the sites of which the asker may see every meter."""
    router = APIRouter()

    @router.get("/openadr3/programs", tags=["openadr3"], **PROGRAMS_OPERATION)
    def openadr_programs(request: Request) -> Response:
        _require_known(request, "targets", "skip", "limit")
        return _objects(request, programs(_plan(keeper.current, request)))

    @router.get("/openadr3/events", tags=["openadr3"], **EVENTS_OPERATION)
    def openadr_events(request: Request) -> Response:
        _require_known(request, "programID", "targets", "skip", "limit")
        wanted = request.query_params.getlist("programID")
        found = events(_plan(keeper.current, request))
        return _objects(request, [event for event in found if not wanted or event["programID"] in wanted])

    @router.get("/v1/sites/{site_id:path}/schedules/flexmeasures", tags=["tables"], **FLEXMEASURES_OPERATION)
    def flexmeasures(request: Request) -> Response:
        _require_known(request, "sensor")
        sensors = dict(map(_sensor, request.query_params.getlist("sensor")))
        snapshot = keeper.current
        rows = _plan(snapshot, request, request.path_params["site_id"])
        if not rows:
            raise Problem(404, "No site of yours has this id and a plan: GET /v1/schedules lists yours.")
        head = {"as_of": utc_text(snapshot.at), "tables": snapshot.versions((SCHEDULES.table.full_name,))}
        return _json({**head, "data": messages(rows, sensors)})

    return router


def _plan(snapshot: Snapshot, request: Request, *sites: str) -> list[dict[str, Any]]:
    principal = request.scope["principal"]
    require(principal, SCHEDULES.permission)
    asked = Asked(sites=sites)
    query = rows_query(SCHEDULES, asked, principal.scope, snapshot.newest(SCHEDULES, asked))
    with snapshot.answer(query) as found:
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def _objects(request: Request, found: list[dict[str, Any]]) -> Response:
    """The objects that hold all targets asked for, from `skip` on, `limit` of them."""
    wanted = set(request.query_params.getlist("targets"))
    held = [each for each in found if wanted <= set(each["targets"])]
    skip, limit = _number(request, "skip", 0), _number(request, "limit", MOST_OBJECTS)
    if limit > MOST_OBJECTS:
        raise Problem(400, f"limit is {limit} and {MOST_OBJECTS} is the most: ask for the rest by skip.")
    return _json(held[skip : skip + limit])


def _require_known(request: Request, *names: str) -> None:
    unknown = sorted(set(request.query_params) - set(names))
    if unknown:
        raise Problem(400, f"This address takes no parameter {unknown[0]}: it takes {', '.join(names)}.")


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if WHOLE_NUMBER.fullmatch(text) is None:
        raise Problem(400, f"{name} is no whole number from 0 on: give one, or leave it out.")
    return int(text)


def _sensor(text: str) -> tuple[str, int]:
    asset, _, sensor = text.rpartition(":")
    if not asset or WHOLE_NUMBER.fullmatch(sensor) is None:
        raise Problem(400, "sensor is no <asset>:<number>: name FlexMeasures' sensor of an asset, as battery:42.")
    return asset, int(sensor)


def _json(said: Any) -> Response:
    return Response(orjson.dumps(said), media_type="application/json")

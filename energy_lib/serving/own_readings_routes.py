"""GET /v1/meters/<id>/readings: a meter's own readings as Green Button, or as CSV with local times."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from energy_lib.lake.keeper import Keeper
from energy_lib.security.permissions import Permission, require
from energy_lib.security.principal import Principal
from energy_lib.serving.asked import asked_of
from energy_lib.serving.formats import CSV
from energy_lib.serving.own_readings import green_button, local_csv, readings_query, require_espi, usage_point
from energy_lib.serving.problems import Problem
from energy_lib.serving.request_examples import OWN_READINGS_OPERATION
from energy_lib.serving.resources import BY_NAME
from energy_lib.serving.snapshot import Snapshot
from energy_lib.serving.table_routes import headers_of

ATOM = "application/atom+xml"
FORMS = {"green_button": ATOM, "csv": CSV}
TIMES = ("from", "to", "as_of")


def own_readings_routes(keeper: Keeper[Snapshot]) -> APIRouter:
    """The route, for who may read readings and take them away."""
    router = APIRouter(prefix="/v1", tags=["tables"])

    @router.get("/meters/{meter_id:path}/readings", **OWN_READINGS_OPERATION)
    def readings(request: Request) -> Response:
        principal: Principal = request.scope["principal"]
        require(principal, Permission.READ_READINGS)
        require(principal, Permission.EXPORT)
        form = _form(request.query_params.getlist("format"), request.headers)
        pairs = [pair for pair in request.query_params.multi_items() if pair[0] != "format"]
        unknown = sorted({name for name, _ in pairs} - set(TIMES))
        if unknown:
            raise Problem(
                400, f"A meter's readings take no parameter {unknown[0]}: they take {', '.join(TIMES)}, format."
            )
        asked = asked_of(BY_NAME["readings"], pairs, None, None)
        snapshot, meter_id = keeper.current, request.path_params["meter_id"]
        point = usage_point(snapshot, principal.scope, meter_id)
        if form == ATOM:
            require_espi(point, meter_id)
        query = readings_query(point, asked, principal.scope)
        etag = snapshot.etag(query, form)
        headers = headers_of(snapshot, query, asked, etag)
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        made = green_button(snapshot, point, query) if form == ATOM else local_csv(snapshot, point, query)
        return StreamingResponse(made, headers=headers, media_type=form)

    return router


def _form(asked: list[str], headers: Headers) -> str:
    """The media type by ?format=, else by Accept; raises Problem (400 or 406)."""
    if asked:
        if asked[-1] not in FORMS:
            raise Problem(400, f"format is none of {', '.join(FORMS)}: give one of them.")
        return FORMS[asked[-1]]
    accepted = headers.get("accept", "*/*").lower()
    for offer in accepted.split(","):
        kind, _, parameters = offer.partition(";")
        if "q=0" in parameters.replace(" ", "").split(";"):
            continue
        if kind.strip() in ("*/*", "application/*", ATOM):
            return ATOM
        if kind.strip() in ("text/*", CSV):
            return CSV
    raise Problem(406, f"A meter's readings come as {ATOM} or {CSV}: name one of them in Accept.")

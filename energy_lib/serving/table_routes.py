"""GET /v1/<resource>: rows of a table, by pages of JSON or as a stream."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from energy_lib.config import ServingConfig
from energy_lib.intervals import utc_text
from energy_lib.lake.keeper import Keeper
from energy_lib.security.permissions import Permission, require
from energy_lib.security.principal import Principal
from energy_lib.serving.asked import Asked, asked_of, cursor_of
from energy_lib.serving.formats import JSON, STREAMS, form_of, json_page
from energy_lib.serving.openapi import table_operation
from energy_lib.serving.queries import Query, rows_query
from energy_lib.serving.resources import RESOURCES, Resource
from energy_lib.serving.snapshot import Snapshot


def table_routes(keeper: Keeper[Snapshot], config: ServingConfig) -> APIRouter:
    """A route for each of energy_lib.serving.resources."""
    router = APIRouter(prefix="/v1")
    for resource in RESOURCES:
        router.add_api_route(
            f"/{resource.name}", _endpoint(resource, keeper, config), methods=["GET"], name=resource.name,
            **table_operation(resource),
        )  # fmt: skip
    return router


def _endpoint(resource: Resource, keeper: Keeper[Snapshot], config: ServingConfig) -> Callable[[Request], Response]:
    def rows(request: Request) -> Response:
        principal: Principal = request.scope["principal"]
        require(principal, resource.permission)
        form = form_of(request.headers)
        if form != JSON:
            require(principal, Permission.EXPORT)
        paged = (config.page_rows, config.max_page_rows) if form == JSON else (None, None)
        asked = asked_of(resource, request.query_params.multi_items(), *paged)
        snapshot = keeper.current
        query = rows_query(resource, asked, principal.scope, snapshot.newest(resource, asked))
        etag = snapshot.etag(query, form)
        headers = headers_of(snapshot, query, asked, etag)
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if form != JSON:
            limited = query if asked.limit is None else _limited(query, asked.limit)
            return StreamingResponse(STREAMS[form](snapshot, limited, resource.table), headers=headers, media_type=form)
        return _page(request, snapshot, query, asked, resource, headers)

    return rows


def headers_of(snapshot: Snapshot, query: Query, asked: Asked, etag: str) -> dict[str, str]:
    """What an answer says of itself in whatever form."""
    return {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Accept-Encoding, Authorization, X-API-Key",
        "X-As-Of": utc_text(asked.as_of or snapshot.at),
        "X-Table-Versions": orjson.dumps(snapshot.versions(query.tables)).decode(),
    }


def _page(
    request: Request, snapshot: Snapshot, query: Query, asked: Asked, resource: Resource, headers: dict[str, str]
) -> Response:
    assert asked.limit is not None
    page = json_page(snapshot, query, resource.table, asked.limit)
    cursor = None if page.last is None else cursor_of(page.last)
    head = {"as_of": headers["X-As-Of"], "tables": snapshot.versions(query.tables), "next": cursor}
    if cursor is not None:
        others = [(name, text) for name, text in request.query_params.multi_items() if name != "cursor"]
        headers["Link"] = f'<{request.url.path}?{urlencode([*others, ("cursor", cursor)])}>; rel="next"'
    return Response(orjson.dumps(head)[:-1] + b',"data":' + page.rows + b"}", 200, headers, JSON)


def _limited(query: Query, limit: int) -> Query:
    """Without the row more by which a page knows that another follows."""
    return Query(f"SELECT * FROM ({query.sql}) LIMIT {limit}", query.parameters, query.tables)

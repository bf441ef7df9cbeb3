"""GET /v1/meters/<id>/forecast: the newest live forecast of one meter, looked up by its key."""

from __future__ import annotations

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from starlette.types import Receive, Scope

from energy_lib.intervals import utc_text
from energy_lib.lake.keeper import Keeper
from energy_lib.security.permissions import Permission, require
from energy_lib.security.principal import Principal
from energy_lib.serving.direct_routes import Answer, Direct
from energy_lib.serving.problems import Problem
from energy_lib.serving.snapshot import Snapshot

READ = ("gold.forecasts", "silver.meters")
FORMAT = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_OMIT_MICROSECONDS


def meter_forecast_routes(keeper: Keeper[Snapshot]) -> list[Route]:
    """The route, for energy_lib.serving.direct_routes."""

    async def forecast(scope: Scope, receive: Receive) -> Answer:
        principal: Principal = scope["principal"]
        require(principal, Permission.READ_ANSWERS)
        snapshot = keeper.current
        found = snapshot.forecasts_ready() or await run_in_threadpool(snapshot.live_forecasts)
        said = None if found is None else found.of(scope["path_params"]["meter_id"], principal.scope)
        if said is None:
            raise Problem(404, "No meter of yours has this id and a live forecast: GET /v1/meters lists yours.")
        head = {"as_of": utc_text(snapshot.at), "tables": snapshot.versions(READ)}
        return Answer(orjson.dumps({**head, **said}, option=FORMAT), {"content-type": "application/json"})

    return [Route("/v1/meters/{meter_id:path}/forecast", Direct(forecast), methods=["GET"])]

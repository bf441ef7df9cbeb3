"""The app: its routes, its errors, and the threads that read what is new before anyone asks for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from threading import Event, Thread

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from energy_lib.config import Config
from energy_lib.errors import EnergyError
from energy_lib.lake.audit_log import AuditLog
from energy_lib.lake.keeper import Keeper
from energy_lib.security.settings import LOOPBACK
from energy_lib.serving.alert_stream import alert_routes
from energy_lib.serving.authentication import Authenticator, authenticator_of
from energy_lib.serving.direct_routes import DirectRoutes
from energy_lib.serving.feedback_routes import feedback_routes
from energy_lib.serving.forecast_routes import forecast_routes
from energy_lib.serving.gateway import Gateway
from energy_lib.serving.health_routes import health_routes
from energy_lib.serving.meter_routes import meter_forecast_routes
from energy_lib.serving.metrics import ServingMetrics
from energy_lib.serving.openapi import described
from energy_lib.serving.own_readings_routes import own_readings_routes
from energy_lib.serving.plan_routes import plan_routes
from energy_lib.serving.posted_files import PostedFiles
from energy_lib.serving.problems import answer_problem
from energy_lib.serving.readings_routes import readings_routes
from energy_lib.serving.served_models import ServedModels
from energy_lib.serving.snapshot import Snapshot
from energy_lib.serving.table_routes import table_routes
from energy_lib.serving.v2_routes import ModelServer, v2_routes

SMALLEST_GZIPPED_BYTES, GZIP_LEVEL = 1024, 5
# The gateway measures; FastAPI would look for OpenTelemetry at every request.
NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False)


def create_app(config: Config, authenticator: Authenticator | None = None) -> FastAPI:
    """The API of `config.lake`; `authenticator`: by default the one that `serving.authentication` names.

    Raises BadConfig for a lake that is not in a local folder, for a section security that recognises nobody, and for a
    source of posted readings that would not read them.
    """
    metrics = ServingMetrics()
    asked_of = authenticator or authenticator_of(config)
    audit = AuditLog(config.lake) if config.serving.authentication == "security" else None

    def read() -> Snapshot:
        metrics.tables_read.set_to_current_time()
        return Snapshot(config.lake)

    keeper, models = Keeper(read), ServedModels(config, metrics)
    app = FastAPI(
        title="Energy lake", version="1", redoc_url=None, docs_url=None, lifespan=_lifespan(audit, keeper, models),
        telemetry=NO_TELEMETRY,
    )  # fmt: skip
    server = ModelServer(models, config, metrics)
    direct = [*server.infer_routes(), *meter_forecast_routes(keeper)]
    app.router.routes.extend(direct)
    app.include_router(health_routes(keeper, metrics))
    app.include_router(alert_routes(config.lake, keeper))
    app.include_router(feedback_routes(config.lake, keeper))
    app.include_router(readings_routes(PostedFiles.open(config), keeper))
    app.include_router(table_routes(keeper, config.serving))
    app.include_router(own_readings_routes(keeper))
    app.include_router(plan_routes(keeper))
    app.include_router(forecast_routes(models, config, metrics))
    app.include_router(v2_routes(server, models))
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    for kind in (EnergyError, HTTPException, Exception):
        app.add_exception_handler(kind, answer_problem)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_GZIPPED_BYTES, compresslevel=GZIP_LEVEL)
    app.add_middleware(DirectRoutes, routes=direct)
    app.add_middleware(Gateway, config=config.serving, authenticator=asked_of, metrics=metrics, audit=audit)
    if config.serving.authentication == "none":
        # A page of the web that names this machine by a name of its own gets nothing.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=sorted(LOOPBACK))
    return app


def _lifespan(
    audit: AuditLog | None, *keepers: Keeper[Snapshot] | ServedModels
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """While the app runs, a thread each keeps its tables and models fresh; at its end the audit is written."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        stopped = Event()
        for each in keepers:
            Thread(target=each.keep, args=(stopped,), daemon=True).start()
        yield
        stopped.set()
        if audit is not None:
            await run_in_threadpool(audit.close)

    return lifespan

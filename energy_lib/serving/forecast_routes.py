"""POST /v1/forecasts: quantiles of meters that are posted with their history."""

from __future__ import annotations

from typing import Any

import orjson
import pandas as pd
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from energy_lib.config import Config
from energy_lib.security.permissions import Permission, require
from energy_lib.serving.metrics import ServingMetrics
from energy_lib.serving.posted_body import decoded
from energy_lib.serving.posted_meters import ForecastRequest, forecast_of, origin_of
from energy_lib.serving.request_examples import FORECAST_OPERATION
from energy_lib.serving.served_models import Served, ServedModels
from energy_lib.vocabulary import QUANTILES


def forecast_routes(models: ServedModels, config: Config, metrics: ServingMetrics) -> APIRouter:
    """The route; forecasts are computed on a thread, each by the model of its meter."""
    router = APIRouter(prefix="/v1", tags=["forecasts"])

    @router.post("/forecasts", **FORECAST_OPERATION)
    async def forecast(request: Request) -> Response:
        require(request.scope["principal"], Permission.ASK_FORECAST)
        asked = decoded(await request.body(), ForecastRequest)
        return Response(
            await run_in_threadpool(_answer, asked, models.now, config, metrics), media_type="application/json"
        )

    return router


def _answer(asked: ForecastRequest, served: Served, config: Config, metrics: ServingMetrics) -> bytes:
    origin = origin_of(asked)
    said = []
    for meter in asked.meters:
        model = served.of(meter.meter_id, config.serving.canary_share)
        horizon = config.features.horizon_hours if model.exported is None else model.exported.encoding.horizon_hours
        rows = forecast_of(meter, origin, model.ref, config.cleaning, horizon)
        by_fallback = bool(rows["fallback"].notna().any())
        metrics.forecast(model.ref.name, model.ref.version, 1, by_fallback=by_fallback)
        said.append(_said(rows))
    return orjson.dumps({"origin_utc": origin, "data": said}, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z)


def _said(rows: pd.DataFrame) -> dict[str, Any]:
    """A meter's rows of gold.forecasts, columns as lists."""
    first = rows.iloc[0]
    return {
        "meter_id": first["meter_id"],
        "model_name": first["model_name"],
        "model_version": first["model_version"],
        "feature_set": first["feature_set"],
        "interval_start_utc": [f"{start.isoformat()}Z" for start in rows["interval_start_utc"]],
        **{name: rows[name].to_numpy() for name in QUANTILES},
        "imputed_share": [float(share) for share in rows["imputed_share"]],
        "fallback": rows["fallback"].tolist(),
    }

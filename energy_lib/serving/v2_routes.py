"""/v2: the champion by KServe's V2 protocol, from posted features to quantiles."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from starlette.types import Receive, Scope

from energy_lib.config import Config
from energy_lib.encoding.posted_features import encode_array
from energy_lib.encoding.tensors import Floats
from energy_lib.models.exported_model import ExportedModel
from energy_lib.security.permissions import Permission, require
from energy_lib.serving.direct_routes import Answer, Direct, body_of, header_of
from energy_lib.serving.metrics import ServingMetrics
from energy_lib.serving.problems import Problem
from energy_lib.serving.request_examples import MODEL_PATHS, path_parameters
from energy_lib.serving.served_models import ServedModel, ServedModels
from energy_lib.serving.v2_protocol import JSON_LENGTH, Inference, answer_of, inference_of, metadata_of

# What takes longer is computed on a thread, so that others need not wait for it.
LONGEST_INLINE_SECONDS = 0.002
NO_CHAMPION = "There is no champion to ask: train one, or post history to /v1/forecasts, which has fallbacks."


class ModelServer:
    """Answers for the model of the registry's name, by the champion or a version that is asked for."""

    def __init__(self, models: ServedModels, config: Config, metrics: ServingMetrics) -> None:
        self._models, self._metrics = models, metrics
        self._share = config.serving.canary_share
        self.name = config.mlflow.registered_model

    def model_of(self, scope: Scope) -> tuple[ServedModel, ExportedModel]:
        """Of a request that names no version the champion, or the challenger by its share of request ids.

        Raises Problem where there is none.
        """
        asked, version = scope["path_params"]["model"], scope["path_params"].get("version")
        if asked != self.name:
            raise Problem(404, f"There is no model {asked[:40]}: ask for {self.name}.")
        served = self._models.now
        model = served.of(scope["request_id"], self._share) if version is None else served.version(version)
        if model is None:
            raise Problem(404, f"Version {str(version)[:40]} does not answer here: leave it out for the champion.")
        if model.exported is None:
            raise Problem(503, NO_CHAMPION, {"Retry-After": "60"})
        return model, model.exported

    async def infer(self, scope: Scope, receive: Receive) -> Answer:
        """Quantiles of posted features."""
        require(scope["principal"], Permission.ASK_FORECAST)
        model, exported = self.model_of(scope)
        asked = inference_of(await body_of(receive), header_of(scope, JSON_LENGTH), exported.encoding)
        inline = model.seconds_of(len(asked.features)) < LONGEST_INLINE_SECONDS
        quantiles = _quantiles(asked, exported) if inline else await run_in_threadpool(_quantiles, asked, exported)
        self._metrics.forecast(model.ref.name, model.ref.version, len(quantiles), by_fallback=False)
        body, headers = answer_of(asked, quantiles, self.name, model.ref.version)
        return Answer(body, headers)

    def infer_routes(self) -> list[Route]:
        """For energy_lib.serving.direct_routes."""
        return [Route(f"{prefix}/infer", Direct(self.infer), methods=["POST"]) for prefix in MODEL_PATHS]


def v2_routes(server: ModelServer, models: ServedModels) -> APIRouter:
    """The protocol's other addresses."""
    router = APIRouter(tags=["model server"])

    @router.get("/v2", summary="What the server is")
    async def what() -> dict[str, Any]:
        return {"name": "energy_lib", "version": "1", "extensions": ["binary_tensor_data"]}

    @router.get("/v2/health/live", summary="Whether the process lives")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get("/v2/health/ready", summary="Whether there is a champion to ask")
    async def ready() -> dict[str, bool]:
        if models.now.champion.exported is None:
            raise Problem(503, NO_CHAMPION, {"Retry-After": "60"})
        return {"ready": True}

    for prefix in MODEL_PATHS:

        @router.get(prefix, summary="What the model takes and gives", openapi_extra=path_parameters(prefix))
        async def metadata(request: Request) -> dict[str, Any]:
            _, exported = server.model_of(request.scope)
            served = (models.now.champion, models.now.challenger)
            versions = [each.ref.version for each in served if each is not None and each.exported is not None]
            return metadata_of(server.name, versions, exported.encoding)

        @router.get(f"{prefix}/ready", summary="Whether the model answers", openapi_extra=path_parameters(prefix))
        async def model_ready(request: Request) -> dict[str, Any]:
            server.model_of(request.scope)
            return {"name": server.name, "ready": True}

    return router


def _quantiles(asked: Inference, model: ExportedModel) -> Floats:
    return model.quantiles(encode_array(asked.features, model.encoding, asked.meters))

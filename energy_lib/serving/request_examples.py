"""What /openapi.json says of requests with a body: their schemas, from the types that decode them, and examples."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from energy_lib.serving.posted_feedback import PostedFeedback
from energy_lib.serving.posted_meters import ForecastRequest
from energy_lib.serving.posted_readings import ReadingsAnswer, ReadingsRequest
from energy_lib.serving.problems import FAILED
from energy_lib.serving.v2_protocol import InferRequest


def schemas_of(*kinds: type) -> dict[str, Any]:
    """JSON schemas of the types and of what they are made of, by name."""
    _, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return components


def body_of(kind: type, example: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI's description of a JSON body."""
    content = {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


FORECAST_EXAMPLE = {
    "origin_utc": "2024-05-30T00:00:00Z",
    "meters": [
        {
            "meter_id": "new-1",
            "fuel": "electricity",
            "zone": "Europe/London",
            "country": "GB",
            "readings": [{"first_utc": "2024-05-28T00:00:00Z", "energy_kwh": [0.4, 0.4, 0.3, None] * 12}],
        }
    ],
}
FORECAST_OPERATION: dict[str, Any] = {
    "summary": "Quantiles of meters that are posted with their history",
    "responses": {200: {"description": "For each meter its quantiles in kWh, an entry an hour"}},
    "openapi_extra": body_of(ForecastRequest, FORECAST_EXAMPLE),
}
INFER_EXAMPLE = {
    "id": "1",
    "inputs": [{"name": "features", "datatype": "FP32", "shape": [1, 24, 111], "data": [0.5, None]}],
}
NAMED = {"model": "energy_forecast", "version": "1", "meter_id": "m-1"}
MODEL_PATHS = ("/v2/models/{model}", "/v2/models/{model}/versions/{version}")


def path_parameters(path: str) -> dict[str, Any]:
    """OpenAPI's description of the names in an address."""
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    return {"parameters": [_path_parameter(name) for name in names]}


def _path_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": NAMED[name]}


# Of addresses that are routed without FastAPI.
INFER_PATHS = {
    f"{path}/infer": {
        "post": {
            "summary": "Quantiles from features, by KServe's V2 protocol",
            "operationId": f"infer_{number}",
            "tags": ["model server"],
            "responses": {"200": {"description": "The output quantiles, FP32 [n, hours, 7] in kWh"}},
            **path_parameters(path),
            **body_of(InferRequest, INFER_EXAMPLE),
        }
    }
    for number, path in enumerate(MODEL_PATHS)
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"},
    "description": "Chosen by you: the same key again is the same request, kept once",
}  # fmt: skip
KEY_USED = {"description": "The idempotency key was used for another request", "content": FAILED}
FEEDBACK_OPERATION: dict[str, Any] = {
    "summary": "Say what became of a recommendation",
    "responses": {
        202: {"description": "It is kept, and the next night takes it in"},
        422: KEY_USED,
    },
    "openapi_extra": {
        **body_of(PostedFeedback, {"state": "done", "done_on": "2024-05-30", "note": "The timer is set."}),
        "parameters": [
            IDEMPOTENCY_KEY,
            {
                "name": "recommendation_id", "in": "path", "required": True, "schema": {"type": "string"},
                "description": "Recommendation",
            },
        ],
    },
}  # fmt: skip
READINGS_OPERATION: dict[str, Any] = {
    "summary": "Post readings of your meters",
    "responses": {
        202: {
            "description": "They are kept, and the next ingest takes them in; rows that are not taken have a reason",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ReadingsAnswer"}}},
        },
        409: {"description": "This API takes no readings", "content": FAILED},
        422: KEY_USED,
    },
    "openapi_extra": {
        **body_of(ReadingsRequest, {"readings": [
            {"meter_id": "m-1", "interval_start_utc": "2024-05-30T00:00:00Z", "energy_kwh": 0.4},
        ]}),
        "parameters": [IDEMPOTENCY_KEY],
    },
}  # fmt: skip
_INSTANT = {"type": "string", "format": "date-time"}
OWN_READINGS_OPERATION: dict[str, Any] = {
    "summary": "A meter's own readings, as Green Button (ESPI) or as CSV with local times",
    "responses": {
        200: {
            "description": "The readings of the meter's usage point, each flow a register",
            "content": {form: {"schema": {"type": "string"}} for form in ("application/atom+xml", "text/csv")},
        },
        304: {"description": "What If-None-Match names still stands"},
    },
    "response_class": Response,
    "openapi_extra": {
        "parameters": [
            *path_parameters("/v1/meters/{meter_id}/readings")["parameters"],
            *(
                {"name": name, "in": "query", "required": False, "description": meaning, "schema": _INSTANT}
                for name, meaning in (
                    ("from", "First instant"), ("to", "First instant that is no longer asked for"),
                    ("as_of", "What was known at this instant"),
                )
            ),
            {
                "name": "format", "in": "query", "required": False, "description": "Instead of the header Accept",
                "schema": {"type": "string", "enum": ["green_button", "csv"]},
            },
        ],
    },
}  # fmt: skip
BODIES = schemas_of(ForecastRequest, InferRequest, PostedFeedback, ReadingsAnswer, ReadingsRequest)
FORECAST_PATHS = {
    "/v1/meters/{meter_id}/forecast": {
        "get": {
            "summary": "Newest live forecast of a meter, columns as lists",
            "operationId": "meter_forecast",
            "tags": ["forecasts"],
            "responses": {"200": {"description": "Its quantiles in kWh, an entry an hour"}},
            **path_parameters("/v1/meters/{meter_id}/forecast"),
        }
    }
}

"""What /openapi.json says of a plan in the forms of others."""

from __future__ import annotations

from typing import Any

_TEXTS = {"type": "array", "items": {"type": "string"}}


def _query(name: str, meaning: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": meaning, "schema": schema}


def _answer(meaning: str, schema: dict[str, Any]) -> dict[int, Any]:
    return {200: {"description": meaning, "content": {"application/json": {"schema": schema}}}}


_OBJECTS = {"type": "array", "items": {"type": "object", "required": ["id", "objectType"]}}
_PAGED = [
    _query("targets", "Sites and assets that an object is for, all of them", _TEXTS),
    _query("skip", "Objects that are passed over", {"type": "integer", "minimum": 0, "maximum": 999999999}),
    _query("limit", "The most objects", {"type": "integer", "minimum": 0, "maximum": 50}),
]
PROGRAMS_OPERATION: dict[str, Any] = {
    "summary": "A program of OpenADR 3.1 of each site that has a plan",
    "responses": _answer("Programs", _OBJECTS),
    "openapi_extra": {"parameters": _PAGED},
}
EVENTS_OPERATION: dict[str, Any] = {
    "summary": "The newest plan as events of OpenADR 3.1, one of each asset",
    "responses": _answer("Events", _OBJECTS),
    "openapi_extra": {"parameters": [_query("programID", "Events of this program", {"type": "string"}), *_PAGED]},
}
FLEXMEASURES_OPERATION: dict[str, Any] = {
    "summary": "The newest plan of a site as FlexMeasures' sensor data, a message of each asset",
    "responses": _answer("Messages", {"type": "object", "required": ["as_of", "tables", "data"]}),
    "openapi_extra": {
        "parameters": [
            {"name": "site_id", "in": "path", "required": True, "schema": {"type": "string"}, "example": "s-1"},
            _query("sensor", "FlexMeasures' sensor of an asset, as battery:42; may be given several times", _TEXTS),
        ]
    },
}

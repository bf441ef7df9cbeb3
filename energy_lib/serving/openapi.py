"""What /openapi.json says of the tables: made from their code, with an example of each column."""

from __future__ import annotations

import copy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from energy_lib.serving.asked import names_of
from energy_lib.serving.formats import JSON, STREAMS
from energy_lib.serving.gateway import OPEN_PATHS
from energy_lib.serving.problems import FAILED, PROBLEM
from energy_lib.serving.request_examples import BODIES, FORECAST_PATHS, INFER_PATHS
from energy_lib.serving.resources import RESOURCES, Resource
from energy_lib.tables import Column, Table

DESCRIPTION = (
    "Forecasts, anomalies, savings, carbon, cost and actions of a lake of meter readings. Times are UTC. Each answer "
    "says which versions of the tables it was made from."
)
INSTANT = {"type": "string", "format": "date-time"}
KINDS: dict[str, tuple[dict[str, Any], Any]] = {
    "string": ({"type": "string"}, "m-1"),
    "boolean": ({"type": "boolean"}, True),
    "int": ({"type": "integer"}, 1),
    "long": ({"type": "integer"}, 1),
    "float": ({"type": "number"}, 0.5),
    "double": ({"type": "number"}, 0.5),
    "date": ({"type": "string", "format": "date"}, "2024-05-01"),
    "timestamp": (INSTANT, "2024-05-01T00:00:00Z"),
    "array<string>": ({"type": "array", "items": {"type": "string"}}, []),
    "array<double>": ({"type": "array", "items": {"type": ["number", "null"]}}, [0.5]),
}
MEANINGS = {
    "meter": ("Meter; may be given several times", {"type": "array", "items": {"type": "string"}}),
    "site": ("Site of the meters; may be given several times", {"type": "array", "items": {"type": "string"}}),
    "from": ("First instant", INSTANT),
    "to": ("First instant that is no longer asked for", INSTANT),
    "as_of": ("What was known at this instant", INSTANT),
    "limit": ("Rows of a page", {"type": "integer", "minimum": 1}),
    "cursor": ("`next` of the page before", {"type": "string"}),
}
FAILURES = {
    code: {"description": text, "content": FAILED}
    for code, text in (
        ("400", "The request is wrong"), ("401", "Nobody known asks"), ("403", "This asker may not"),
        ("404", "There is no such thing here, or it is not this asker's"), ("406", "No answer has that form"),
        ("413", "The body is too long"), ("429", "Too many requests"), ("503", "Try again"),
    )
}  # fmt: skip


def column_schema(column: Column) -> dict[str, Any]:
    """A column as JSON schema, with its comment and an example."""
    kind, example = KINDS["double"] if column.type.startswith("decimal") else KINDS[column.type]
    schema = dict(kind)
    if column.nullable:
        schema["type"] = [kind["type"], "null"]
    if column.allowed:
        schema["enum"] = [*column.allowed, *([None] if column.nullable else [])]
        example = column.allowed[0]
    return {**schema, "description": column.comment, "examples": [example]}


def row_schema(table: Table) -> dict[str, Any]:
    """A row of a table."""
    return {
        "type": "object",
        "description": table.comment,
        "required": list(table.column_names),
        "properties": {column.name: column_schema(column) for column in table.columns},
    }


def table_operation(resource: Resource) -> dict[str, Any]:
    """What add_api_route is told of a resource's route, beside its address."""
    return {
        "summary": resource.summary,
        "responses": {200: _answer(resource), 304: {"description": "What If-None-Match names still stands"}},
        "openapi_extra": {"parameters": [_parameter(resource, name) for name in names_of(resource)]},
        "tags": ["tables"],
    }


def _answer(resource: Resource) -> dict[str, Any]:
    page = {
        "type": "object",
        "required": ["as_of", "tables", "next", "data"],
        "properties": {
            "as_of": {**INSTANT, "description": "As of when the answer holds"},
            "tables": {"type": "object", "additionalProperties": {"type": "integer"}},
            "next": {"type": ["string", "null"], "description": "cursor of the next page; null: this is the last"},
            "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{resource.name}"}},
        },
    }
    streams = {form: {"schema": {"type": "string", "format": "binary"}} for form in STREAMS}
    return {"description": resource.summary, "content": {JSON: {"schema": page}, **streams}}


def _parameter(resource: Resource, name: str) -> dict[str, Any]:
    if name in MEANINGS:
        meaning, schema = MEANINGS[name]
    else:
        column = resource.table.column(name)
        meaning = column.comment
        one = {key: value for key, value in column_schema(column).items() if key in ("format", "enum", "examples")}
        kind = KINDS[column.type][0]["type"]
        one["enum"] = [value for value in one.get("enum", []) if value is not None] or None
        schema = {"type": "array", "items": {k: v for k, v in {"type": kind, **one}.items() if v is not None}}
    return {"name": name, "in": "query", "required": False, "description": meaning, "schema": schema}


def described(app: FastAPI) -> dict[str, Any]:
    """The app's OpenAPI document, with a schema for each table and the failures of each route."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas |= {resource.name: row_schema(resource.table) for resource in RESOURCES} | {"Problem": PROBLEM} | BODIES
        document["paths"] |= copy.deepcopy({**INFER_PATHS, **FORECAST_PATHS})
        document["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        document["security"] = [{"token": []}, {"key": []}]
        for address, path in document["paths"].items():
            for operation in path.values():
                if address in OPEN_PATHS:
                    operation["security"] = []
                operation["responses"] = {**FAILURES, **operation["responses"]}
        app.openapi_schema = document
    return app.openapi_schema

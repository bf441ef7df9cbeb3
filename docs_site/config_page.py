"""The reference of all config keys, from the classes that check them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs_site.markdown import code, table

INTRODUCTION = """\
Every key with its default. A config file names only those that differ; it may build on another one by `extends`.
`--set key=value` overrides a key for one run. `--print-config` shows what is in force and where each value came from.
A key that is not listed here is refused."""
BOUNDS = {annotated_types.Ge: ("ge", "≥"), annotated_types.Gt: ("gt", ">")} | {
    annotated_types.Le: ("le", "≤"),
    annotated_types.Lt: ("lt", "<"),
}
HEADER = ["key", "value", "default", "meaning"]


def config_page(config: type[BaseModel]) -> str:
    """A page of Markdown: the keys outside of sections, then each section with its keys."""
    fields = config.model_fields
    plain = [_row(name, field) for name, field in fields.items() if _section(field) is None]
    parts = ["# Config keys", INTRODUCTION, table(HEADER, plain)]
    for name, field in fields.items():
        section = _section(field)
        if section is not None:
            parts += [f"## {name}", *_said(section), table(HEADER, _rows(section, f"{name}."))]
    return "\n\n".join(parts) + "\n"


def _rows(section: type[BaseModel], prefix: str) -> Iterator[list[str]]:
    for name, field in section.model_fields.items():
        below, within = _section(field), _within(field)
        if below is not None:
            yield from _rows(below, f"{prefix}{name}.")
            continue
        yield _row(prefix + name, field)
        if within is not None:
            section, mark = within
            yield from _rows(section, f"{prefix}{name}{mark}.")


def _row(key: str, field: FieldInfo) -> list[str]:
    bounds = [f"{sign} {getattr(each, name):g}" for each in field.metadata for name, sign in _bound(each)]
    value = ", ".join([_type(field.annotation), *bounds])
    default = "" if field.is_required() else f"`{_yaml(field.get_default(call_default_factory=True))}`"
    return [f"`{key}`", value, default, field.description or ""]


def _bound(constraint: Any) -> list[tuple[str, str]]:
    return [BOUNDS[type(constraint)]] if type(constraint) in BOUNDS else []


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if inspect.isclass(kind) and issubclass(kind, BaseModel) else None


def _within(field: FieldInfo) -> tuple[type[BaseModel], str] | None:
    """The section that a list holds, or that may be null, and what its keys' names have for it."""
    sections = [each for each in get_args(field.annotation) if inspect.isclass(each) and issubclass(each, BaseModel)]
    return (sections[0], "[]" if get_origin(field.annotation) is tuple else "") if sections else None


def _said(section: type[BaseModel]) -> list[str]:
    """What a section's class says of it; nothing where it says nothing of its own."""
    text = next((each.__doc__ for each in section.__mro__[:2] if each.__doc__), None)
    return [] if text is None or "Base of every section" in text else [inspect.cleandoc(text)]


def _type(annotation: Any) -> str:
    """A type as a reader of YAML knows it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return code(str(value) for value in arguments)
    if origin in (Union, UnionType):
        return " or ".join(_type(each) for each in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return "mapping"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return "keys as below"
    names = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`", NoneType: "`null`"}
    return names.get(annotation) or str(annotation.__name__)


def _yaml(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(str(each) for each in value)}]" if isinstance(value, tuple) else str(value)

"""DuckDB's syntax tree of a statement, as it gives it in JSON: walking it, and leaving a statement to Spark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


class NotAlike(Exception):
    """Spark's to answer: the two engines may differ on this, or DuckDB does not know it."""


def require(alike: bool, what: object) -> None:
    if not alike:
        raise NotAlike(str(what))


def nodes(tree: Any) -> Iterator[Node]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def arguments_of(node: Node) -> list[Node]:
    return [argument["expression"] for argument in node.get("arguments", ())]


def literal(node: Node) -> str:
    return str(node.get("literal", {}).get("kind", ""))

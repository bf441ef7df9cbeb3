"""DuckDB's syntax tree of a statement, as its JSON: walking it, making nodes of it, leaving a statement to Spark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
_BASE = {"alias": "", "query_location": 0, "query_location_length": 0}


class NotAlike(Exception):
    """Spark's to answer: the two engines may differ on this, or DuckDB does not know it."""


def require(alike: bool, what: object) -> None:
    if not alike:
        raise NotAlike(str(what))


def nodes(tree: Any) -> Iterator[Node]:
    """A node before those below it."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def parts(expression: Node) -> Iterator[Node]:
    """The expressions directly below an expression; a subquery's own are not among them."""
    for key, value in expression.items():
        if key not in ("subquery", "type_expr"):
            yield from _expressions(value)


def _expressions(value: Any) -> Iterator[Node]:
    if isinstance(value, list):
        for each in value:
            yield from _expressions(each)
    elif isinstance(value, dict):
        if "class" in value:
            yield value
        else:
            yield from _expressions(list(value.values()))


def arguments_of(node: Node) -> list[Node]:
    return [argument["expression"] for argument in node.get("arguments", ())]


def literal(node: Node) -> str:
    """The kind of a constant: INTEGER, NUMERIC, STRING …; of another node nothing."""
    return str(node.get("literal", {}).get("kind", ""))


def text_of(node: Node) -> str:
    """A constant as it is written; of another node nothing."""
    return str(node.get("literal", {}).get("text", ""))


def constant(kind: str, text: str) -> Node:
    return {**_BASE, "class": "CONSTANT", "type": "VALUE_CONSTANT", "literal": {"kind": kind, "text": text}}


def call(name: str, *arguments: Node) -> Node:
    return {
        **_BASE, "class": "FUNCTION", "type": "FUNCTION", "function_name": name, "schema": "", "filter": None,
        "order_bys": {"type": "ORDER_MODIFIER", "orders": []}, "distinct": False, "is_operator": False,
        "export_state": False, "catalog": "", "qualified_name": {"path": [name]},
        "arguments": [{"name": "", "expression": each} for each in arguments],
    }  # fmt: skip


def cast(child: Node, type_name: str, *sizes: int) -> Node:
    kind = {
        **_BASE, "class": "TYPE", "type": "TYPE", "catalog": "", "schema": "", "type_name": type_name,
        "children": [constant("INTEGER", str(size)) for size in sizes], "qualified_name": {"path": [type_name]},
    }  # fmt: skip
    return {**_BASE, "class": "CAST", "type": "OPERATOR_CAST", "child": child, "try_cast": False, "type_expr": kind}


def when_zero(divisor: Node, then: Node, otherwise: Node) -> Node:
    equal = {
        **_BASE,
        "class": "COMPARISON",
        "type": "COMPARE_EQUAL",
        "left": divisor,
        "right": constant("INTEGER", "0"),
    }
    checks = [{"when_expr": equal, "then_expr": then}]
    return {**_BASE, "class": "CASE", "type": "CASE_EXPR", "case_checks": checks, "else_expr": otherwise}


def become(node: Node, other: Node) -> None:
    """Put another expression in a node's place, under the node's name. The other may hold `unnamed(node)`."""
    alias = node.get("alias", "")
    node.clear()
    node.update(other, alias=alias)


def unnamed(node: Node) -> Node:
    return {**node, "alias": ""}

"""What a tree is changed in where DuckDB and Spark differ.

A division by zero is an error, and `round` rounds the decimal digits that are shown.
"""

from __future__ import annotations

import copy

from energy_lib.lake.duckdb_tree import Node, become, call, cast, constant, text_of, unnamed, when_zero

WHOLE_NUMBERS = frozenset({"year", "month", "day", "hour", "minute", "quarter"})


def change(node: Node) -> None:
    if node.get("class") != "FUNCTION":
        return
    name, arguments = node["function_name"], node["arguments"]
    if name == "/":
        arguments[1]["expression"] = _not_zero(arguments[1]["expression"])
    elif name == "round":
        _rename(node, f"rounded_{arguments.pop()['expression']['literal']['text']}")
    elif name in WHOLE_NUMBERS or name == "date_trunc":
        _rename(node, f"spark_{name}")


def _not_zero(divisor: Node) -> Node:
    """CASE WHEN divisor = 0 THEN error('…') ELSE divisor END."""
    if divisor["class"] == "CONSTANT" and float(text_of(divisor)):
        return divisor
    return when_zero(divisor, call("error", constant("STRING", "division by zero")), copy.deepcopy(divisor))


def cast_to_float(item: Node) -> None:
    name = item.get("alias") or item["column_names"][-1]
    become(item, {**cast(unnamed(item), "FLOAT"), "alias": name})
    item["alias"] = name


def _rename(node: Node, name: str) -> None:
    node["function_name"] = name
    node["qualified_name"] = {"path": [name]}

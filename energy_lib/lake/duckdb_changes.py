"""What a tree is changed in where DuckDB and Spark differ, and what the changed tree calls.

A division by zero is an error, `round` rounds the decimal digits that are shown, and columns have the names that Spark
gives them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

from energy_lib.lake.duckdb_tree import Node, arguments_of, require

AGGREGATES = frozenset({"count", "sum", "avg", "min", "max"})
WHOLE_NUMBERS = frozenset({"year", "month", "day", "hour", "minute", "quarter"})
DECIMALS = 9


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
    if divisor["class"] == "CONSTANT" and float(divisor["literal"]["text"]):
        return divisor
    base = {"alias": "", "query_location": 0, "query_location_length": 0}
    zero = {**base, "class": "CONSTANT", "type": "VALUE_CONSTANT", "literal": {"kind": "INTEGER", "text": "0"}}
    words = {**zero, "literal": {"kind": "STRING", "text": "division by zero"}}
    failing = {
        **base, "class": "FUNCTION", "type": "FUNCTION", "function_name": "error", "schema": "", "filter": None,
        "order_bys": {"type": "ORDER_MODIFIER", "orders": []}, "distinct": False, "is_operator": False,
        "export_state": False, "catalog": "", "arguments": [{"name": "", "expression": words}],
        "qualified_name": {"path": ["error"]},
    }  # fmt: skip
    equal = {**base, "class": "COMPARISON", "type": "COMPARE_EQUAL", "left": divisor, "right": zero}
    checks = [{"when_expr": equal, "then_expr": failing}]
    return {**base, "class": "CASE", "type": "CASE_EXPR", "case_checks": checks, "else_expr": copy.deepcopy(divisor)}


def name_columns(query: Node) -> None:
    """Give the answer's columns the names that Spark gives them; raises NotAlike where they are not known."""
    if query["type"] != "SELECT_NODE":
        for child in query.get("children", ()):
            name_columns(child)
        return
    for item in query["select_list"]:
        if item.get("alias") or item["class"] == "STAR":
            continue
        if item["class"] == "COLUMN_REF":
            item["alias"] = item["column_names"][-1]
            continue
        name, arguments = item.get("function_name", ""), arguments_of(item)
        if name == "count_star":
            item["alias"] = "count(1)"
            continue
        require(name in AGGREGATES and len(arguments) == 1 and arguments[0]["class"] == "COLUMN_REF", "unnamed column")
        item["alias"] = f"{name}({'DISTINCT ' if item['distinct'] else ''}{arguments[0]['column_names'][-1]})"


def cast_to_float(item: Node) -> None:
    inner = {**item, "alias": ""}
    name = item.get("alias") or item["column_names"][-1]
    kind = {
        "class": "TYPE", "type": "TYPE", "alias": "", "query_location": 0, "query_location_length": 0, "catalog": "",
        "schema": "", "type_name": "FLOAT", "children": [], "qualified_name": {"path": ["FLOAT"]},
    }  # fmt: skip
    cast = {"class": "CAST", "type": "OPERATOR_CAST", "child": inner, "try_cast": False, "type_expr": kind}
    item.clear()
    item.update({**cast, "alias": name, "query_location": 0, "query_location_length": 0})


def _rename(node: Node, name: str) -> None:
    node["function_name"] = name
    node["qualified_name"] = {"path": [name]}


def macros() -> Iterable[str]:
    """What the changed trees call, as statements that make it."""
    yield "CREATE MACRO to_date(t) AS CAST(t AS DATE)"
    yield "CREATE MACRO from_utc_timestamp(t, zone) AS timezone(zone, timezone('UTC', t))"
    yield "CREATE MACRO spark_date_trunc(unit, t) AS CAST(date_trunc(unit, t) AS TIMESTAMP)"
    for name in sorted(WHOLE_NUMBERS):
        yield f"CREATE MACRO spark_{name}(t) AS CAST({name}(t) AS INTEGER)"
    for digits in range(DECIMALS + 1):
        decimal = f"CAST(CAST(x AS VARCHAR) AS DECIMAL(38, {digits}))"
        yield f"CREATE MACRO rounded_{digits}(x) AS CAST({decimal} AS DOUBLE)"

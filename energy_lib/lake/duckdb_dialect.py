"""Which questions DuckDB answers as Spark would: known from the syntax tree that DuckDB gives of a statement.

What is not listed here is Spark's. The tree is changed where the two differ: a division by zero is an error, `round`
rounds the decimal digits that are shown, `any_value` may be NULL.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Node = dict[str, Any]
Types = Mapping[str, frozenset[str]]  # column name → its types in the lake's tables: double, int, time, other

AGGREGATES = frozenset({"count", "sum", "avg", "min", "max"})
SAME = AGGREGATES | {"abs", "coalesce", "first", "nullif", "greatest", "least", "lower", "upper", "length", "to_date"}
SAME |= {"from_utc_timestamp", "stddev", "stddev_samp", "variance", "var_samp", "~~", "!~~", "sqrt", "exp"}
RENAMED = {"any_value": "first", "count_star": "count_star"}
WHOLE_NUMBERS = frozenset({"year", "month", "day", "hour", "minute", "quarter"})
ARITHMETIC = frozenset({"+", "-", "*", "/"})
TRUNCATED_TO = frozenset({"minute", "hour", "day", "week", "month", "quarter", "year"})
# Classes of nodes that mean the same to both, whatever they hold.
PLAIN = frozenset(
    {"COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "OPERATOR", "BETWEEN", "CASE", "SUBQUERY", "STAR"}
)
OPERATORS = frozenset({"COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"})
OPERATORS |= {"OPERATOR_COALESCE", "OPERATOR_NULLIF"}
RELATIONS = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY", "EMPTY"})
QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE"})
DECIMALS = 9


class NotAlike(Exception):
    """Spark's to answer: the two engines may differ on this, or DuckDB does not know it."""


def require(alike: bool, what: object) -> None:
    if not alike:
        raise NotAlike(str(what))


def tables_of(tree: Node) -> set[str]:
    """Tables named <layer>.<table> in a statement's tree; raises NotAlike for a name of another form."""
    names = {entry["key"].lower() for node in _nodes(tree) for entry in node.get("cte_map", {}).get("map", ())}
    found = set()
    for node in _nodes(tree):
        if node.get("type") == "BASE_TABLE":
            path = node["qualified_name"]["path"]
            if len(path) == 1 and path[0].lower() in names:
                continue
            require(len(path) == 2 and not node["at_clause"] and not node["sample"], path)
            found.add(".".join(path).lower())
    return found


def alike(tree: Node, types: Types) -> Node:
    """The tree for DuckDB; raises NotAlike."""
    require(not tree["error"] and len(tree["statements"]) == 1, "not one query")
    changed = copy.deepcopy(tree)
    _name_columns(changed["statements"][0]["node"])
    for node in list(_nodes(changed)):
        _check(node, types)
    for node in list(_nodes(changed)):
        _change(node, types)
    return changed


def _nodes(tree: Any) -> Iterator[Node]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _check(node: Node, types: Types) -> None:
    kind, group = node.get("type"), node.get("class")
    if group is None:
        if kind is not None and kind.endswith("_NODE"):
            require(kind in QUERIES and not node.get("sample") and not node.get("qualify"), kind)
        elif "sample" in node and "alias" in node:
            require(kind in RELATIONS and not node["sample"], kind)
        return
    if group == "FUNCTION":
        _check_function(node, types)
    elif group == "CAST":
        require(node["type_expr"].get("type_name") in ("DATE", "TIMESTAMP", "DOUBLE") and not node["try_cast"], "cast")
        constant = node["child"]["class"] == "CONSTANT"
        require(
            constant or (node["type_expr"]["type_name"] == "DOUBLE" and _is(node["child"], types, "number")), "cast"
        )
    elif group == "CONSTANT":
        require("\\" not in node.get("literal", {}).get("text", ""), "backslash")
    elif group == "STAR":
        extras = ("exclude_list", "replace_list", "rename_list", "qualified_exclude_list", "expr")
        require(not any(node.get(extra) for extra in extras), "star")
    elif group == "OPERATOR":
        require(kind in OPERATORS, kind)
    elif group == "TYPE":
        return
    else:
        require(group in PLAIN, group)


def _check_function(node: Node, types: Types) -> None:
    name, arguments = node["function_name"], _arguments(node)
    require(not node["filter"] and not node["order_bys"]["orders"] and not node["schema"], name)
    if name in ARITHMETIC:
        require(len(arguments) <= 2 and all(_is(each, types, "number") for each in arguments), name)
        decimal = any(_literal(each) == "NUMERIC" for each in arguments)
        require(not decimal or any(_is(each, types, "double") for each in arguments), "decimal")
    elif name == "round":
        require(len(arguments) == 2 and _is(arguments[0], types, "double"), name)
        require(_literal(arguments[1]) == "INTEGER" and 0 <= int(arguments[1]["literal"]["text"]) <= DECIMALS, name)
    elif name == "date_trunc":
        unit = arguments[0].get("literal", {}).get("text", "").lower()
        require(unit in TRUNCATED_TO and _is(arguments[1], types, "time"), name)
    elif name in ("to_date", "from_utc_timestamp") or name in WHOLE_NUMBERS:
        require(_is(arguments[0], types, "time"), name)
    elif name in ("avg", "sum", "stddev", "stddev_samp", "variance", "var_samp", "sqrt", "exp", "abs"):
        require(len(arguments) == 1 and _is(arguments[0], types, "number"), name)
    else:
        require(name in SAME or name in RENAMED, name)


def _is(node: Node, types: Types, kind: str) -> bool:
    """Whether the expression is surely a double, a number (double or whole), or a time, to both engines."""
    group = node["class"]
    if group == "COLUMN_REF":
        known = types.get(node["column_names"][-1].lower(), frozenset())
        wanted = {"number": {"double", "int"}}.get(kind, {kind})
        return bool(known) and known <= wanted
    if group == "CONSTANT":
        return kind == "number" and _literal(node) in ("INTEGER", "NUMERIC")
    if group == "CAST":
        return kind in {"DOUBLE": ("double", "number"), "TIMESTAMP": ("time",)}.get(node["type_expr"]["type_name"], ())
    if group == "CASE":
        ends = [*(check["then_expr"] for check in node["case_checks"]), node["else_expr"]]
        return all(_is(end, types, kind) for end in ends)
    if group != "FUNCTION":
        return False
    name, arguments = node["function_name"], _arguments(node)
    if name in ("/", "avg", "stddev", "stddev_samp", "variance", "var_samp", "sqrt", "exp"):
        return kind != "time"
    if name in ("count", "count_star", "length"):
        return kind == "number"
    if name in ("+", "-", "*") and kind == "double":
        return any(_is(each, types, "double") for each in arguments)
    if name in ("from_utc_timestamp", "date_trunc"):
        return kind == "time"
    return name in SAME | ARITHMETIC | {"round", *RENAMED} and _is(arguments[0], types, kind)


def _change(node: Node, types: Types) -> None:
    if node.get("class") != "FUNCTION":
        return
    name, arguments = node["function_name"], node["arguments"]
    if name == "/":
        arguments[1]["expression"] = _not_zero(arguments[1]["expression"])
    elif name == "round":
        _rename(node, f"rounded_{arguments.pop()['expression']['literal']['text']}")
    elif name in WHOLE_NUMBERS or name == "date_trunc":
        _rename(node, f"spark_{name}")
    elif name in RENAMED:
        _rename(node, RENAMED[name])


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


def _name_columns(query: Node) -> None:
    """Give the answer's columns the names that Spark gives them; raises NotAlike where they are not known."""
    if query["type"] != "SELECT_NODE":
        for child in query.get("children", ()):
            _name_columns(child)
        return
    for item in query["select_list"]:
        if item.get("alias") or item["class"] == "STAR":
            continue
        if item["class"] == "COLUMN_REF":
            item["alias"] = item["column_names"][-1]
            continue
        name, arguments = item.get("function_name", ""), _arguments(item)
        if name == "count_star":
            item["alias"] = "count(1)"
            continue
        require(name in AGGREGATES and len(arguments) == 1 and arguments[0]["class"] == "COLUMN_REF", "unnamed column")
        item["alias"] = f"{name}({'DISTINCT ' if item['distinct'] else ''}{arguments[0]['column_names'][-1]})"


def _arguments(node: Node) -> list[Node]:
    return [argument["expression"] for argument in node.get("arguments", ())]


def _literal(node: Node) -> str:
    return str(node.get("literal", {}).get("kind", ""))


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

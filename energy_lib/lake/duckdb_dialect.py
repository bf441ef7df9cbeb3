"""Which questions DuckDB answers as Spark would: known from the syntax tree that DuckDB gives of a statement.

What is not listed here is Spark's.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

from energy_lib.lake.duckdb_changes import WHOLE_NUMBERS, cast_to_float, change
from energy_lib.lake.duckdb_macros import DIGITS
from energy_lib.lake.duckdb_names import NAMED_BY_COLUMN, name_columns
from energy_lib.lake.duckdb_tree import Node, arguments_of, literal, nodes, require

Types = Mapping[str, frozenset[str]]  # column name → its types in the lake's tables: double, float, int, time, other

# Not `first` and `any_value`: of several values each engine takes another.
SAME = NAMED_BY_COLUMN | {
    "abs",
    "coalesce",
    "count_star",
    "nullif",
    "greatest",
    "least",
    "lower",
    "upper",
    "length",
    "to_date",
}
SAME |= {"from_utc_timestamp", "stddev", "stddev_samp", "variance", "var_samp", "~~", "!~~", "sqrt", "exp"}
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


def tables_of(tree: Node) -> set[str]:
    """Tables named <layer>.<table> in a statement's tree; raises NotAlike for a name of another form."""
    names = {entry["key"].lower() for node in nodes(tree) for entry in node.get("cte_map", {}).get("map", ())}
    found = set()
    for node in nodes(tree):
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
    query = changed["statements"][0]["node"]
    for node in list(nodes(changed)):
        _check(node, types)
    _check_floats(changed, query, types)
    name_columns(query)
    for node in list(nodes(changed)):
        change(node)
    return changed


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


def _check_floats(tree: Node, query: Node, types: Types) -> None:
    """A float (4 bytes) may stand where both engines take it for a double: compared, ordered by, averaged, given as is.

    The views hold it as a double; given as is, it is cast back.
    """
    given = [item for item in query.get("select_list", ()) if item["class"] == "COLUMN_REF"]
    fine = {id(item) for item in given}
    for node in nodes(tree):
        group = node.get("class")
        if group in ("COMPARISON", "BETWEEN"):
            fine |= {id(node.get(side)) for side in ("left", "right", "input", "lower", "upper")}
        elif node.get("type") in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "COMPARE_IN", "COMPARE_NOT_IN"):
            fine |= {id(child) for child in node["children"]}
        elif group == "FUNCTION" and node["function_name"] in ("avg", "sum", "count"):
            fine |= {id(each) for each in arguments_of(node)}
        elif node.get("type") == "ORDER_MODIFIER":
            fine |= {id(order["expression"]) for order in node["orders"]}
        elif group == "STAR":
            require(not any("float" in kinds for kinds in types.values()), "star")
    for node in nodes(tree):
        if node.get("class") == "COLUMN_REF" and _is_float(node, types):
            require(id(node) in fine, node["column_names"])
    for item in given:
        if _is_float(item, types):
            cast_to_float(item)


def _is_float(node: Node, types: Types) -> bool:
    return "float" in types.get(node["column_names"][-1].lower(), ())


def _check_function(node: Node, types: Types) -> None:
    name, arguments = node["function_name"], arguments_of(node)
    require(not node["filter"] and not node["order_bys"]["orders"] and not node["schema"], name)
    if name in ARITHMETIC:
        require(len(arguments) <= 2 and all(_is(each, types, "number") for each in arguments), name)
        decimal = any(literal(each) == "NUMERIC" for each in arguments)
        require(not decimal or any(_is(each, types, "double") for each in arguments), "decimal")
    elif name == "round":
        require(len(arguments) == 2 and _is(arguments[0], types, "double"), name)
        require(literal(arguments[1]) == "INTEGER" and 0 <= int(arguments[1]["literal"]["text"]) <= DIGITS, name)
    elif name == "date_trunc":
        unit = arguments[0].get("literal", {}).get("text", "").lower()
        require(unit in TRUNCATED_TO and _is(arguments[1], types, "time"), name)
    elif name in ("to_date", "from_utc_timestamp") or name in WHOLE_NUMBERS:
        require(_is(arguments[0], types, "time"), name)
    elif name in ("avg", "sum"):
        floats = arguments[0]["class"] == "COLUMN_REF" and _is_float(arguments[0], types)
        require(len(arguments) == 1 and (floats or _is(arguments[0], types, "number")), name)
    elif name in ("stddev", "stddev_samp", "variance", "var_samp", "sqrt", "exp"):
        require(len(arguments) == 1 and _is(arguments[0], types, "number"), name)
    else:
        require(name in SAME, name)


def _is(node: Node, types: Types, kind: str) -> bool:
    """Whether the expression is surely a double, a number (double or whole), or a time, to both engines."""
    group = node["class"]
    if group == "COLUMN_REF":
        known = types.get(node["column_names"][-1].lower(), frozenset())
        wanted = {"number": {"double", "int"}}.get(kind, {kind})
        return bool(known) and known <= wanted
    if group == "CONSTANT":
        return kind == "number" and literal(node) in ("INTEGER", "NUMERIC")
    if group == "CAST":
        return kind in {"DOUBLE": ("double", "number"), "TIMESTAMP": ("time",)}.get(node["type_expr"]["type_name"], ())
    if group == "CASE":
        ends = [*(check["then_expr"] for check in node["case_checks"]), node["else_expr"]]
        return all(_is(end, types, kind) for end in ends)
    if group != "FUNCTION":
        return False
    name, arguments = node["function_name"], arguments_of(node)
    if name in ("/", "avg", "stddev", "stddev_samp", "variance", "var_samp", "sqrt", "exp"):
        return kind != "time"
    if name in ("count", "count_star", "length"):
        return kind == "number"
    if name in ("+", "-", "*") and kind == "double":
        return any(_is(each, types, "double") for each in arguments)
    if name in ("from_utc_timestamp", "date_trunc"):
        return kind == "time"
    return name in SAME | ARITHMETIC | {"round"} and _is(arguments[0], types, kind)

"""Which questions DuckDB answers as Spark would: known from the syntax tree that DuckDB gives of a statement.

What is not listed here is Spark's.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from energy_lib.lake.duckdb_changes import change
from energy_lib.lake.duckdb_decimals import Decimal
from energy_lib.lake.duckdb_kinds import (
    AGGREGATES,
    ARITHMETIC,
    LIST,
    OF_DOUBLES,
    PARTS_OF_TIMES,
    Kind,
    digits_of_round,
    ends_of,
    is_number,
    wider,
)
from energy_lib.lake.duckdb_macros import DIGITS
from energy_lib.lake.duckdb_names import name_columns
from energy_lib.lake.duckdb_scopes import Tables, Types
from energy_lib.lake.duckdb_tree import Node, arguments_of, literal, nodes, require, text_of

# Not `first` and `any_value`: of several values each engine takes another.
FUNCTIONS = ARITHMETIC | AGGREGATES | OF_DOUBLES | PARTS_OF_TIMES
FUNCTIONS |= {"count_star", "abs", "round", "coalesce", "nullif", "greatest", "least", "lower", "upper", "length"}
FUNCTIONS |= {"~~", "!~~", "to_date", "from_utc_timestamp", "date_trunc"}
TRUNCATED_TO = frozenset({"minute", "hour", "day", "week", "month", "quarter", "year"})
# Functions that do with a float (4 bytes) what they do with a double, as which the views hold it, or give it as it is.
OF_FLOATS = AGGREGATES - OF_DOUBLES
# Classes of nodes that mean the same to both, whatever they hold.
PLAIN = frozenset({"COLUMN_REF", "COMPARISON", "CONJUNCTION", "BETWEEN", "CASE", "SUBQUERY", "TYPE"})
OPERATORS = frozenset({"COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"})
OPERATORS |= {"OPERATOR_COALESCE"}
CASTS = frozenset({"DATE", "TIMESTAMP", "DOUBLE", "DECIMAL"})


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


def alike(tree: Node, tables: Tables) -> tuple[Node, list[Kind | None]]:
    """The tree for DuckDB, and the types of the answer's columns to Spark; raises NotAlike."""
    require(not tree["error"] and len(tree["statements"]) == 1, "not one query")
    changed = copy.deepcopy(tree)
    query = changed["statements"][0]["node"]
    every = list(nodes(changed))
    for node in every:
        _check(node)
    types = Types(query, tables)
    for node in every:
        _check_types(node, types)
    name_columns(query)
    for node in reversed(every):
        change(node, types)
    return changed, [column.kind for column in types.answered]


def _check(node: Node) -> None:
    kind, group = node.get("type"), node.get("class")
    if group is None:
        require(not node.get("sample") and not node.get("qualify"), kind)
    elif group == "FUNCTION":
        name = node["function_name"]
        require(not node["filter"] and not node["order_bys"]["orders"] and not node["schema"], name)
        require(name in FUNCTIONS, name)
    elif group == "CAST":
        require(node["type_expr"].get("type_name", "").upper() in CASTS and not node["try_cast"], "cast")
    elif group == "CONSTANT":
        require("\\" not in text_of(node), "backslash")
    elif group == "STAR":
        extras = ("exclude_list", "replace_list", "rename_list", "qualified_exclude_list", "expr", "columns")
        require(not any(node.get(extra) for extra in extras), "star")
    elif group == "OPERATOR":
        require(kind in OPERATORS, kind)
    else:
        require(group in PLAIN, group)


def _check_types(node: Node, types: Types) -> None:
    group, kind = node.get("class"), node.get("type")
    kinds = [types.kind(end) for end in ends_of(node)]
    if group == "FUNCTION":
        _check_function(node, [types.kind(each) for each in arguments_of(node)], types.kind(node))
    elif group == "CAST":
        _check_cast(types.kind(node["child"]), types.kind(node), node["child"]["class"] == "CONSTANT")
    elif group == "CASE" or kind == "OPERATOR_COALESCE":
        require("float" not in kinds, "float")
    elif kind == "ORDER_MODIFIER":
        require(LIST not in [types.kind(order["expression"]) for order in node["orders"]], "order of lists")
    if any(isinstance(each, Decimal) or each in ("duration", LIST) for each in kinds):
        require(LIST not in kinds and wider(kinds) is not None, kinds)


def _check_cast(known: Kind | None, target: Kind | None, constant: bool) -> None:
    if isinstance(target, Decimal):
        require(is_number(known), "cast")
    else:
        double = target == "double" and (is_number(known) or known == "float")
        require(double or (constant and target is not None), "cast")


def _check_function(node: Node, kinds: Sequence[Kind | None], given: Kind | None) -> None:
    name, arguments = node["function_name"], arguments_of(node)
    require("float" not in kinds or name in OF_FLOATS, "float")
    require(LIST not in kinds or name == "count", "list")
    if name in ARITHMETIC:
        require(given == "duration" or (len(kinds) <= 2 and all(map(is_number, kinds)) and given is not None), name)
    elif name == "round":
        digits = digits_of_round(node)
        require(isinstance(given, Decimal) or given == "double", name)
        require(digits is not None and 0 <= digits <= DIGITS and len(kinds) <= 2, name)
    elif name == "date_trunc":
        require(kinds == ["string", "timestamp"] and text_of(arguments[0]).lower() in TRUNCATED_TO, name)
    elif name in ("to_date", "from_utc_timestamp") or name in PARTS_OF_TIMES:
        require(kinds[:1] == ["timestamp"], name)
    elif name in ("avg", "sum"):
        require(len(kinds) == 1 and (is_number(kinds[0]) or kinds[0] == "float") and given is not None, name)
        require(not (isinstance(given, Decimal) and name == "avg" and node["distinct"]), name)
    elif name == "percentile":
        require(len(kinds) == 2 and is_number(kinds[0]) and not node["distinct"], name)
        require(literal(arguments[1]) in ("INTEGER", "NUMERIC") and 0 <= float(text_of(arguments[1])) <= 1, name)
    elif name in OF_DOUBLES:
        require(len(kinds) == 1 and is_number(kinds[0]), name)
    elif name == "nullif" and any(isinstance(each, Decimal) for each in kinds):
        require(isinstance(kinds[0], Decimal) and "double" not in kinds and wider(kinds) is not None, name)

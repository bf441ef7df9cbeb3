"""The names that Spark gives to the columns of an answer."""

from __future__ import annotations

from energy_lib.lake.duckdb_tree import Node, arguments_of, require

NAMED_BY_COLUMN = frozenset({"count", "sum", "avg", "min", "max"})


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
        plain = len(arguments) == 1 and arguments[0]["class"] == "COLUMN_REF"
        require(name in NAMED_BY_COLUMN and plain, "unnamed column")
        item["alias"] = f"{name}({'DISTINCT ' if item['distinct'] else ''}{arguments[0]['column_names'][-1]})"

"""Which type each expression of a statement has to Spark: its columns are looked up where the statement reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from energy_lib.lake.duckdb_kinds import AGGREGATES, Kind, kind_of
from energy_lib.lake.duckdb_tree import Node, NotAlike, parts, require

# <layer>.<table> → its columns → their types; None: a type that no rule knows.
Tables = Mapping[str, Mapping[str, Kind | None]]
SET_OPERATIONS = ("UNION", "EXCEPT", "INTERSECT")
QUERIES = ("SELECT_NODE", "SET_OPERATION_NODE")
RELATIONS = ("BASE_TABLE", "SUBQUERY", "EMPTY", "JOIN")
JOINS = ("REGULAR", "CROSS")


class Column(NamedTuple):
    relation: str
    name: str
    kind: Kind | None


@dataclass
class Scope:
    """What names mean in a part of a query: columns first, then names given in its SELECT, then the query around it."""

    columns: list[Column] = field(default_factory=list)
    given: dict[str, Kind | None] = field(default_factory=dict)
    outer: Scope | None = None

    def kind(self, names: list[str]) -> Kind | None:
        *relation, name = (each.lower() for each in names)
        kinds = {c.kind for c in self.columns if c.name == name and relation[-1:] in ([], [c.relation])}
        if kinds:
            return kinds.pop() if len(kinds) == 1 else None
        if not relation and name in self.given:
            return self.given[name]
        if self.outer is None:
            raise NotAlike(f"no column {name}")
        return self.outer.kind(names)


class Types:
    """The types of a statement's expressions (`kind`) and of its answer's columns (`answered`); raises NotAlike."""

    def __init__(self, query: Node, tables: Tables) -> None:
        self._tables = tables
        self._kinds: dict[int, Kind | None] = {}
        self.answered = self._query(query, {}, None)

    def kind(self, node: Node) -> Kind | None:
        return self._kinds.get(id(node))

    def _query(self, query: Node, named: Mapping[str, list[Column]], outer: Scope | None) -> list[Column]:
        """The columns that a query gives; `named`: those of the queries in WITH."""
        require(query["type"] in QUERIES, query["type"])
        named = dict(named)
        for entry in query["cte_map"]["map"]:
            require(not entry["value"].get("aliases"), "names of columns in WITH")
            named[entry["key"].lower()] = self._query(entry["value"]["query_node"], named, None)
        if query["type"] == "SELECT_NODE":
            return self._select(query, named, outer)
        require(query["setop_type"] in SET_OPERATIONS, query["setop_type"])
        first, *others = (self._query(child, named, outer) for child in query["children"])
        for other in others:
            require([c.kind for c in other] == [c.kind for c in first], "other types in a set operation")
        self._modifiers(query, Scope(first, outer=outer), named)
        return first

    def _select(self, query: Node, named: Mapping[str, list[Column]], outer: Scope | None) -> list[Column]:
        scope = Scope(self._relation(query["from_table"], named, outer), outer=outer)
        given = Scope(scope.columns, outer=outer)
        answered: list[Column] = []
        for item in query["select_list"]:
            self._expression(item, given, named)
            if item["class"] == "STAR":
                answered += _starred(item, query["from_table"], scope.columns)
                continue
            name = (item.get("alias") or (item["column_names"][-1] if item["class"] == "COLUMN_REF" else "")).lower()
            answered.append(Column("", name, self.kind(item)))
            given.given[name] = self.kind(item)
        if query["where_clause"] is not None:
            self._expression(query["where_clause"], scope, named)
        for expression in query["group_expressions"]:
            self._expression(expression, given, named)
        if query["having"] is not None:
            self._require_clear(query["having"], query, scope, within_aggregates=False)
            self._expression(query["having"], given, named)
        self._modifiers(query, given, named)
        return answered

    def _modifiers(self, query: Node, scope: Scope, named: Mapping[str, list[Column]]) -> None:
        first = Scope(given=scope.given, outer=scope)
        for modifier in query["modifiers"]:
            percent = modifier.get("limit_type", "ROW_COUNT") != "ROW_COUNT"
            require(not percent and not modifier.get("distinct_on_targets"), "DISTINCT ON, or a share of the rows")
            for order in modifier.get("orders", ()):
                expression = order["expression"]
                if expression["class"] == "COLUMN_REF":
                    self._expression(expression, first, named)
                    continue
                self._require_clear(expression, query, scope)
                self._expression(expression, scope, named)

    def _require_clear(self, expression: Node, query: Node, scope: Scope, within_aggregates: bool = True) -> None:
        """In HAVING and within ORDER BY, one engine takes a name for the column and the other for what SELECT gives."""
        if expression.get("function_name") in AGGREGATES and not within_aggregates:
            return
        if expression["class"] == "COLUMN_REF" and len(expression["column_names"]) == 1:
            name = expression["column_names"][0].lower()
            items = [item for item in query.get("select_list", ()) if item.get("alias", "").lower() == name]
            plain = all(i["class"] == "COLUMN_REF" and i["column_names"][-1].lower() == name for i in items)
            require(plain or name not in {c.name for c in scope.columns}, f"{name}: two meanings")
        for part in parts(expression):
            self._require_clear(part, query, scope, within_aggregates)

    def _expression(self, node: Node, scope: Scope, named: Mapping[str, list[Column]]) -> None:
        for part in parts(node):
            self._expression(part, scope, named)
        kind: Kind | None
        if node["class"] == "COLUMN_REF":
            kind = scope.kind(node["column_names"])
        elif node["class"] == "SUBQUERY":
            columns = self._query(node["subquery"]["node"], named, scope)
            require(len(columns) == 1 or node["subquery_type"] == "EXISTS", "a subquery of several columns")
            kind = columns[0].kind if node["subquery_type"] == "SCALAR" else "boolean"
            if node["child"] is not None:
                require(self.kind(node["child"]) == columns[0].kind, "IN of another type")
        else:
            kind = kind_of(node, self.kind)
        self._kinds[id(node)] = kind

    def _relation(self, node: Node, named: Mapping[str, list[Column]], outer: Scope | None) -> list[Column]:
        """The columns of what stands after FROM."""
        require(node["type"] in RELATIONS and not node.get("column_name_alias"), node["type"])
        if node["type"] == "BASE_TABLE":
            path = [each.lower() for each in node["qualified_name"]["path"]]
            require(len(path) == 2 or path[0] in named, f"no query {path[0]}")
            inner = named[path[0]] if len(path) == 1 else _columns(self._tables[".".join(path)])
            return _of_relation(node["alias"] or path[-1], inner)
        if node["type"] == "SUBQUERY":
            return _of_relation(node["alias"], self._query(node["subquery"]["node"], named, None))
        if node["type"] == "EMPTY":
            return []
        require(node["ref_type"] in JOINS and not node["alias"], node["ref_type"])
        left, right = (self._relation(node[side], named, outer) for side in ("left", "right"))
        if node["condition"] is not None:
            self._expression(node["condition"], Scope(left + right, outer=outer), named)
        return left if node["join_type"] in ("SEMI", "ANTI") else left + right


def _columns(table: Mapping[str, Kind | None]) -> list[Column]:
    return [Column("", name.lower(), kind) for name, kind in table.items()]


def _of_relation(name: str, columns: list[Column]) -> list[Column]:
    return [Column(name.lower(), c.name, c.kind) for c in columns]


def _starred(star: Node, source: Node, columns: list[Column]) -> list[Column]:
    relation = star["relation_name"].lower()
    require(not _joins_using(source), "Spark puts the columns of USING first")
    return [c for c in columns if relation in ("", c.relation)]


def _joins_using(source: Node) -> bool:
    if source["type"] != "JOIN":
        return False
    return bool(source["using_columns"]) or any(_joins_using(source[side]) for side in ("left", "right"))

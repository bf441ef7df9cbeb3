"""Spark's type of an expression, by the types of what it is made of. None: not known, or the engines may differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from energy_lib.lake import duckdb_decimals as decimals
from energy_lib.lake.duckdb_decimals import OF_WHOLE_NUMBERS, Decimal
from energy_lib.lake.duckdb_tree import Node, arguments_of, literal, text_of

# A type by its name in energy_lib.tables; `void` is NULL's, `duration` that of a difference of instants.
Kind = str | Decimal
LIST = "array<string>"
WHOLE = tuple(OF_WHOLE_NUMBERS)  # from the narrowest to the widest
OF_DECIMALS = {"+": decimals.added, "-": decimals.added, "*": decimals.multiplied, "/": decimals.divided}
ARITHMETIC = frozenset(OF_DECIMALS)
# What takes doubles and gives one; whole numbers and decimals become doubles first.
SPREADS = frozenset({"stddev", "stddev_samp", "variance", "var_samp", "percentile"})
OF_DOUBLES = SPREADS | {"sqrt", "exp"}
AGGREGATES = SPREADS | {"count", "sum", "avg", "min", "max"}
PARTS_OF_TIMES = frozenset({"year", "month", "day", "hour", "minute", "quarter"})
OF_FUNCTIONS = {
    **dict.fromkeys((*OF_DOUBLES, "/"), "double"),
    **dict.fromkeys(("count", "count_star"), "long"),
    **dict.fromkeys(("length", *PARTS_OF_TIMES), "int"),
    **dict.fromkeys(("lower", "upper"), "string"),
    **dict.fromkeys(("from_utc_timestamp", "date_trunc"), "timestamp"),
    **dict.fromkeys(("~~", "!~~"), "boolean"),
    "to_date": "date",
}
OF_CASTS = {"DATE": "date", "TIMESTAMP": "timestamp", "DOUBLE": "double"}
OF_LITERALS = {"STRING": "string", "BOOLEAN": "boolean", "NULL_LITERAL": "void"}
MOST_INTEGER, MOST_LONG = 2**31 - 1, 2**63 - 1
KindOf = Callable[[Node], Kind | None]


def is_number(kind: Kind | None) -> bool:
    return isinstance(kind, Decimal) or kind in (*WHOLE, "double")


def kind_of(node: Node, kind: KindOf) -> Kind | None:
    """The type of an expression that is neither a column nor a subquery; `kind` gives those of its parts."""
    group = node["class"]
    if group == "CONSTANT":
        return _of_constant(literal(node), text_of(node))
    if group == "CAST":
        return _of_cast(node["type_expr"])
    if group == "FUNCTION":
        return _of_function(node, kind)
    if group == "CASE" or node.get("type") == "OPERATOR_COALESCE":
        return wider(map(kind, ends_of(node)))
    return "boolean" if group in ("COMPARISON", "CONJUNCTION", "OPERATOR", "BETWEEN") else None


def ends_of(node: Node) -> list[Node]:
    """The parts that are compared with one another, or of which one is given."""
    group, kind = node.get("class"), node.get("type")
    if group == "CASE":
        return [*(check["then_expr"] for check in node["case_checks"]), node["else_expr"]]
    if group == "COMPARISON":
        return [node["left"], node["right"]]
    if group == "BETWEEN":
        return [node["input"], node["lower"], node["upper"]]
    if kind in ("OPERATOR_COALESCE", "COMPARE_IN", "COMPARE_NOT_IN"):
        return list(node["children"])
    return arguments_of(node) if node.get("function_name") in ("coalesce", "greatest", "least") else []


def wider(kinds: Iterable[Kind | None]) -> Kind | None:
    """The type that values of these types become together."""
    given = set(kinds) - {"void"}
    if len(given) <= 1:
        return given.pop() if given else "void"
    if not all(is_number(each) or each == "float" for each in given):
        return None
    if given & {"double", "float"}:
        return "double"
    if all(each in WHOLE for each in given):
        return max((str(each) for each in given), key=WHOLE.index)
    widest: Decimal | None
    widest, *others = map(_as_decimal, given)
    for other in others:
        widest = widest and decimals.wider(widest, other)
    return widest


def as_decimal(node: Node, kind: Kind | None) -> Decimal | None:
    """The decimal that a whole number or a decimal becomes beside a decimal: a literal takes its own digits."""
    if literal(node) != "INTEGER":
        return _as_decimal(kind)
    # Spark takes -5 for a literal and -(5) for none; DuckDB gives the same for both.
    return None if text_of(node).startswith("-") else decimals.of_literal(text_of(node))


def digits_of_round(node: Node) -> int | None:
    """How many digits `round` keeps after the point; None: it is not said by a whole number."""
    digits = arguments_of(node)[1:]
    if not digits:
        return 0
    return int(text_of(digits[0])) if literal(digits[0]) == "INTEGER" else None


def _as_decimal(kind: Kind | None) -> Decimal:
    return kind if isinstance(kind, Decimal) else Decimal(OF_WHOLE_NUMBERS[str(kind)], 0)


def _of_constant(kind: str, text: str) -> Kind | None:
    if kind == "NUMERIC":
        return "double" if "e" in text.lower() else decimals.of_literal(text)
    if kind == "INTEGER":
        size = abs(int(text))
        return "int" if size <= MOST_INTEGER else "long" if size <= MOST_LONG else None
    return OF_LITERALS.get(kind)


def _of_cast(target: Node) -> Kind | None:
    name, sizes = target.get("type_name", "").upper(), [text_of(each) for each in target["children"]]
    if name == "DECIMAL":
        return Decimal(*map(int, sizes)) if len(sizes) == 2 else None
    return OF_CASTS.get(name)


def _of_function(node: Node, kind: KindOf) -> Kind | None:
    name, arguments = node["function_name"], arguments_of(node)
    kinds = [kind(each) for each in arguments] or [None]
    first = kinds[0]
    if name in OF_DECIMALS and any(isinstance(each, Decimal) for each in kinds) and "double" not in kinds:
        return _of_decimals(name, arguments, kinds)
    if name in OF_FUNCTIONS:
        return OF_FUNCTIONS[name]
    if name == "-" and kinds == ["timestamp", "timestamp"]:
        return "duration"
    if name in ("+", "-", "*", "coalesce", "greatest", "least"):
        return wider(kinds)
    if name == "avg":
        return decimals.averaged(first) if isinstance(first, Decimal) else "double"
    if name == "sum":
        return decimals.summed(first) if isinstance(first, Decimal) else "long" if first in WHOLE else "double"
    if name == "round" and isinstance(first, Decimal):
        digits = digits_of_round(node)
        return None if digits is None else decimals.rounded(first, digits)
    return first if name in ("min", "max", "abs", "round", "nullif") else None


def _of_decimals(name: str, arguments: list[Node], kinds: list[Kind | None]) -> Kind | None:
    if len(kinds) == 1:
        return kinds[0]
    if not all(is_number(each) for each in kinds):
        return None
    left, right = (as_decimal(each, known) for each, known in zip(arguments, kinds, strict=True))
    return left and right and OF_DECIMALS[name](left, right)

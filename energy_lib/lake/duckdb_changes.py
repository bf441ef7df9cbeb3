"""What a tree is changed in where DuckDB and Spark differ.

Spark's decimals have other digits, a division by zero is an error to it, `round` rounds the decimal digits that are
shown, and a difference of instants is a number of microseconds.
"""

from __future__ import annotations

import copy

from energy_lib.lake import duckdb_decimals as decimals
from energy_lib.lake.duckdb_decimals import MOST_DIGITS, Decimal
from energy_lib.lake.duckdb_kinds import (
    ARITHMETIC,
    OF_DOUBLES,
    PARTS_OF_TIMES,
    Kind,
    as_decimal,
    digits_of_round,
    ends_of,
    wider,
)
from energy_lib.lake.duckdb_scopes import Types
from energy_lib.lake.duckdb_tree import Node, arguments_of, become, call, cast, constant, text_of, unnamed, when_zero


def change(node: Node, types: Types) -> None:
    """Change one expression whose parts are changed already; the dialect has let it pass."""
    group, kind = node.get("class"), types.kind(node)
    if group == "CONSTANT" and isinstance(kind, Decimal):
        become(node, cast(unnamed(node), "DECIMAL", *kind))
    elif group == "FUNCTION":
        _change_function(node, types)
    elif group == "CAST":
        _change_cast(node, types)
    elif group is not None:
        _make_alike(ends_of(node), types)


def _change_function(node: Node, types: Types) -> None:
    name, arguments, kind = node["function_name"], arguments_of(node), types.kind(node)
    kinds = [types.kind(each) for each in arguments]
    if name in ARITHMETIC and kind == "duration":
        become(node, call("between_instants", *arguments))
    elif name in ARITHMETIC and isinstance(kind, Decimal) and len(arguments) == 2:
        _compute(node, types, kind)
    elif name in ARITHMETIC | OF_DOUBLES:
        for each, known in zip(arguments, kinds, strict=True):
            if isinstance(known, Decimal) and kind == "double":
                _convert(each, known, "double")
        if name == "/":
            node["arguments"][1]["expression"] = _not_zero(arguments[1])
    elif name == "round":
        _round(node, kind)
    elif name == "sum" and isinstance(kind, Decimal):
        become(node, cast(unnamed(node), "DECIMAL", *kind))
    elif name == "avg" and isinstance(kind, Decimal) and isinstance(kinds[0], Decimal):
        shift = constant("INTEGER", str(kind.scale - kinds[0].scale))
        become(node, _of_digits(call("average_digits", arguments[0], shift), kind))
    elif name in PARTS_OF_TIMES or name == "date_trunc":
        become(node, call(f"spark_{name}", *arguments))
    else:
        _make_alike(ends_of(node), types)


def _compute(node: Node, types: Types, kind: Decimal) -> None:
    """Arithmetic of decimals: exactly, in 38 digits (an error if they do not suffice), then rounded as Spark does."""
    name, arguments = node["function_name"], arguments_of(node)
    left, right = (as_decimal(each, types.kind(each)) for each in arguments)
    assert left is not None
    assert right is not None
    if name == "/":
        operands = [cast(each, "DECIMAL", *own) for each, own in zip(arguments, (left, right), strict=True)]
        shift = constant("INTEGER", str(decimals.shift_of_quotient(left, right, kind)))
        become(node, _of_digits(call("quotient_digits", operands[0], _not_zero(operands[1]), shift), kind))
        return
    common = max(left.scale, right.scale)
    scales = (left.scale, right.scale) if name == "*" else (common, common)
    operands = [cast(each, "DECIMAL", MOST_DIGITS, scale) for each, scale in zip(arguments, scales, strict=True)]
    become(node, cast(call(name, *operands), "DECIMAL", *kind))


def _of_digits(digits: Node, kind: Decimal) -> Node:
    """The decimal that has these digits, given as a whole number."""
    unit = constant("STRING", "0." + "1".rjust(kind.scale, "0") if kind.scale else "1")
    whole, unit = cast(digits, "DECIMAL", MOST_DIGITS, 0), cast(unit, "DECIMAL", MOST_DIGITS, kind.scale)
    return cast(call("*", whole, unit), "DECIMAL", *kind)


def _round(node: Node, kind: Kind | None) -> None:
    value = arguments_of(node)[0]
    if isinstance(kind, Decimal):
        become(node, cast(value, "DECIMAL", *kind))
    else:
        become(node, call(f"rounded_{digits_of_round(node)}", value))


def _change_cast(node: Node, types: Types) -> None:
    child = node["child"]
    known, target = types.kind(child), types.kind(node)
    # By their texts: DuckDB multiplies and divides by powers of ten, which costs the last digit.
    if isinstance(known, Decimal) != isinstance(target, Decimal) and "double" in (known, target):
        node["child"] = cast(child, "VARCHAR")


def _make_alike(ends: list[Node], types: Types) -> None:
    """What is compared, or of which one is given, has the type that Spark gives to all of them."""
    kinds = [types.kind(each) for each in ends]
    common = wider(kinds)
    if any(isinstance(each, Decimal) for each in kinds):
        for end, known in zip(ends, kinds, strict=True):
            _convert(end, known, common)


def _convert(node: Node, known: Kind | None, target: Kind | None) -> None:
    if isinstance(target, Decimal) and known not in (target, "void"):
        become(node, cast(unnamed(node), "DECIMAL", *target))
    elif target == "double" and isinstance(known, Decimal):
        become(node, cast(cast(unnamed(node), "VARCHAR"), "DOUBLE"))


def _not_zero(divisor: Node) -> Node:
    """CASE WHEN divisor = 0 THEN error('…') ELSE divisor END."""
    if divisor["class"] == "CONSTANT" and float(text_of(divisor)):
        return divisor
    return when_zero(divisor, call("error", constant("STRING", "division by zero")), copy.deepcopy(divisor))

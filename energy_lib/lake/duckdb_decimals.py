"""Spark's decimals: which precision and scale each operation gives (DecimalPrecision, with allowPrecisionLoss)."""

from __future__ import annotations

from typing import NamedTuple

MOST_DIGITS = 38
# Digits after the point that Spark keeps where the digits do not suffice.
LEAST_SCALE = 6
OF_WHOLE_NUMBERS = {"int": 10, "long": 20}
# Spark averages decimals of so few digits as doubles.
AVERAGED_AS_DOUBLES = 11


class Decimal(NamedTuple):
    precision: int
    scale: int


def of_literal(text: str) -> Decimal:
    """Of a number as it is written, without an exponent."""
    whole, _, fraction = text.lstrip("+-").partition(".")
    digits = len((whole + fraction).lstrip("0")) or 1
    return Decimal(max(digits, len(fraction)), len(fraction))


def added(a: Decimal, b: Decimal) -> Decimal:
    scale = max(a.scale, b.scale)
    return _adjusted(max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale)


def multiplied(a: Decimal, b: Decimal) -> Decimal:
    return _adjusted(a.precision + b.precision + 1, a.scale + b.scale)


def divided(a: Decimal, b: Decimal) -> Decimal | None:
    """None where Spark's answer depends on its rounding twice: to 38 digits after the point, then to the scale."""
    scale = max(LEAST_SCALE, a.scale + b.precision + 1)
    given = _adjusted(a.precision - a.scale + b.scale + scale, scale)
    once = given.scale + b.precision <= MOST_DIGITS
    return given if once and shift_of_quotient(a, b, given) >= 0 else None


def shift_of_quotient(a: Decimal, b: Decimal, given: Decimal) -> int:
    """By how many powers of ten a's digits are multiplied before they are divided by b's."""
    return given.scale - a.scale + b.scale


def summed(a: Decimal) -> Decimal:
    return Decimal(min(a.precision + 10, MOST_DIGITS), a.scale)


def averaged(a: Decimal) -> Decimal | None:
    if a.precision <= AVERAGED_AS_DOUBLES:
        return None
    return Decimal(min(a.precision + 4, MOST_DIGITS), min(a.scale + 4, MOST_DIGITS))


def rounded(a: Decimal, digits: int) -> Decimal:
    scale = min(a.scale, digits)
    return Decimal(min(a.precision - a.scale + 1 + scale, MOST_DIGITS), scale)


def wider(a: Decimal, b: Decimal) -> Decimal | None:
    """The type that holds both; None where it would have more than 38 digits."""
    scale = max(a.scale, b.scale)
    precision = max(a.precision - a.scale, b.precision - b.scale) + scale
    return Decimal(precision, scale) if precision <= MOST_DIGITS else None


def _adjusted(precision: int, scale: int) -> Decimal:
    if precision <= MOST_DIGITS:
        return Decimal(precision, scale)
    return Decimal(MOST_DIGITS, max(MOST_DIGITS - (precision - scale), min(scale, LEAST_SCALE)))

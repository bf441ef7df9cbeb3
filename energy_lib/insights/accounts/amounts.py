"""Exact amounts: energy, grams and money as whole numbers of a small unit, so that no order of sums changes a total.

The rule of rounding, stated once: an hour's product is rounded to the scale below, half to even; a charge of a month
likewise. Everything after that is addition of whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
# Texts, or None.
Texts = npt.NDArray[np.object_]

# Decimals of a kWh, of a gram and of a unit of currency.
KWH, GRAMS, MONEY = 6, 6, 8
# An amount of an hour has at most 18 digits: a million tonnes, ten thousand million of a currency.
LIMIT = 10.0**18
DIGITS = 28


def units(values: Floats, scale: int) -> tuple[Ints, Bools]:
    """`values` as whole numbers of 10**-scale, and where they are known: finite, and of 18 digits at most."""
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.rint(values * 10.0**scale)
        known = np.abs(scaled) < LIMIT
    return np.where(known, scaled, 0).astype(np.int64), known


def either(condition: Bools, one: Any, other: Any) -> Texts:
    """Element by element a text (or None) of one, or of the other."""
    texts: Texts = np.where(condition, np.asarray(one, object), np.asarray(other, object))
    return texts


def segment_sums(values: Ints, segment: Ints, segments: int) -> list[int]:
    """The sum of each segment's values, exact also beyond 64 bits; `segment`: to which one a value belongs."""
    sums = np.zeros((2, segments), np.int64)
    np.add.at(sums[0], segment, values >> 32)
    np.add.at(sums[1], segment, values & 0xFFFFFFFF)
    return [(int(high) << 32) + int(low) for high, low in sums.T]


def decimals(values: Ints, known: Bools, scale: int) -> pa.Array:
    """A column decimal(18, scale); null where not known."""
    words = np.empty((len(values), 2), np.int64)
    words[:, 0], words[:, 1] = values, values >> 63
    buffers = [pa.py_buffer(np.packbits(known, bitorder="little").tobytes()), pa.py_buffer(words.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(values), buffers)


def as_decimal(value: int | None, scale: int) -> Decimal | None:
    if value is None:
        return None
    sign, digits, _ = Decimal(value).as_tuple()
    return Decimal((sign, digits, -scale))


def rounded(value: Decimal | float, scale: int) -> int:
    """A charge as a whole number of 10**-scale, half to even."""
    with localcontext(prec=60):
        return int(
            (Decimal(value) if isinstance(value, Decimal) else Decimal(repr(float(value))))
            .scaleb(scale)
            .to_integral_value()
        )


def total_of(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of those that are known; None if none is."""
    known = [value for value in values if value is not None]
    with localcontext(prec=60):
        return sum(known[1:], known[0]) if known else None

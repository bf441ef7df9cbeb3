"""Noise that no floating-point trick takes off again: whole numbers, drawn exactly, from the system's own randomness.

Source: Canonne, Kamath and Steinke, The Discrete Gaussian for Differential Privacy (2020), algorithms 1 and 2. Why not
the textbook's: Mironov, On Significance of the Least Significant Bits for Differential Privacy (2012).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

# secrets.randbelow, or a test's: a whole number from 0 to below its argument.
RandBelow = Callable[[int], int]


def discrete_laplace(scale: Fraction, randbelow: RandBelow) -> int:
    """A whole number x with a probability in proportion to exp(−|x| / scale)."""
    top, bottom = scale.numerator, scale.denominator
    while True:
        rest = randbelow(top)
        if not _with_exp(Fraction(rest, top), randbelow):
            continue
        wholes = 0
        while _with_exp(Fraction(1), randbelow):
            wholes += 1
        size, is_negative = (rest + top * wholes) // bottom, randbelow(2) == 1
        if size or not is_negative:
            return -size if is_negative else size


def _with_exp(gamma: Fraction, randbelow: RandBelow) -> bool:
    """True with probability exp(−gamma), gamma from 0 to 1."""
    count = 1
    while randbelow(gamma.denominator * count) < gamma.numerator:
        count += 1
    return count % 2 == 1


def standard_deviation(scale: Fraction) -> float:
    """Of discrete_laplace."""
    odds = math.exp(-1 / float(scale))
    return math.sqrt(2 * odds) / (1 - odds)

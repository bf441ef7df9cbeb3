"""Ranges of time as predicates of literals, by which Delta and Parquet skip files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

from energy_lib.intervals import DAY, midnight_utc

# More ranges than this make a predicate cost more than it saves: the nearest ranges are joined.
MAX_RANGES = 40

# Half-open: from the first instant up to, and without, the second.
Range = tuple[datetime, datetime]


def day_ranges(days: Iterable[date], before: timedelta, after: timedelta) -> list[Range]:
    """Days, each widened by `before` and `after`, as few disjoint half-open ranges of instants."""
    widened = sorted((midnight_utc(d) - before, midnight_utc(d) + DAY + after) for d in days)
    joined: list[Range] = []
    for low, high in widened:
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    while len(joined) > MAX_RANGES:
        i = min(range(len(joined) - 1), key=lambda k: joined[k + 1][0] - joined[k][1])
        joined[i : i + 2] = [(joined[i][0], joined[i + 1][1])]
    return joined


def within(name: str, ranges: list[Range]) -> Column:
    """`name` lies in one of the ranges: literals, so that files and partitions are pruned."""
    in_range = [(F.col(name) >= F.lit(low)) & (F.col(name) < F.lit(high)) for low, high in ranges]
    return reduce(lambda a, b: a | b, in_range, F.lit(False))


def months_within(name: str, ranges: list[Range]) -> Column:
    """The month (a date, its first day) meets one of the ranges."""
    in_range = [
        F.col(name).between(F.lit(low.date().replace(day=1)), F.lit((high - timedelta(microseconds=1)).date()))
        for low, high in ranges
    ]
    return reduce(lambda a, b: a | b, in_range, F.lit(False))

"""Predicates on days with literal bounds, so that Delta reads only the files that can hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

from energy_lib.intervals import DAY


def consecutive(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as (first, last) pairs of spans without a gap. A few pairs make short predicates."""
    spans: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if spans and day - spans[-1][1] == DAY:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def in_days(column: str, spans: Sequence[tuple[date, date]]) -> Column:
    """Whether a timestamp column is within any of the (first, last) days, in UTC."""
    within = F.lit(False)
    for first, last in spans:
        within |= (F.col(column) >= F.lit(f"{first}T00:00:00Z").cast("timestamp")) & (
            F.col(column) < F.lit(f"{last + DAY}T00:00:00Z").cast("timestamp")
        )
    return within


def in_hours(spans: Sequence[tuple[date, date]]) -> Column:
    """Whether an hour of silver.hourly_readings is within any of the (first, last) days.

    It also limits `interval_month`, by which the table is partitioned.
    """
    within = F.lit(False)
    for first, last in spans:
        within |= F.col("interval_month").between(F.lit(first.replace(day=1)), F.lit(last)) & in_days(
            "interval_start_utc", [(first, last)]
        )
    return within

"""Conditions on tables, in delta-rs' SQL: what of them lies in the reach and was known at the origin."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from energy_lib.insights.recommendations.hourly_series import FORECAST_HOURS
from energy_lib.insights.recommendations.meter_year import REACH_DAYS
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.tables import Table


def of_reach(table: Table, origin: datetime, *, ahead: bool = False) -> str:
    """Rows that start in the reach (`ahead`: or in the hours of the forecast) and were known at the origin.

    Partitions come first, so that others are not read: the cost follows the reach and not the history.
    """
    first = origin - timedelta(days=REACH_DAYS)
    last = origin + timedelta(hours=FORECAST_HOURS) if ahead else origin
    parts = [
        f"interval_start_utc >= {instant_sql(first)}",
        f"interval_start_utc < {instant_sql(last)}",
        f"available_at_utc <= {instant_sql(origin)}",
    ]
    if "interval_month" in table.partition_by:
        parts.insert(0, f"interval_month >= DATE '{date(first.year, first.month, 1)}'")
        parts.insert(1, f"interval_month <= DATE '{last.date()}'")
    return " AND ".join(parts)

"""The forecasts of the days that events span, as they had been issued; read without Spark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from energy_lib.insights.anomalies.outside import COLUMNS, HIGH, LOW, bands_of
from energy_lib.lake import Lake
from energy_lib.lake.sql_literals import instant_sql, text_sql
from energy_lib.tables import gold

Row = dict[str, Any]
Bands = dict[str, dict[int, tuple[float, float]]]


def issued_bands(lake: Lake, events: Iterable[Row], as_of: datetime) -> Bands:
    """meter_id -> bands of the hours of its events, from forecasts issued before the hour and by `as_of`.

    Meters are read together whose first event began in the same month: a night reads the days of its own events.
    """
    spans: dict[str, tuple[datetime, datetime]] = {}
    for event in events:
        first, last = spans.get(event["meter_id"], (event["start_utc"], event["end_utc"]))
        spans[event["meter_id"]] = min(first, event["start_utc"]), max(last, event["end_utc"])
    months: dict[date, list[str]] = defaultdict(list)
    for meter_id, (first, _) in spans.items():
        months[first.date().replace(day=1)].append(meter_id)
    found: Bands = {}
    for _, meters in sorted(months.items()):
        firsts, ends = zip(*(spans[meter_id] for meter_id in meters), strict=True)
        names = ", ".join(text_sql(meter_id) for meter_id in sorted(meters))
        where = (
            f"run_kind = 'live' AND {LOW} IS NOT NULL AND {HIGH} IS NOT NULL AND meter_id IN ({names}) "
            f"AND interval_start_utc >= {instant_sql(min(firsts))} AND interval_start_utc < {instant_sql(max(ends))} "
            f"AND origin_utc <= interval_start_utc AND origin_utc <= {instant_sql(as_of)}"
        )
        found |= bands_of(lake.small_tables.read(gold.FORECASTS, COLUMNS, where).to_pandas(timestamp_as_object=False))
    return found

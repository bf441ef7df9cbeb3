"""Origins follow the readings that are there, not the years between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from energy_lib.features.spark.affected_origins import origins_within_reach

REACH_HOURS = 10 * 24


def days(first: str, last: str) -> set[datetime]:
    begin, end = (datetime.fromisoformat(text) for text in (first, last))
    return {begin + timedelta(days=n) for n in range((end - begin).days + 1)}


def test_years_without_readings_make_no_origins(spark: SparkSession) -> None:
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    hours = [("old", datetime(1970, 1, 1, 5, tzinfo=UTC))]
    hours += [(meter, begin + timedelta(hours=h)) for meter in ("old", "new") for h in range(60 * 24)]
    hours += [("gone", datetime(2023, 5, 1, tzinfo=UTC) + timedelta(hours=h)) for h in range(24)]
    frame = spark.createDataFrame(hours, "meter_id string, interval_start_utc timestamp")
    rows = origins_within_reach(frame, 0, REACH_HOURS, datetime(2024, 3, 5, tzinfo=UTC)).collect()
    found: dict[str, set[datetime]] = {}
    for row in rows:
        found.setdefault(row["meter_id"], set()).add(row["origin_utc"])
    assert len(rows) == sum(map(len, found.values())), "each origin once"
    # The last reading is of 2024-02-29 23:00; the period ends before its reach does.
    assert found["new"] == days("2024-01-02", "2024-03-05")
    assert found["old"] == days("1970-01-02", "1970-01-11") | days("2024-01-02", "2024-03-05")
    assert found["gone"] == days("2023-05-02", "2023-05-11")

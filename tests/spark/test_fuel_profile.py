"""The profile of a fuel: whose use it is made of."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from energy_lib.forecasting.fallback import PROFILE
from energy_lib.forecasting.spark.fuel_profile import with_fuel_profile

ORIGIN = datetime(2024, 5, 1, tzinfo=UTC)
COLUMNS = (
    "meter_id string, fuel string, flow string, origin_utc timestamp, horizon_hours int, energy_lag_168h float, "
    "energy_lag_24h float, energy_same_hour_of_week_mean_4w float, log_floor_area float"
)
MEDIAN = PROFILE[len(PROFILE) // 2]


def test_virtual_meters_get_the_profile_of_the_registers_and_give_none(spark: SparkSession) -> None:
    rows = [
        (meter, "electricity", flow, ORIGIN, 1, use, None, None, None)
        for meter, flow, use in (
            ("a", None, 1.0),
            ("b", "import", 2.0),
            ("c", "import", 3.0),
            ("own", "import", 90.0),
            ("sun", "generation", 7.0),
        )
    ]
    profile = with_fuel_profile(spark.createDataFrame(rows, COLUMNS), ["own"]).collect()
    medians = {row["meter_id"]: row[MEDIAN] for row in profile}
    assert medians == {"a": 2.0, "b": 2.0, "c": 2.0, "own": 2.0, "sun": 7.0}


def test_a_meter_of_known_area_gets_its_share(spark: SparkSession) -> None:
    rows = [
        (meter, "gas", "import", ORIGIN, 1, use, None, None, math.log(area))
        for meter, use, area in (("a", 10.0, 100.0), ("b", 20.0, 200.0), ("large", float("nan"), 1000.0))
    ]
    profile = with_fuel_profile(spark.createDataFrame(rows, COLUMNS)).collect()
    medians = {row["meter_id"]: round(row[MEDIAN], 3) for row in profile}
    assert medians == {"a": 10.0, "b": 20.0, "large": 100.0}

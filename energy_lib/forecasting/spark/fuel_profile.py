"""What the meters of a fuel use at an hour, from what was known at the origin: for meters with no past."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.forecasting.fallback import PROFILE
from energy_lib.vocabulary import QUANTILES

KNOWN = ("energy_lag_168h", "energy_lag_24h", "energy_same_hour_of_week_mean_4w")
LOG_AREA = "log_floor_area"
ACCURACY = 1_000


def with_fuel_profile(features: DataFrame) -> DataFrame:
    """`features` with PROFILE columns: quantiles over the meters of the same fuel, origin and hour [kWh].

    A meter whose floor area is known gets the quantiles per m2 times its area, where other areas are known too.
    """
    usage = F.coalesce(*(F.nanvl(F.col(name), F.lit(None)) for name in KNOWN))
    area = F.exp(F.nanvl(F.col(LOG_AREA), F.lit(None)))
    key = ["fuel", "origin_utc", "horizon_hours"]
    levels = list(QUANTILES.values())
    profile = features.groupBy(*key).agg(
        F.percentile_approx(usage, levels, ACCURACY).alias("_plain"),
        F.percentile_approx(usage / area, levels, ACCURACY).alias("_per_m2"),
    )
    joined = features.join(F.broadcast(profile), key, "left")
    columns = [_scaled(place, area).alias(name) for place, name in enumerate(PROFILE)]
    return joined.select(*features.columns, *columns)


def _scaled(place: int, area: Column) -> Column:
    steps = [F.col("_per_m2")[place] * area, F.col("_plain")[place]]
    return reduce(lambda a, b: F.coalesce(a, b), steps)

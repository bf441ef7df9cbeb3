"""The fuel profile: what the meters of a fuel and flow use at an hour, as known at the origin."""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.forecasting.fallback import PROFILE
from energy_lib.vocabulary import QUANTILES, Flow

KNOWN = ("energy_lag_168h", "energy_lag_24h", "energy_same_hour_of_week_mean_4w")
LOG_AREA = "log_floor_area"
ACCURACY = 1_000


def with_fuel_profile(features: DataFrame, virtual: Collection[str] = ()) -> DataFrame:
    """`features` with PROFILE columns: quantiles [kWh] over the meters of the same fuel, flow, origin and hour.

    A meter's use is the first known of the features in KNOWN. A meter whose floor area is known gets the quantiles of
    use per m² times its area, if areas of other meters are known too. Meters in `virtual` get the quantiles and give
    none: their energy is that of the others.
    """
    known = F.coalesce(*(F.nanvl(F.col(name), F.lit(None)) for name in KNOWN))
    usage = F.when(F.col("meter_id").isin(*virtual), None).otherwise(known) if virtual else known
    area = F.exp(F.nanvl(F.col(LOG_AREA), F.lit(None)))
    key = ["fuel", "_flow", "origin_utc", "horizon_hours"]
    features = features.withColumn("_flow", F.coalesce("flow", F.lit(str(Flow.IMPORT))))
    levels = list(QUANTILES.values())
    profile = features.groupBy(*key).agg(
        F.percentile_approx(usage, levels, ACCURACY).alias("_plain"),
        F.percentile_approx(usage / area, levels, ACCURACY).alias("_per_m2"),
    )
    joined = features.join(F.broadcast(profile), key, "left")
    columns = [_profile_quantile(index, area).alias(name) for index, name in enumerate(PROFILE)]
    return joined.drop("_flow").select(*(c for c in features.columns if c != "_flow"), *columns)


def _profile_quantile(index: int, area: Column) -> Column:
    return F.coalesce(F.col("_per_m2")[index] * area, F.col("_plain")[index])

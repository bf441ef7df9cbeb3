"""From forecasts and actuals to one row of sums per model, meter and origin day: all that the scores are made of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.evaluation.metrics import SEASON_HOURS

CELL = ("meter_id", "origin_utc", "interval_start_utc")
MODEL = ("model_name", "model_version")
EXACT = "decimal(28,9)"
NOTHING: Mapping[str, Column] = MappingProxyType({})
LEVELS = {"p10": 0.10, "p50": 0.50, "p90": 0.90}


def measured(hourly: DataFrame) -> DataFrame:
    """Hours that may be scored against: `meter_id, interval_start_utc, actual`; measured whole and not suspect."""
    fit = (F.col("imputed_share") == 0) & (F.size("flags") == 0) & F.col("energy_kwh").isNotNull()
    return hourly.where(fit).select("meter_id", "interval_start_utc", F.col("energy_kwh").alias("actual"))


def scored_cells(forecasts: DataFrame, actuals: DataFrame) -> DataFrame:
    """Forecast rows with their `actual`, only for cells that every model of that origin forecast.

    `forecasts` are those of one run_kind; `actuals` as of `measured`.
    """
    known = forecasts.where(F.col("p50").isNotNull() & ~F.isnan("p50"))
    beside = Window.partitionBy(*CELL)
    everyone = known.groupBy("origin_utc").agg(F.count_distinct(*MODEL).alias("_models"))
    return (
        known.withColumn("_here", F.count(F.lit(1)).over(beside))
        .join(F.broadcast(everyone), "origin_utc")
        .where(F.col("_here") == F.col("_models"))
        .drop("_here", "_models")
        .join(actuals, ["meter_id", "interval_start_utc"])
    )


def daily_sums(cells: DataFrame, *finer: Column) -> DataFrame:
    """Sums over the scored cells per model, meter, origin `day` and `finer`."""
    return sums_by(cells, F.to_date("origin_utc").alias("day"), *finer)


def sums_by(cells: DataFrame, *by: Column, also: Mapping[str, Column] = NOTHING) -> DataFrame:
    """Sums over the scored cells per model, meter and `by`, those of `also` among them."""
    actual, p50 = F.col("actual"), F.col("p50")
    residual = actual - p50
    size = F.abs(actual) + F.abs(p50)
    summed: dict[str, Column] = {
        "energy_kwh": actual,
        "absolute_kwh": F.abs(actual),
        "absolute_error": F.abs(residual),
        "residual": residual,
        "squared_error": residual * residual,
        "symmetric_error": F.when(size > 0, 2 * F.abs(residual) / size).otherwise(0.0),
        "covered": actual.between(F.col("p10"), F.col("p90")).cast("double"),
        "fallbacks": F.col("fallback").isNotNull().cast("double"),
        **{f"pinball_{name}": _pinball(actual - F.col(name), level) for name, level in LEVELS.items()},
        **also,
    }
    return cells.groupBy("run_kind", *MODEL, "fuel", "meter_id", *by).agg(
        F.count(F.lit(1)).alias("cells"), *(_exact_sum(value).alias(name) for name, value in summed.items())
    )


def seasonal_differences(hourly: DataFrame) -> DataFrame:
    """`meter_id, day, hours, difference`: hours known then and 168 h before, and the sum of |y[t] - y[t - 168 h]|."""
    past = measured(hourly)
    unknown = F.lit(None).cast("double")
    now = past.select("meter_id", "interval_start_utc", "actual", unknown.alias("before"))
    later = F.col("interval_start_utc") + F.expr(f"INTERVAL {SEASON_HOURS} HOURS")
    before = past.select(
        "meter_id", later.alias("interval_start_utc"), unknown.alias("actual"), F.col("actual").alias("before")
    )
    # A union and a sum by key: half the shuffle of a self-join.
    pairs = now.union(before).groupBy("meter_id", "interval_start_utc").agg(F.max("actual"), F.max("before"))
    difference = F.abs(F.col("max(actual)") - F.col("max(before)"))
    return (
        pairs.where(difference.isNotNull())
        .groupBy("meter_id", F.to_date("interval_start_utc").alias("day"))
        .agg(F.count(F.lit(1)).alias("hours"), _exact_sum(difference).alias("difference"))
    )


def _exact_sum(value: Column) -> Column:
    """A sum that does not depend on the order of its rows (a sum of doubles does), so that a rerun gives the same."""
    return F.sum(value.cast(EXACT)).cast("double")


def _pinball(difference: Column, level: float) -> Column:
    return F.greatest(level * difference, (level - 1) * difference)

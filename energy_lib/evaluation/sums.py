"""From forecasts and actuals to one row of sums per model, meter and origin day: all that the scores are made of."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.evaluation.days import in_hours
from energy_lib.evaluation.metrics import SEASON_HOURS
from energy_lib.intervals import DAY

CELL = ("meter_id", "origin_utc", "interval_start_utc")
MODEL = ("model_name", "model_version")
SCALE_DAYS = 56
SEASON = timedelta(hours=SEASON_HOURS)
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


def daily_sums(cells: DataFrame, scales: DataFrame) -> DataFrame:
    """Sums over the scored cells per model, meter and origin day; `scales` as of `mase_scales`."""
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
        "covered": F.col("actual").between(F.col("p10"), F.col("p90")).cast("double"),
        "fallbacks": F.col("fallback").isNotNull().cast("double"),
        **{f"pinball_{name}": _pinball(actual - F.col(name), level) for name, level in LEVELS.items()},
    }
    day = F.to_date("origin_utc")
    sums = cells.groupBy("run_kind", *MODEL, "fuel", "meter_id", day.alias("day")).agg(
        F.count(F.lit(1)).alias("cells"), *(F.sum(value).alias(name) for name, value in summed.items())
    )
    month = F.trunc("day", "month")
    joined = sums.withColumn("month", month).join(F.broadcast(scales), ["meter_id", "month"], "left").drop("month")
    return joined.withColumn("scaled_error", F.col("absolute_error") / F.col("scale")).drop("scale")


def mase_scales(hourly: DataFrame, months: list[date]) -> DataFrame:
    """`meter_id, month, scale`: mean |y[t] - y[t - 168 h]| over the SCALE_DAYS before each month [kWh].

    A day's scale depends on its month alone, so a score does not move when the window it stands in does.
    """
    scales = [_scale(hourly, month) for month in months]
    # A meter that never moves has no scale to hold an error against.
    return reduce(DataFrame.unionByName, scales).where(F.col("scale") > 0)


def _scale(hourly: DataFrame, month: date) -> DataFrame:
    start = month - timedelta(days=SCALE_DAYS)
    past = measured(hourly.where(in_hours([(start - SEASON, month - DAY)])))
    later = F.col("interval_start_utc") + F.expr(f"INTERVAL {SEASON_HOURS} HOURS")
    before = past.select("meter_id", later.alias("interval_start_utc"), F.col("actual").alias("before"))
    pairs = past.join(before, ["meter_id", "interval_start_utc"])
    scale = pairs.groupBy("meter_id").agg(F.avg(F.abs(F.col("actual") - F.col("before"))).alias("scale"))
    return scale.withColumn("month", F.lit(month))


def _pinball(difference: Column, level: float) -> Column:
    return F.greatest(level * difference, (level - 1) * difference)

"""From forecasts and actuals to one row of sums per model, meter and origin day: all that the scores are made of."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.metrics import METRICS, Term, terms_of
from energy_lib.metrics.declared import SEASON_HOURS
from energy_lib.metrics.terms import CELLS, Value

CELL = ("meter_id", "origin_utc", "interval_start_utc")
MODEL = ("model_name", "model_version")
EXACT = "decimal(28,9)"
SCORE_TERMS = terms_of(METRICS.values())


class SparkOperations:
    """`Operations` of the metrics' terms on Spark columns."""

    def absolute(self, value: Value) -> Value:
        return F.abs(value)

    def larger(self, one: Value, other: Value) -> Value:
        return F.greatest(one, other)

    def quotient(self, top: Value, bottom: Value) -> Value:
        return F.when(bottom > 0, top / bottom).otherwise(0.0)

    def indicator(self, condition: Value) -> Value:
        return condition.cast("double")

    def known(self, value: Value) -> Value:
        return value.isNotNull()


SPARK = SparkOperations()


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


def daily_sums(cells: DataFrame, *finer: Column, terms: Sequence[Term] = SCORE_TERMS) -> DataFrame:
    """Sums over the scored cells per model, meter, origin `day` and `finer`."""
    return sums_by(cells, F.to_date("origin_utc").alias("day"), *finer, terms=terms)


def sums_by(cells: DataFrame, *by: Column, terms: Sequence[Term] = SCORE_TERMS) -> DataFrame:
    """Count of the scored cells, and sums of `terms`, per model, meter and `by`.

    A sum is NULL where one of its cells has no value, so that a quantile that is missing never counts as no loss.
    """
    summed = [term for term in terms if not term.of_day and term is not CELLS]
    columns = (_whole_sum(term.formula(F.col, SPARK)).alias(term.name) for term in summed)
    groups = cells.groupBy("run_kind", *MODEL, "fuel", "meter_id", *by)
    return groups.agg(F.count(F.lit(1)).alias(CELLS.name), *columns)


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


def _whole_sum(value: Column) -> Column:
    """`_exact_sum`, NULL if any row is."""
    return F.when(F.count(value) == F.count(F.lit(1)), _exact_sum(value))


def _exact_sum(value: Column) -> Column:
    """A sum that does not depend on the order of its rows (a sum of doubles does), so that a rerun gives the same."""
    return F.sum(value.cast(EXACT)).cast("double")

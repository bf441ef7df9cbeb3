"""Sums over the scored cells per model, meter and origin day. All scores follow from these sums."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.metrics import METRICS, Term, terms_of
from energy_lib.metrics.definitions import SEASON_HOURS
from energy_lib.metrics.terms import CELLS, Value
from energy_lib.vocabulary import Flow

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
    """`meter_id, interval_start_utc, actual` [kWh] of the hours that are fit to score: measured whole, not suspect.

    `hourly` are rows of silver.hourly_readings.
    """
    fit = (F.col("imputed_share") == 0) & (F.size("flags") == 0) & F.col("energy_kwh").isNotNull()
    return hourly.where(fit).select("meter_id", "interval_start_utc", F.col("energy_kwh").alias("actual"))


def scored_cells(forecasts: DataFrame, actuals: DataFrame) -> DataFrame:
    """Forecast rows with their `actual`, for the cells that every model of their origin forecast.

    `fuel` becomes the commodity, so that flows are scored apart: electricity, or electricity_export.
    `forecasts` are rows of gold.forecasts of one run_kind; `actuals` come from `measured`.
    """
    known = forecasts.where(F.col("p50").isNotNull() & ~F.isnan("p50")).withColumn("fuel", commodity())
    same_cell = Window.partitionBy(*CELL)
    models_of_origin = known.groupBy("origin_utc").agg(F.count_distinct(*MODEL).alias("_models_of_origin"))
    return (
        known.withColumn("_models_of_cell", F.count(F.lit(1)).over(same_cell))
        .join(F.broadcast(models_of_origin), "origin_utc")
        .where(F.col("_models_of_cell") == F.col("_models_of_origin"))
        .drop("_models_of_cell", "_models_of_origin")
        .join(actuals, ["meter_id", "interval_start_utc"])
    )


def commodity() -> Column:
    """The text of a Commodity, from the columns `fuel` and `flow`."""
    of_import = F.col("flow").isNull() | (F.col("flow") == str(Flow.IMPORT))
    return F.when(of_import, F.col("fuel")).otherwise(F.concat_ws("_", "fuel", "flow"))


def daily_sums(cells: DataFrame, *by: Column, terms: Sequence[Term] = SCORE_TERMS) -> DataFrame:
    """`sums_by` with the origin's `day` before the columns `by`."""
    return sums_by(cells, F.to_date("origin_utc").alias("day"), *by, terms=terms)


def sums_by(cells: DataFrame, *by: Column, terms: Sequence[Term] = SCORE_TERMS) -> DataFrame:
    """`cells` (how many) and a column for the sum of each term, per run kind, model, fuel, meter and `by`.

    A sum is NULL if one of its cells has no value, so that a missing quantile does not count as one without loss.
    """
    summed = [term for term in terms if not term.of_day and term is not CELLS]
    columns = (_whole_sum(term.formula(F.col, SPARK)).alias(term.name) for term in summed)
    groups = cells.groupBy("run_kind", *MODEL, "fuel", "meter_id", *by)
    return groups.agg(F.count(F.lit(1)).alias(CELLS.name), *columns)


def seasonal_differences(hourly: DataFrame) -> DataFrame:
    """`meter_id, day, hours, difference`: the sum of |y[t] - y[t - 168 h]| [kWh] and the number of its hours.

    An hour counts if it and the hour 168 h before are fit to score (`measured`).
    """
    past = measured(hourly)
    unknown = F.lit(None).cast("double")
    now = past.select("meter_id", "interval_start_utc", "actual", unknown.alias("before"))
    later = F.col("interval_start_utc") + F.expr(f"INTERVAL {SEASON_HOURS} HOURS")
    before = past.select(
        "meter_id", later.alias("interval_start_utc"), unknown.alias("actual"), F.col("actual").alias("before")
    )
    # A union grouped by key shuffles half as much as a self-join.
    pairs = now.union(before).groupBy("meter_id", "interval_start_utc").agg(F.max("actual"), F.max("before"))
    difference = F.abs(F.col("max(actual)") - F.col("max(before)"))
    return (
        pairs.where(difference.isNotNull())
        .groupBy("meter_id", F.to_date("interval_start_utc").alias("day"))
        .agg(F.count(F.lit(1)).alias("hours"), _exact_sum(difference).alias("difference"))
    )


def _whole_sum(value: Column) -> Column:
    """`_exact_sum`, but NULL if any row is NULL."""
    return F.when(F.count(value) == F.count(F.lit(1)), _exact_sum(value))


def _exact_sum(value: Column) -> Column:
    """A sum in decimals. A sum of doubles would depend on the order of rows, and a rerun would change bits."""
    return F.sum(value.cast(EXACT)).cast("double")

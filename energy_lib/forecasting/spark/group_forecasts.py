"""Forecasts of buildings, sites and the portfolio from those of their meters: gold.group_forecasts rows, on Spark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf

from energy_lib.evaluation.spark.daily_sums import EXACT
from energy_lib.features.spark.affected_origins import first_origin_at
from energy_lib.forecasting.group_spread import (
    FEWEST_ORIGINS,
    NAMES,
    OWN_MEDIAN,
    PAST_ORIGINS,
    POSITIONS,
    SUM_OF_QUANTILES,
    positions_of,
    spread_of,
)
from energy_lib.tables import gold
from energy_lib.vocabulary import QUANTILES

GROUP = ("group_kind", "group_id", "fuel")
MODEL = ("model_name", "model_version")
DAY = "INTERVAL 1 DAY"


def places(meters: DataFrame, buildings: DataFrame) -> DataFrame:
    """`meter_id, building_id, site_id` of silver.meters; a site that the meter lacks is its building's."""
    theirs = buildings.select("building_id", F.col("site_id").alias("_site"))
    joined = meters.select("meter_id", "building_id", "site_id").join(F.broadcast(theirs), "building_id", "left")
    return joined.select("meter_id", "building_id", F.coalesce("site_id", "_site").alias("site_id"))


def in_groups(rows: DataFrame, places: DataFrame) -> DataFrame:
    """Rows with `meter_id`, once for each group of the meter: the portfolio, its building and its site where known."""
    groups = F.array(
        *(
            F.struct(F.lit(kind).alias("group_kind"), of.alias("group_id"))
            for kind, of in (("portfolio", F.lit("*")), ("site", F.col("site_id")), ("building", F.col("building_id")))
        )
    )
    exploded = rows.join(F.broadcast(places), "meter_id", "left").withColumn("_group", F.explode(groups))
    return exploded.select(*rows.columns, "_group.*").where(F.col("group_id").isNotNull())


def summed(forecasts: DataFrame, places: DataFrame) -> DataFrame:
    """gold.forecasts rows of whole origins, summed by group: all columns but what the past must say of the spread."""
    cell = (*GROUP, "origin_utc", "interval_start_utc", *MODEL, "run_kind", "horizon_hours")
    shares = {"imputed_share": F.col("imputed_share"), "fallback_share": F.col("fallback").isNotNull().cast("double")}
    sums = in_groups(forecasts, places).groupBy(*cell).agg(
        F.count(F.lit(1)).cast("int").alias("meters"),
        *(_exact(F.col(name)).alias(name) for name in QUANTILES),
        *(_exact(share).alias(name) for name, share in shares.items()),
    )  # fmt: skip
    quantiles = (F.col(name).cast("double").alias(name) for name in QUANTILES)
    means = ((F.col(name).cast("double") / F.col("meters")).alias(name) for name in shares)
    return sums.select(*cell, "meters", *quantiles, *means)


def known_sums(
    cells: DataFrame, hourly: DataFrame, first: datetime, last: datetime, origin_hour_utc: int, every_days: int
) -> DataFrame:
    """Past forecasts and actuals, summed by group over the meters whose hour each origin `first` … `last` knew.

    `cells`: gold.forecasts rows of one run_kind as of `in_groups`; `hourly`: silver.hourly_readings.
    Gives GROUP, MODEL, `origin_utc`, `past_origin_utc`, `horizon_hours`, `heard` (meters), QUANTILES
    and `actual` [kWh]. An hour counts that was read whole, known at the origin, and not suspect then.
    """
    end = F.col("interval_start_utc") + F.expr("INTERVAL 1 HOUR")
    actuals = hourly.where((F.col("imputed_share") == 0) & F.col("energy_kwh").isNotNull()).select(
        "meter_id",
        "interval_start_utc",
        F.col("energy_kwh").alias("actual"),
        first_origin_at(F.greatest(end, "available_at_utc"), origin_hour_utc).alias("_from"),
        first_origin_at(F.col("suspect_from_utc"), origin_hour_utc).alias("_suspect"),
    )
    key = (*GROUP, *MODEL, F.col("origin_utc").alias("past_origin_utc"), "horizon_hours")
    # Nearly all hours of a group become known at one origin: summed before they are spread over the later ones.
    heard = cells.join(actuals, ["meter_id", "interval_start_utc"])
    sums = heard.groupBy(*key, "_from", "_suspect").agg(
        F.count(F.lit(1)).alias("heard"), *(_exact(F.col(name)).alias(name) for name in (*QUANTILES, "actual"))
    )
    reach = F.col("past_origin_utc") + F.expr(f"INTERVAL {PAST_ORIGINS * every_days} DAY")
    until = F.least(reach, F.lit(last), F.col("_suspect") - F.expr(DAY))
    since = F.greatest(F.col("_from"), F.lit(first))
    known = sums.where(since <= until).select("*", F.explode(F.sequence(since, until, F.expr(DAY))).alias("origin_utc"))
    whole = known.groupBy(*GROUP, *MODEL, "origin_utc", "past_origin_utc", "horizon_hours").agg(
        *(F.sum(name).alias(name) for name in ("heard", *QUANTILES, "actual"))
    )
    return whole.withColumns({name: F.col(name).cast("double") for name in (*QUANTILES, "actual")})


def spreads(sums: DataFrame, past: DataFrame) -> DataFrame:
    """GROUP, `origin_utc`, MODEL, `day_ahead` → POSITIONS and `past_origins`, where these are enough.

    `sums` as of `summed`, `past` as of `known_sums`. The errors of all versions of a model count, those of all hours
    of the same day ahead together: at least half of the group's meters must have been heard, and a sum without any
    width says nothing.
    """
    key = (*GROUP, "origin_utc", *MODEL)
    sizes = sums.groupBy(*key).agg(F.max("meters").alias("_meters")).where(F.col("_meters") > 1)
    cells = past.drop("model_version").join(F.broadcast(sizes), [*GROUP, "origin_utc", "model_name"])
    fit = cells.where((2 * F.col("heard") >= F.col("_meters")) & (F.col("p95") > F.col("p05")))
    stood = _of_frames(positions_of, ["position"])(F.struct(*QUANTILES, "actual"))
    found = fit.select(*key, _day_ahead().alias("day_ahead"), "past_origin_utc", stood.alias("_stood"))
    levels = F.array(*(F.lit(level) for level in QUANTILES.values()))
    read = found.groupBy(*key, "day_ahead").agg(
        F.percentile("_stood.position", levels).alias("_positions"),
        F.count_distinct("past_origin_utc").cast("int").alias("past_origins"),
    )
    each = (F.col("_positions")[place].alias(name) for place, name in enumerate(POSITIONS))
    return read.where(F.col("past_origins") >= FEWEST_ORIGINS).select(*key, "day_ahead", "past_origins", *each)


def group_forecasts(sums: DataFrame, spread: DataFrame) -> DataFrame:
    """gold.group_forecasts rows from `summed` and `spreads`; where the past says too little, the sums of quantiles."""
    key = [*GROUP, "origin_utc", *MODEL, "day_ahead"]
    joined = sums.withColumn("day_ahead", _day_ahead()).join(F.broadcast(spread), key, "left")
    lacks = (F.col("meters") > 1) & F.col("past_origins").isNull()
    made = joined.withColumns(
        {
            "fallback": F.when(lacks, F.lit(SUM_OF_QUANTILES)),
            "past_origins": F.coalesce("past_origins", F.lit(0)),
            "_own": _of_frames(spread_of, [*NAMES, OWN_MEDIAN])(F.struct(*NAMES, *POSITIONS)),
        }
    )
    others = [name for name in gold.GROUP_FORECASTS.column_names if name not in (*NAMES, OWN_MEDIAN)]
    return made.select(*others, "_own.*")


def _of_frames(function: Callable[[pd.DataFrame], pd.DataFrame], names: list[str]) -> Callable[[Column], Column]:
    """A pandas UDF from a struct to a struct of doubles."""
    schema = ", ".join(f"{name} double" for name in names)
    udf: Callable[[Column], Column] = pandas_udf(function, schema)  # type: ignore[call-overload]  # of series only
    return udf


def _day_ahead() -> Column:
    return F.ceil(F.col("horizon_hours") / 24)


def _exact(value: Column) -> Column:
    """A sum in decimals: it does not depend on the order of its rows, so that the groups' sums add up."""
    return F.sum(value.cast(EXACT))

"""Rows of gold.group_forecasts (buildings, sites, the portfolio) from the forecasts of their meters, on Spark."""

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

GROUP = ("group_kind", "group_id", "fuel", "flow")
MODEL = ("model_name", "model_version")
DAY = "INTERVAL 1 DAY"


def group_places(meters: DataFrame, buildings: DataFrame) -> DataFrame:
    """`meter_id, building_id, site_id`: a meter's site is that of silver.meters, or else its building's."""
    building_sites = buildings.select("building_id", F.col("site_id").alias("_building_site"))
    joined = meters.select("meter_id", "building_id", "site_id").join(
        F.broadcast(building_sites), "building_id", "left"
    )
    return joined.select("meter_id", "building_id", F.coalesce("site_id", "_building_site").alias("site_id"))


def in_groups(rows: DataFrame, places: DataFrame) -> DataFrame:
    """Each row once for each group of its meter: the portfolio, and its site and building where they are known.

    `rows` has `meter_id`; `places` comes from `group_places`. Adds `group_kind` and `group_id`.
    """
    group_ids = {"portfolio": F.lit("*"), "site": F.col("site_id"), "building": F.col("building_id")}
    groups = F.array(
        *(F.struct(F.lit(kind).alias("group_kind"), group_id.alias("group_id")) for kind, group_id in group_ids.items())
    )
    exploded = rows.join(F.broadcast(places), "meter_id", "left").withColumn("_group", F.explode(groups))
    return exploded.select(*rows.columns, "_group.*").where(F.col("group_id").isNotNull())


def summed(forecasts: DataFrame, places: DataFrame) -> DataFrame:
    """Rows of gold.forecasts of whole origins, summed by group.

    Gives the columns of gold.group_forecasts but `own_p50`, `fallback` and `past_origins`. QUANTILES are the sums of
    the meters' quantiles [kWh].
    """
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

    `cells` are rows of gold.forecasts of one run_kind after `in_groups`; `hourly` are rows of silver.hourly_readings.
    Gives GROUP, MODEL, `origin_utc`, `past_origin_utc`, `horizon_hours`, `known_meters` (how many were summed),
    QUANTILES and `actual` [kWh]. A meter's hour counts if it was read whole, and was known and not suspect at the
    origin.
    """
    end = F.col("interval_start_utc") + F.expr("INTERVAL 1 HOUR")
    actuals = hourly.where((F.col("imputed_share") == 0) & F.col("energy_kwh").isNotNull()).select(
        "meter_id",
        "interval_start_utc",
        F.col("energy_kwh").alias("actual"),
        first_origin_at(F.greatest(end, "available_at_utc"), origin_hour_utc).alias("_known_from"),
        first_origin_at(F.col("suspect_from_utc"), origin_hour_utc).alias("_suspect_from"),
    )
    key = (*GROUP, *MODEL, F.col("origin_utc").alias("past_origin_utc"), "horizon_hours")
    # Nearly all meters of a group become known at one origin, so they are summed before the rows are repeated for the
    # later origins.
    known_cells = cells.join(actuals, ["meter_id", "interval_start_utc"])
    sums = known_cells.groupBy(*key, "_known_from", "_suspect_from").agg(
        F.count(F.lit(1)).alias("known_meters"), *(_exact(F.col(name)).alias(name) for name in (*QUANTILES, "actual"))
    )
    reach = F.col("past_origin_utc") + F.expr(f"INTERVAL {PAST_ORIGINS * every_days} DAY")
    until = F.least(reach, F.lit(last), F.col("_suspect_from") - F.expr(DAY))
    since = F.greatest(F.col("_known_from"), F.lit(first))
    known = sums.where(since <= until).select("*", F.explode(F.sequence(since, until, F.expr(DAY))).alias("origin_utc"))
    whole = known.groupBy(*GROUP, *MODEL, "origin_utc", "past_origin_utc", "horizon_hours").agg(
        *(F.sum(name).alias(name) for name in ("known_meters", *QUANTILES, "actual"))
    )
    return whole.withColumns({name: F.col(name).cast("double") for name in (*QUANTILES, "actual")})


def spreads(sums: DataFrame, past: DataFrame) -> DataFrame:
    """GROUP, `origin_utc`, MODEL, `day_ahead`, POSITIONS and `past_origins`, where at least FEWEST_ORIGINS are known.

    `sums` comes from `summed`, `past` from `known_sums`. POSITIONS are quantiles over the past positions of all
    versions of the model and of all hours of the same day ahead. A past sum counts if at least half of the group's
    meters are in it and its quantiles differ.
    """
    key = (*GROUP, "origin_utc", *MODEL)
    sizes = sums.groupBy(*key).agg(F.max("meters").alias("_meters")).where(F.col("_meters") > 1)
    cells = past.drop("model_version").join(F.broadcast(sizes), [*GROUP, "origin_utc", "model_name"])
    fit = cells.where((2 * F.col("known_meters") >= F.col("_meters")) & (F.col("p95") > F.col("p05")))
    position = _struct_udf(positions_of, ["position"])(F.struct(*QUANTILES, "actual"))
    past_positions = fit.select(*key, _day_ahead().alias("day_ahead"), "past_origin_utc", position.alias("_past"))
    levels = F.array(*(F.lit(level) for level in QUANTILES.values()))
    positions = past_positions.groupBy(*key, "day_ahead").agg(
        F.percentile("_past.position", levels).alias("_positions"),
        F.count_distinct("past_origin_utc").cast("int").alias("past_origins"),
    )
    columns = (F.col("_positions")[index].alias(name) for index, name in enumerate(POSITIONS))
    return positions.where(F.col("past_origins") >= FEWEST_ORIGINS).select(*key, "day_ahead", "past_origins", *columns)


def group_forecasts(sums: DataFrame, spread: DataFrame) -> DataFrame:
    """Rows of gold.group_forecasts from `summed` and `spreads`. Without a spread they keep the sums of quantiles."""
    key = [*GROUP, "origin_utc", *MODEL, "day_ahead"]
    joined = sums.withColumn("day_ahead", _day_ahead()).join(F.broadcast(spread), key, "left")
    lacks_history = (F.col("meters") > 1) & F.col("past_origins").isNull()
    with_own = joined.withColumns(
        {
            "fallback": F.when(lacks_history, F.lit(SUM_OF_QUANTILES)),
            "past_origins": F.coalesce("past_origins", F.lit(0)),
            "_own": _struct_udf(spread_of, [*NAMES, OWN_MEDIAN])(F.struct("flow", *NAMES, *POSITIONS)),
        }
    )
    others = [name for name in gold.GROUP_FORECASTS.column_names if name not in (*NAMES, OWN_MEDIAN)]
    return with_own.select(*others, "_own.*")


def _struct_udf(function: Callable[[pd.DataFrame], pd.DataFrame], names: list[str]) -> Callable[[Column], Column]:
    """A pandas UDF from a struct (a frame for `function`) to a struct of doubles with the fields `names`."""
    schema = ", ".join(f"{name} double" for name in names)
    udf: Callable[[Column], Column] = pandas_udf(function, schema)  # type: ignore[call-overload]  # it is typed for series only
    return udf


def _day_ahead() -> Column:
    return F.ceil(F.col("horizon_hours") / 24)


def _exact(value: Column) -> Column:
    """A sum in decimals. It does not depend on the order of rows, so that the sums of groups add up."""
    return F.sum(value.cast(EXACT))

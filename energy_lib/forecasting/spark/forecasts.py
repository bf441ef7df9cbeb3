"""Forecasts of many meters and origins at once, on Spark's executors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pandas as pd
from pyspark.sql import DataFrame

from energy_lib.forecasting.model_forecasts import ModelRef, forecast_rows, whole_groups
from energy_lib.forecasting.spark.fuel_profile import with_fuel_profile
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import gold

GROUP = ["meter_id", "origin_utc"]


def forecast_frame(
    features: DataFrame, models: tuple[ModelRef, ...], run_kind: str, virtual: Collection[str] = ()
) -> DataFrame:
    """Rows of gold.forecasts by every model, from rows of gold.features with whole (meter, origin) groups.

    The features are shuffled once, by meter and origin. Each Python worker loads a model once and predicts many
    groups in a call. `virtual`: the virtual meters, see with_fuel_profile.
    """
    ordered = (
        with_fuel_profile(features, virtual).repartition(*GROUP).sortWithinPartitions(*GROUP, "interval_start_utc")
    )

    def predict(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for groups in whole_groups(batches):
            for model in models:
                yield forecast_rows(groups, model, run_kind)

    return ordered.mapInPandas(predict, spark_schema(gold.FORECASTS))

"""Issue forecasts for origins of gold.features: read, predict, audit, publish."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.features import features_table
from energy_lib.forecasting.batch import ModelRef, forecast_frame
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.quality import gate
from energy_lib.tables import gold


def origins_of(config: Config, period: Period) -> list[datetime]:
    """The period's origins; raises BadConfig if it has none."""
    every = config.features.origin_every_days
    origins = period.origins(config.features.origin_hour_utc, every)
    if not origins:
        raise BadConfig(f"{period} has no origin (features.origin_every_days is {every}): take a period that has one.")
    return origins


def features_of(lake: Lake, config: Config, period: Period) -> DataFrame:
    """gold.features of the period's origins; raises InputMissing naming the days that are not there."""
    origins = origins_of(config, period)
    wanted = F.col("origin_utc").between(F.lit(origins[0]), F.lit(origins[-1]))
    features = lake.read(features_table()).where(wanted)
    there = {row[0] for row in features.select(F.to_date("origin_utc")).distinct().collect()}
    missing = [origin.date() for origin in origins if origin.date() not in there]
    if missing:
        raise InputMissing(
            f"gold.features has no rows for {len(missing)} of {len(origins)} origins (first {missing[0]}): "
            f"run jobs/build_features.py --from {missing[0]} --to {missing[-1]} first."
        )
    return features


def issue(
    lake: Lake, config: Config, period: Period, models: tuple[ModelRef, ...], run_kind: str, label: str = "batch"
) -> tuple[int, dict[str, Any]]:
    """Forecast the period's origins with every model and replace their rows; returns rows and the gate's result.

    Live, an origin's forecasts are replaced whole; of a backtest only those of the same models.
    """
    frame = forecast_frame(features_of(lake, config, period), models, run_kind)
    origins = origins_of(config, period)
    first, last = origins[0], origins[-1]
    predicate = f"run_kind = '{run_kind}' AND origin_utc >= '{_literal(first)}' AND origin_utc <= '{_literal(last)}'"
    if run_kind == "backtest":
        named = (f"(model_name = '{model.name}' AND model_version = '{model.version}')" for model in models)
        predicate += f" AND ({' OR '.join(named)})"
    with lake.staged(gold.FORECASTS, frame, label) as staged:
        result = gate(staged, gold.FORECASTS)
        lake.replace_where(gold.FORECASTS, staged, predicate)
    return int(result["rows"]), result


def _literal(instant: datetime) -> str:
    assert instant.utcoffset() == timedelta(0)
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"

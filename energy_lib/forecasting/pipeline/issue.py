"""Issue forecasts for origins of gold.features: read, predict, audit, publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.config import Config
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.features.spark.stored_features import read_features
from energy_lib.forecasting.model_forecasts import ModelRef
from energy_lib.forecasting.spark.forecasts import forecast_frame
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.quality import gate
from energy_lib.tables import gold


@dataclass(frozen=True, slots=True)
class Window:
    """Days whose origins the same models forecast."""

    period: Period
    models: tuple[ModelRef, ...]


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
    features = read_features(lake).where(within(origins))
    require_days(features, origins, "gold.features has no rows", "build_features")
    return features


def require_days(rows: DataFrame, origins: Sequence[datetime], lack: str, job: str) -> None:
    """Raises InputMissing, which says what is lacking and which job makes it, if an origin's day has no rows."""
    there = {row[0] for row in rows.select(F.to_date("origin_utc")).distinct().collect()}
    missing = [origin.date() for origin in origins if origin.date() not in there]
    if missing:
        raise InputMissing(
            f"{lack} for {len(missing)} of {len(origins)} origins (first {missing[0]}): "
            f"run jobs/{job}.py --from {missing[0]} --to {missing[-1]} first."
        )


def issue(
    lake: Lake, config: Config, windows: Sequence[Window], run_kind: str, label: str = "batch"
) -> tuple[int, dict[str, Any]]:
    """Forecast the origins of consecutive windows and replace their rows; returns rows and the gate's result.

    Live, an origin's forecasts are replaced whole; of a backtest only those of the same models.
    """
    whole = Period(windows[0].period.first, windows[-1].period.last)
    features, origins = features_of(lake, config, whole), origins_of(config, whole)
    # One plan: the windows' models are at work side by side, and all is published or nothing.
    parts = [
        forecast_frame(features.where(within(origins_of(config, window.period))), window.models, run_kind)
        for window in windows
    ]
    predicate = issued(run_kind, origins)
    if run_kind == "backtest":
        models = dict.fromkeys((model.name, model.version) for window in windows for model in window.models)
        named = (f"(model_name = '{name}' AND model_version = '{version}')" for name, version in models)
        predicate += f" AND ({' OR '.join(named)})"
    with lake.staged(gold.FORECASTS, reduce(DataFrame.unionByName, parts), label) as staged:
        result = gate(staged, gold.FORECASTS)
        lake.replace_where(gold.FORECASTS, staged, predicate)
    return int(result["rows"]), result


def within(origins: Sequence[datetime]) -> Column:
    """Rows from the first to the last of the origins, as literals."""
    return F.col("origin_utc").between(F.lit(origins[0]), F.lit(origins[-1]))


def issued(run_kind: str, origins: Sequence[datetime]) -> str:
    """The rows of a run kind `within` the origins, as a predicate of Delta."""
    first, last = _literal(origins[0]), _literal(origins[-1])
    return f"run_kind = '{run_kind}' AND origin_utc >= '{first}' AND origin_utc <= '{last}'"


def _literal(instant: datetime) -> str:
    assert instant.utcoffset() == timedelta(0)
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"

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
from energy_lib.features import features_table
from energy_lib.forecasting.batch import ModelRef, forecast_frame
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
    features = lake.read(features_table()).where(within(origins))
    there = {row[0] for row in features.select(F.to_date("origin_utc")).distinct().collect()}
    missing = [origin.date() for origin in origins if origin.date() not in there]
    if missing:
        raise InputMissing(
            f"gold.features has no rows for {len(missing)} of {len(origins)} origins (first {missing[0]}): "
            f"run jobs/build_features.py --from {missing[0]} --to {missing[-1]} first."
        )
    return features


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
    first, last = literal(origins[0]), literal(origins[-1])
    predicate = f"run_kind = '{run_kind}' AND origin_utc >= '{first}' AND origin_utc <= '{last}'"
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


def literal(instant: datetime) -> str:
    """An instant (UTC) as a predicate of Delta has it."""
    assert instant.utcoffset() == timedelta(0)
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"

"""Issue forecasts for origins of gold.features: read the features, predict, audit the batch, publish it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.registers_only import virtual_ids
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
    """A period, and the models that forecast its origins."""

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
    """Rows of gold.features of the period's origins; raises InputMissing, which names the days without any."""
    origins = origins_of(config, period)
    features = read_features(lake).where(within(origins))
    require_days(features, origins, "gold.features has no rows", "build_features")
    return features


def require_days(rows: DataFrame, origins: Sequence[datetime], lack: str, job: str) -> None:
    """Raise InputMissing if an origin's day has no rows. `lack` says what is missing, `job` which job makes it."""
    days = {row[0] for row in rows.select(F.to_date("origin_utc")).distinct().collect()}
    missing = [origin.date() for origin in origins if origin.date() not in days]
    if missing:
        raise InputMissing(
            f"{lack} for {len(missing)} of {len(origins)} origins (first {missing[0]}): "
            f"run jobs/{job}.py --from {missing[0]} --to {missing[-1]} first."
        )


def issue(
    lake: Lake, config: Config, windows: Sequence[Window], run_kind: str, label: str = "batch"
) -> tuple[int, dict[str, Any]]:
    """Forecast the origins of consecutive windows and replace their rows; returns how many rows, and the gate's result.

    Live forecasts replace all forecasts of their origins; those of a backtest replace only those of the same models.
    Raises BadConfig if a window has no origin, InputMissing if an origin has no features, GateRefused.
    """
    whole = Period(windows[0].period.first, windows[-1].period.last)
    features, origins = features_of(lake, config, whole), origins_of(config, whole)
    virtual = sorted(virtual_ids(lake))
    # One plan for all windows: they are forecast in parallel, and all of them are published or none.
    parts = [
        forecast_frame(features.where(within(origins_of(config, window.period))), window.models, run_kind, virtual)
        for window in windows
    ]
    predicate = issued_predicate(run_kind, origins)
    if run_kind == "backtest":
        models = dict.fromkeys((model.name, model.version) for window in windows for model in window.models)
        named = (f"(model_name = '{name}' AND model_version = '{version}')" for name, version in models)
        predicate += f" AND ({' OR '.join(named)})"
    with lake.staged(gold.FORECASTS, reduce(DataFrame.unionByName, parts), label) as staged:
        result = gate(staged.rows, gold.FORECASTS)
        lake.replace_where(gold.FORECASTS, staged.frame, predicate)
    return int(result["rows"]), result


def within(origins: Sequence[datetime]) -> Column:
    """Whether a row's origin is from the first to the last of `origins`, with literal bounds."""
    return F.col("origin_utc").between(F.lit(origins[0]), F.lit(origins[-1]))


def issued_predicate(run_kind: str, origins: Sequence[datetime]) -> str:
    """SQL predicate on a run kind and on origins from the first to the last of `origins`, as Delta takes it."""
    first, last = _literal(origins[0]), _literal(origins[-1])
    return f"run_kind = '{run_kind}' AND origin_utc >= '{first}' AND origin_utc <= '{last}'"


def _literal(instant: datetime) -> str:
    assert instant.utcoffset() == timedelta(0)
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"

"""Forecast every meter from each origin of the period: the champion, and both seasonal naives beside it."""

from __future__ import annotations

import sys
from functools import partial
from itertools import groupby

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.forecasting.model_forecasts import NO_MODEL, ModelRef
from energy_lib.forecasting.pipeline.issue import Window, issue
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.registry.versions import champion_before
from energy_lib.tables import gold


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Each origin gets the champion as it was trained before it: a rerun of an old night never looks ahead."""
    lake = Lake(spark, config.lake)
    outcome = Outcome()
    for found, group in groupby(
        period.origin_days(config.features.origin_every_days), key=partial(champion_before, config)
    ):
        days = list(group)
        model = NO_MODEL if found is None else ModelRef(*found)
        models = (model, *(ModelRef.baseline(name) for name in SEASONAL_NAIVES))
        served = Period(days[0], days[-1])
        rows, result = issue(lake, config, [Window(served, models)], "live")
        outcome.rows_out += rows
        outcome.gates.append(result)
        by = "the fallbacks (no champion yet)" if found is None else f"{model.name} {model.version}"
        outcome.lines.append(f"{served}: {rows:,} forecasts by {by} and seasonal naive.")
    if not outcome.lines:
        outcome.lines.append(f"{period} has no origin (features.origin_every_days): nothing to forecast.")
    outcome.versions_written[gold.FORECASTS.full_name] = lake.version(gold.FORECASTS)
    return outcome


if __name__ == "__main__":
    sys.exit(main("forecast", "Forecast every meter from each origin of the period.", run))

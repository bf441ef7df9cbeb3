"""Forecast every meter from each origin of the period: the champion, and both seasonal naives beside it."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.forecasting.batch import NO_MODEL, ModelRef
from energy_lib.forecasting.issue import issue
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.tables import gold
from energy_lib.training.registry import champion_before


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Each origin gets the champion as it was trained before it: a rerun of an old night never looks ahead."""
    lake = Lake(spark, config.lake)
    outcome = Outcome()
    for day in period.days():
        found = champion_before(config, day)
        model = NO_MODEL if found is None else ModelRef(*found)
        models = (model, *(ModelRef.baseline(name) for name in SEASONAL_NAIVES))
        rows, result = issue(lake, config, Period.day(day), models, "live")
        outcome.rows_out += rows
        outcome.gates.append(result)
        outcome.lines.append(f"{day}: {rows:,} forecasts by {model.name} {model.version} and seasonal naive.")
    outcome.versions_written[gold.FORECASTS.full_name] = lake.version(gold.FORECASTS)
    return outcome


if __name__ == "__main__":
    sys.exit(main("forecast", "Forecast every meter from each origin of the period.", run))

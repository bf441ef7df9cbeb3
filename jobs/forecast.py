"""Forecast every meter from each origin of the period, by the champion and by both seasonal naives."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.forecasting.model_forecasts import NO_MODEL, ModelRef
from energy_lib.forecasting.pipeline.issue_forecasts import Window, issue
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import SEASONAL_NAIVES
from energy_lib.registry.store_check import ModelStoreBroken
from energy_lib.registry.versions import champion_before
from energy_lib.tables import gold


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Forecast each origin by the champion of that day, so that a rerun of an old night uses nothing learnt later.

    A model store that cannot be used costs no forecasts: the fallbacks make them, and a line says why.
    """
    lake = Lake(spark, config.lake)
    outcome = Outcome()
    origin_days = period.origin_days(config.features.origin_every_days)
    broken: dict[str, None] = {}

    def champion_of(day: date) -> tuple[str, str, str] | None:
        try:
            return champion_before(config, day)
        except ModelStoreBroken as error:
            broken[str(error)] = None
            return None

    for champion, days_of_champion in groupby(origin_days, key=champion_of):
        days = list(days_of_champion)
        model = NO_MODEL if champion is None else ModelRef(*champion)
        models = (model, *(ModelRef.baseline(name) for name in SEASONAL_NAIVES))
        served = Period(days[0], days[-1])
        row_count, gate_result = issue(lake, config, [Window(served, models)], "live")
        outcome.rows_out += row_count
        outcome.gates.append(gate_result)
        none = "the model store is broken" if broken else "no champion yet"
        by = f"the fallbacks ({none})" if champion is None else f"{model.name} {model.version}"
        outcome.lines.append(f"{served}: {row_count:,} forecasts by {by} and seasonal naive.")
    outcome.lines += broken
    if not origin_days:
        outcome.lines.append(f"{period} has no origin (features.origin_every_days): nothing to forecast.")
    outcome.versions_written[gold.FORECASTS.full_name] = lake.version(gold.FORECASTS)
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    return run_job("forecast", "Forecast every meter from each origin of the period.", run, argv)


if __name__ == "__main__":
    sys.exit(main())

"""Backtest: every day's forecast as of its origin by a model trained before the period, seasonal naive beside."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.evaluation.report import score_lines
from energy_lib.forecasting.backtest import backtest
from energy_lib.forecasting.batch import ModelRef
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import BASELINES, SEASONAL_NAIVES
from energy_lib.tables import gold
from energy_lib.training.registry import champion_before

CHAMPION = "champion"


def run(spark: SparkSession, config: Config, period: Period, models: Sequence[str] = (CHAMPION,)) -> Outcome:
    lake = Lake(spark, config.lake)
    scores = backtest(lake, config, period, tuple(model(config, period, name) for name in models))
    return Outcome(
        rows_out=len(scores),
        versions_written={t.full_name: lake.version(t) for t in (gold.FORECASTS, gold.SCORES)},
        lines=score_lines(scores, SEASONAL_NAIVES),
    )


def model(config: Config, period: Period, name: str) -> ModelRef:
    """A baseline by name, or the champion as it was trained before the period."""
    if name in BASELINES:
        return ModelRef.baseline(name)
    if name != CHAMPION:
        raise BadConfig(f"--models {name}: there is no such model; name any of {CHAMPION}, {', '.join(BASELINES)}.")
    found = champion_before(config, period.first)
    if found is None:
        raise InputMissing(
            f"No registered model was trained only on days before {period.first}: run jobs/train.py --date "
            f"{period.first} first, or take a later --from, or --models {','.join(SEASONAL_NAIVES)}."
        )
    return ModelRef(*found)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("backtest", "Forecast each day of a past period as of its origin, and score it.")
    arguments.add_argument("--models", default=CHAMPION, help=f"comma-separated: {CHAMPION}, {', '.join(BASELINES)}")
    given = arguments.parse_args(argv)

    def chosen(spark: SparkSession, config: Config, period: Period) -> Outcome:
        return run(spark, config, period, given.models.split(","))

    return start("backtest", given, chosen)


if __name__ == "__main__":
    sys.exit(main())

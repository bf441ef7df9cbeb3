"""Backtest: every day's forecast as of its origin by models trained before it, seasonal naive beside."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.evaluation.report import score_lines
from energy_lib.forecasting.model_forecasts import ModelRef
from energy_lib.forecasting.pipeline.backtest import backtest
from energy_lib.forecasting.pipeline.issue_forecasts import Window
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import BASELINES, SEASONAL_NAIVES
from energy_lib.registry.versions import champion_before, newest_before, versions, versions_named
from energy_lib.shards.pipeline import write_shards
from energy_lib.tables import gold
from energy_lib.training.pipeline import prepared, trained

CHAMPION = "champion"


def run(
    spark: SparkSession,
    config: Config,
    period: Period,
    models: Sequence[str] = (CHAMPION,),
    refit_every_days: int | None = None,
) -> Outcome:
    """Forecast the period's origins by `models`, each from what it knew, and replace these models' scores.

    `models`: baselines, `champion`, names or versions (`v3`), all trained before the period. `refit_every_days`: the
    configured model too, trained anew for each window of so many days.
    Raises BadConfig for a model that there is not, InputMissing for one that learnt from the period, and for origins
    without features.
    """
    lake, outcome = Lake(spark, config.lake), Outcome()
    chosen = tuple(dict.fromkeys(model(config, period, name) for name in models))
    windows: list[Window] = []
    if refit_every_days is not None:
        for part in period.parts(refit_every_days):
            if part.origin_days(config.features.origin_every_days):
                again, line = refitted(lake, config, part, refit_every_days)
                windows.append(Window(part, (*chosen, again)))
                outcome.lines.append(line)
    scores = backtest(lake, config, windows or [Window(period, chosen)])
    outcome.rows_out = len(scores)
    outcome.versions_written = {t.full_name: lake.version(t) for t in (gold.FORECASTS, gold.SCORES)}
    outcome.lines += score_lines(scores, SEASONAL_NAIVES)
    return outcome


def refitted(lake: Lake, config: Config, window: Period, every_days: int) -> tuple[ModelRef, str]:
    """The configured model as a training on the window's first day makes it, and a line on it; it is not registered.

    All windows' models have one version: the score is that of training every so many days.
    """
    write_shards(lake, config, window.first)
    dataset, manifest, spec = prepared(config, window.first)
    exported = trained(lake, config, spec, dataset)
    line = f"{window}: {spec.model} of training {spec.training_id}, learnt up to {manifest.split.validation_last}."
    return ModelRef(spec.model, f"refit_{every_days}d", str(exported)), line


def model(config: Config, period: Period, name: str) -> ModelRef:
    """A baseline; the champion as it was before the period; or the newest version so called that was trained before."""
    if name in BASELINES:
        return ModelRef.baseline(name)
    if name == CHAMPION:
        return champion(config, period)
    named = versions_named(config, name)
    if not named:
        there = ", ".join(
            [CHAMPION, *BASELINES, *sorted({each.name for each in versions(config)}), "or a version as v3"]
        )
        raise BadConfig(f"--models {name}: there is no such model; name any of {there}.")
    newest = newest_before(named, period.first)
    if newest is None:
        trained_until = min(each.trained_until for each in named)
        raise InputMissing(
            f"--models {name}: it learnt from readings up to {trained_until}, and the period begins on {period.first}: "
            f"take a later --from, or train one as of that day by jobs/train.py --date {period.first}."
        )
    return ModelRef(*newest.ref)


def champion(config: Config, period: Period) -> ModelRef:
    version = champion_before(config, period.first)
    if version is None:
        raise InputMissing(
            f"No registered model was trained only on days before {period.first}: run jobs/train.py --date "
            f"{period.first} first, or take a later --from, or --models {','.join(SEASONAL_NAIVES)}."
        )
    return ModelRef(*version)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("backtest", "Forecast each day of a past period as of its origin, and score it.")
    arguments.add_argument(
        "--models",
        default=CHAMPION,
        help=f"comma-separated: {CHAMPION}, {', '.join(BASELINES)}, a version (v3) or the name of a trained model",
    )
    arguments.add_argument(
        "--refit-every-days",
        type=int,
        metavar="N",
        help="also train the configured model every N days, each time on what lay before, without registering it",
    )
    options = arguments.parse_args(argv)

    def backtest_period(spark: SparkSession, config: Config, period: Period) -> Outcome:
        if options.refit_every_days is not None and options.refit_every_days < 1:
            raise BadConfig(f"--refit-every-days {options.refit_every_days}: give a number of days from 1.")
        return run(spark, config, period, options.models.split(","), options.refit_every_days)

    return start("backtest", options, backtest_period)


if __name__ == "__main__":
    sys.exit(main())

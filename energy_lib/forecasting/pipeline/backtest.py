"""A backtest: every day's forecast as of its origin, scored beside seasonal naive on the same cells."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from energy_lib.config import Config
from energy_lib.evaluation.pipeline.publish_scores import publish_scores
from energy_lib.evaluation.spark.selection import Selection, sums_of
from energy_lib.forecasting.model_forecasts import ModelRef
from energy_lib.forecasting.pipeline.issue import Window, issue
from energy_lib.lake import Lake
from energy_lib.models.baselines import SEASONAL_NAIVES

BACKTEST = "backtest"


def backtest(lake: Lake, config: Config, windows: Sequence[Window]) -> pd.DataFrame:
    """Publish forecasts and scores (run_kind backtest) of the windows' models and both seasonal naives, side by side.

    A window's models must have been trained before it: the caller answers for it. Returns gold.scores rows.
    """
    beside = [Window(each.period, _with_naives(each.models)) for each in windows]
    issue(lake, config, beside, BACKTEST, label=BACKTEST)
    days = [day for each in windows for day in each.period.days()]
    models = dict.fromkeys((model.name, model.version) for each in beside for model in each.models)
    selection = Selection(BACKTEST, days, list(models))
    sums = sums_of(lake, selection, config.features.horizon_hours)
    scores, _ = publish_scores(lake, selection, sums, days, SEASONAL_NAIVES)
    return scores


def _with_naives(models: tuple[ModelRef, ...]) -> tuple[ModelRef, ...]:
    there = {model.name for model in models}
    return (*models, *(ModelRef.baseline(name) for name in SEASONAL_NAIVES if name not in there))

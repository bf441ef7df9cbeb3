"""A backtest: forecasts of past days as of their origins, scored beside both seasonal naives on the same cells."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from energy_lib.config import Config
from energy_lib.evaluation.pipeline.publish_scores import publish_scores
from energy_lib.evaluation.spark.selection import Selection, sums_of
from energy_lib.forecasting.model_forecasts import ModelRef
from energy_lib.forecasting.pipeline.issue_forecasts import Window, issue
from energy_lib.lake import Lake
from energy_lib.models.baselines import SEASONAL_NAIVES

BACKTEST = "backtest"


def backtest(lake: Lake, config: Config, windows: Sequence[Window]) -> pd.DataFrame:
    """Publish forecasts and scores (run_kind backtest) of the windows' models and of both seasonal naives.

    The caller sees to it that a window's models were trained before the window. Returns the rows of gold.scores.
    Raises BadConfig or InputMissing as `issue` does, and GateRefused if a batch fails its suite.
    """
    with_naives = [Window(window.period, _with_naives(window.models)) for window in windows]
    issue(lake, config, with_naives, BACKTEST, label=BACKTEST)
    days = [day for window in windows for day in window.period.days()]
    models = dict.fromkeys((model.name, model.version) for window in with_naives for model in window.models)
    selection = Selection(BACKTEST, days, list(models))
    sums = sums_of(lake, selection, config.features.horizon_hours)
    scores, _ = publish_scores(lake, selection, sums, days, SEASONAL_NAIVES)
    return scores


def _with_naives(models: tuple[ModelRef, ...]) -> tuple[ModelRef, ...]:
    names = {model.name for model in models}
    return (*models, *(ModelRef.baseline(name) for name in SEASONAL_NAIVES if name not in names))

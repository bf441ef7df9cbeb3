"""A backtest: every day's forecast as of its origin, scored beside seasonal naive on the same cells."""

from __future__ import annotations

import pandas as pd

from energy_lib.config import Config
from energy_lib.evaluation.lake_scores import Selection, publish_scores, sums_of
from energy_lib.forecasting.batch import ModelRef
from energy_lib.forecasting.issue import issue
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.models.baselines import SEASONAL_NAIVES

BACKTEST = "backtest"


def backtest(lake: Lake, config: Config, period: Period, models: tuple[ModelRef, ...]) -> pd.DataFrame:
    """Publish forecasts and scores (run_kind backtest) of `models` and both seasonal naives; returns gold.scores rows.

    `models` must have been trained before the period: the caller answers for it.
    """
    everyone = (*models, *(ModelRef.baseline(name) for name in SEASONAL_NAIVES if name not in {m.name for m in models}))
    issue(lake, config, period, everyone, BACKTEST, label=BACKTEST)
    selection = Selection(BACKTEST, period.days(), [(model.name, model.version) for model in everyone])
    sums = sums_of(lake, selection, config.features.horizon_hours)
    scores, _ = publish_scores(lake, selection, sums, period.days(), SEASONAL_NAIVES)
    return scores

"""A backtest: every day's forecast as of its origin, scored beside seasonal naive on the same cells."""

from __future__ import annotations

import pandas as pd

from energy_lib.config import Config
from energy_lib.evaluation.lake_scores import publish_scores, sums_of_days
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
    named = [(model.name, model.version) for model in everyone]
    days = period.days()
    sums = sums_of_days(lake, BACKTEST, days, config.features.horizon_hours, named)
    return publish_scores(lake, BACKTEST, days, sums, days, SEASONAL_NAIVES, named)

"""Usual methods of fault detection, each a score per hour: the limit comes from the learning years, as for ours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyod.models.ecod import ECOD
from sklearn.ensemble import IsolationForest
from statsmodels.tsa.seasonal import STL

from benchmarks.faults.alarms import Alarm, episodes, limit_for
from benchmarks.faults.meters import Meter

Floats = NDArray[np.float64]
WEEK = 168
SEED = 7


class HourlyScore:
    """A method that scores hours. Subclasses say how they learn of a meter, and how they score a stretch of it."""

    name = ""
    reach = 0

    def __init__(self) -> None:
        self.limits: dict[str, float] = {}

    def learn(self, meters: Sequence[Meter], alarms_per_month: float) -> None:
        for meter in meters:
            self.fit(meter)
            known = self.scores(meter, meter.energy, self.learns_limit_from(meter), meter.test_from)
            self.limits[meter.meter_id] = limit_for(known, alarms_per_month)

    def alarms(self, meter: Meter, readings: Floats, first: int, end: int) -> list[Alarm]:
        """Above the limit, or where rules of hygiene (none, unless a subclass has them) are broken."""
        # A day in front: an alarm that goes on is none that begins.
        start = max(0, first - 25)
        marked = np.nan_to_num(self.scores(meter, readings, start, end), nan=-np.inf) > self.limits[meter.meter_id]
        marked |= self.broken(meter, readings, start, end)
        return [Alarm(start + int(hour), self.name) for hour in episodes(marked) if start + hour >= first]

    def fit(self, meter: Meter) -> None:
        """Learn of the hours before the test."""

    def learns_limit_from(self, meter: Meter) -> int:
        """First hour of the scores that teach the limit."""
        return 0

    def scores(self, meter: Meter, readings: Floats, first: int, end: int) -> Floats:
        """(end - first,) scores; higher is odder, NaN where unknown."""
        raise NotImplementedError

    def broken(self, meter: Meter, readings: Floats, first: int, end: int) -> NDArray[np.bool_]:
        return np.zeros(end - first, dtype=bool)


def hour_of_week(meter: Meter) -> NDArray[np.int64]:
    local = meter.local
    result: NDArray[np.int64] = local.weekday.to_numpy() * 24 + local.hour.to_numpy()
    return result


class InterquartileRule(HourlyScore):
    """Tukey's fences by hour of the week: how many interquartile ranges outside the quartiles of the past."""

    name = "IQR by hour of week"

    def fit(self, meter: Meter) -> None:
        of_hour = pd.Series(meter.energy[: meter.test_from]).groupby(hour_of_week(meter)[: meter.test_from])
        quartiles = pd.concat([of_hour.quantile(0.25), of_hour.quantile(0.75)], axis=1).reindex(range(WEEK)).to_numpy()
        self.quartiles = {**getattr(self, "quartiles", {}), meter.meter_id: quartiles}

    def scores(self, meter: Meter, readings: Floats, first: int, end: int) -> Floats:
        low, high = self.quartiles[meter.meter_id][hour_of_week(meter)[first:end]].T
        width = np.maximum(high - low, 0.02 * np.nanmean(meter.energy[: meter.test_from]))
        now = readings[first:end]
        return np.asarray(np.maximum(low - now, now - high) / width, dtype=float)


class FourWeekMedian(HourlyScore):
    """Distance from the median of the same hour in the four weeks before, in the spread of the learning years."""

    name = "four-week naive median"

    def scores(self, meter: Meter, readings: Floats, first: int, end: int) -> Floats:
        hours = np.arange(first, end)
        before = np.stack([np.where(hours >= k * WEEK, readings[hours - k * WEEK], np.nan) for k in range(1, 5)])
        with np.errstate(invalid="ignore"):
            away = np.abs(readings[first:end] - np.median(before, axis=0))
        return np.asarray(away, dtype=float)


def features(meter: Meter, readings: Floats, first: int, end: int) -> Floats:
    """What the multivariate methods see of an hour: itself, its past, the calendar and the weather."""
    hours = np.arange(first, end)
    lags = [np.where(hours >= lag, readings[hours - lag], np.nan) for lag in (1, 24, WEEK, 2 * WEEK)]
    filled = pd.Series(readings[max(0, first - 4 * WEEK) : end])
    rolling = filled.rolling(WEEK, min_periods=24)
    tail = slice(len(filled) - len(hours), None)
    local = meter.local[first:end]
    angle = 2 * np.pi * local.hour.to_numpy() / 24
    calendar = [np.sin(angle), np.cos(angle), (local.weekday >= 5).astype(float)]
    return np.column_stack(
        [
            readings[first:end],
            *lags,
            rolling.mean().to_numpy()[tail],
            rolling.std().to_numpy()[tail],
            *calendar,
            meter.temperature[first:end],
        ]
    )


class Multivariate(HourlyScore):
    """A detector of scikit-learn's kind, fitted to the features of the learning years."""

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, IsolationForest | ECOD] = {}

    def model(self) -> IsolationForest | ECOD:
        raise NotImplementedError

    def oddness(self, model: IsolationForest | ECOD, rows: Floats) -> Floats:
        raise NotImplementedError

    def fit(self, meter: Meter) -> None:
        rows = features(meter, meter.energy, 0, meter.test_from)
        rows = rows[np.isfinite(rows).all(axis=1)]
        self.models[meter.meter_id] = self.model().fit(rows[::2])

    def scores(self, meter: Meter, readings: Floats, first: int, end: int) -> Floats:
        rows = features(meter, readings, first, end)
        known = np.isfinite(rows).all(axis=1)
        result = np.full(len(rows), np.nan)
        if known.any():
            result[known] = self.oddness(self.models[meter.meter_id], rows[known])
        return result


class Forest(Multivariate):
    """Isolation forest (Liu, Ting and Zhou, 2008)."""

    name = "isolation forest"

    def model(self) -> IsolationForest:
        return IsolationForest(n_estimators=60, max_samples=256, random_state=SEED)

    def oddness(self, model: IsolationForest | ECOD, rows: Floats) -> Floats:
        return -np.asarray(model.score_samples(rows), dtype=float)


class Ecod(Multivariate):
    """ECOD (Li et al., 2022) as in PyOD."""

    name = "ECOD"

    def model(self) -> ECOD:
        return ECOD()

    def oddness(self, model: IsolationForest | ECOD, rows: Floats) -> Floats:
        # PyOD ranks new rows together with those it was fitted to: a few weeks at once would be ranked among
        # themselves. The learnt distributions are asked instead, dimension by dimension, as the paper has it.
        learnt = np.sort(model.X_train, axis=0)
        count = len(learnt)
        left = np.stack([np.searchsorted(learnt[:, j], rows[:, j], "right") for j in range(rows.shape[1])], axis=1)
        right = np.stack(
            [count - np.searchsorted(learnt[:, j], rows[:, j], "left") for j in range(rows.shape[1])], axis=1
        )
        tails = [-np.log(np.maximum(side, 0.5) / count) for side in (left, right)]
        return np.asarray(np.maximum(tails[0].sum(axis=1), tails[1].sum(axis=1)), dtype=float)


class SeasonalTrend(HourlyScore):
    """Size of the remainder of STL (Cleveland et al., 1990) with a weekly season, from six weeks before the stretch on.

    The decomposition of a stretch knows all of it: more than a nightly job would.
    """

    name = "STL"

    def scores(self, meter: Meter, readings: Floats, first: int, end: int) -> Floats:
        start = max(0, first - 6 * WEEK)
        part = pd.Series(readings[start:end]).interpolate(limit_direction="both")
        remainder = STL(part, period=WEEK, seasonal=7, trend=4 * WEEK + 1, seasonal_jump=24, trend_jump=24).fit().resid
        result = np.abs(np.asarray(remainder, dtype=float))[first - start :]
        return np.where(np.isfinite(readings[first:end]), result, np.nan)

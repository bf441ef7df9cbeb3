"""Sums per meter and day rolled up into gold.scores rows, each model beside the naives on the same days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import pandas as pd

from energy_lib.metrics import METRICS, Metric, Over, Term, terms_of
from energy_lib.metrics.arrays import NUMPY
from energy_lib.metrics.terms import CELLS
from energy_lib.tables import gold

ALL = "*"
MODEL = ["run_kind", "model_name", "model_version"]


def score_rows(sums: pd.DataFrame, window: Sequence[date], naives: Sequence[str]) -> pd.DataFrame:
    """All gold.scores rows of `sums`: scope `day` for every day, `meter` and `total` over the days of `window`."""
    inside = sums[sums["day"].isin(set(window))]
    parts = [*([day_scores(sums)] if len(sums) else []), *([window_scores(inside, naives)] if len(inside) else [])]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(gold.SCORES.column_names))


def day_scores(sums: pd.DataFrame) -> pd.DataFrame:
    """Scope `day`: every model, fuel (and all) and origin day over all meters."""
    parts = [
        scored([*MODEL, "fuel", "day"], part).assign(scope="day", meter_id=ALL)
        for part in (sums, sums.assign(fuel=ALL))
    ]
    made = pd.concat(parts)
    return _conformed(made.assign(first_date=made["day"], last_date=made["day"]))


def window_scores(sums: pd.DataFrame, naives: Sequence[str]) -> pd.DataFrame:
    """Scopes `meter` and `total` over the days each model was scored on, the naives beside on the same days.

    A version that served three of four weeks is scored on its three weeks, and so are the naives beside it: they
    have a row for each such span (first_date, last_date).
    """
    made = [_window(sums, days) for days in _spans(sums, naives)]
    return pd.concat(made, ignore_index=True)


def _spans(sums: pd.DataFrame, naives: Sequence[str]) -> list[set[date]]:
    """The day sets of the models that are not naives, one for each (first, last) day."""
    models = sums[~sums["model_name"].isin(naives)]
    spans: dict[tuple[date, date], set[date]] = {}
    for _, days in (models if len(models) else sums).groupby(MODEL)["day"]:
        own = set(days)
        bounds = (min(own), max(own))
        spans[bounds] = spans.get(bounds, own) & own
    return [days for days in spans.values() if days]


def _window(sums: pd.DataFrame, days: set[date]) -> pd.DataFrame:
    inside = sums[sums["day"].isin(days)]
    everyone = inside.groupby(MODEL)["day"].transform("nunique") == len(days)
    inside = inside[everyone]
    per_meter = scored([*MODEL, "fuel", "meter_id"], inside).assign(scope="meter")
    totals = [
        scored([*MODEL, "fuel"], part).assign(scope="total", meter_id=ALL) for part in (inside, inside.assign(fuel=ALL))
    ]
    return _conformed(pd.concat([per_meter, *totals]).assign(first_date=min(days), last_date=max(days)))


def scored(by: list[str], sums: pd.DataFrame, metrics: Iterable[Metric] = METRICS.values()) -> pd.DataFrame:
    """The group's keys, `cells` and the metrics of each group `by`, from sums per meter and day.

    `sums` has a column for each cell term of the metrics, and `scaled_error` (NaN without a scale) if MASE is wanted.
    """
    metrics = tuple(metrics)
    whole = [metric for metric in metrics if metric.over is Over.CELLS]
    of_meters = [metric for metric in metrics if metric.over is not Over.CELLS]
    total = _totals(by, sums, terms_of(whole))
    meters = _totals(by if "meter_id" in by else [*by, "meter_id"], sums, terms_of(of_meters))
    values = {metric.name: metric.value(total.__getitem__) for metric in whole}
    for metric in of_meters:
        grouped = metric.value(meters.__getitem__).groupby(level=by)
        values[metric.name] = grouped.mean() if metric.over is Over.MEAN_OF_METERS else grouped.median()
    columns = {metric.name: values[metric.name] for metric in metrics}
    return pd.DataFrame({CELLS.name: total[CELLS.name], **columns}).reset_index()


def _totals(by: list[str], sums: pd.DataFrame, terms: Sequence[Term]) -> pd.DataFrame:
    """Sums of the terms in each group. A sum with an unknown part is NaN; a day term's unknown days are left out."""
    for term in terms:
        if term.of_day and term.name not in sums:
            sums = sums.assign(**{term.name: term.formula(sums.__getitem__, NUMPY)})
    total = sums.groupby(by)[[term.name for term in terms]].sum()
    unknown = sums[[term.name for term in terms if not term.of_day]].isna()
    for name in unknown.columns[unknown.any()]:
        total[name] = total[name].mask(unknown[name].groupby([sums[key] for key in by]).any())
    return total


def _conformed(made: pd.DataFrame) -> pd.DataFrame:
    return made[list(gold.SCORES.column_names)].reset_index(drop=True)

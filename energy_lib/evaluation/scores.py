"""From sums per meter and day to rows of gold.scores. The naives are scored on the days of each model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import pandas as pd

from energy_lib.metrics import METRICS, Metric, Over, Term, terms_of
from energy_lib.metrics.arrays import NUMPY
from energy_lib.metrics.terms import CELLS
from energy_lib.tables import gold

ALL = "*"
MODEL = ["run_kind", "model_name", "model_version"]


def score_rows(
    sums: pd.DataFrame, window: Sequence[date], naives: Sequence[str], virtual: Collection[str] = ()
) -> pd.DataFrame:
    """All rows of gold.scores that follow from `sums`: its columns, in their order.

    Scope `day` is scored for every day of `sums`; scopes `meter` and `total` over the days of `window`. Meters that are
    `virtual` have scores of scope `meter` alone, as the others' energy is theirs.
    """
    in_window = sums[sums["day"].isin(set(window))]
    parts = []
    registers = sums[~sums["meter_id"].isin(virtual)]
    if len(registers):
        parts.append(day_scores(registers))
    if len(in_window):
        parts.append(window_scores(in_window, naives, virtual))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(gold.SCORES.column_names))


def day_scores(sums: pd.DataFrame) -> pd.DataFrame:
    """Scope `day`: each model, fuel (and all fuels together) and origin day, over all meters."""
    parts = [
        scored([*MODEL, "fuel", "day"], part).assign(scope="day", meter_id=ALL)
        for part in (sums, sums.assign(fuel=ALL))
    ]
    scores = pd.concat(parts)
    return _in_table_order(scores.assign(first_date=scores["day"], last_date=scores["day"]))


def window_scores(sums: pd.DataFrame, naives: Sequence[str], virtual: Collection[str] = ()) -> pd.DataFrame:
    """Scopes `meter` and `total`: each model over the days on which it was scored, and the naives over the same days.

    For instance, a version that served three of four weeks is scored on its three weeks. The naives have a row for
    each such span (first_date, last_date), so that every model can be compared with them.
    """
    return pd.concat([_span_scores(sums, days, virtual) for days in _spans(sums, naives)], ignore_index=True)


def _spans(sums: pd.DataFrame, naives: Sequence[str]) -> list[set[date]]:
    """The days of the models that are not naives: one set for each (first, last) day, what its models share."""
    models = sums[~sums["model_name"].isin(naives)]
    spans: dict[tuple[date, date], set[date]] = {}
    for _, days in (models if len(models) else sums).groupby(MODEL)["day"]:
        scored_days = set(days)
        bounds = (min(scored_days), max(scored_days))
        spans[bounds] = spans.get(bounds, scored_days) & scored_days
    return [days for days in spans.values() if days]


def _span_scores(sums: pd.DataFrame, days: set[date], virtual: Collection[str]) -> pd.DataFrame:
    """Scopes `meter` and `total` of the models that were scored on all of `days`."""
    on_days = sums[sums["day"].isin(days)]
    complete = on_days[on_days.groupby(MODEL)["day"].transform("nunique") == len(days)]
    per_meter = scored([*MODEL, "fuel", "meter_id"], complete).assign(scope="meter")
    registers = complete[~complete["meter_id"].isin(virtual)]
    totals = [
        scored([*MODEL, "fuel"], part).assign(scope="total", meter_id=ALL)
        for part in (registers, registers.assign(fuel=ALL))
    ]
    return _in_table_order(pd.concat([per_meter, *totals]).assign(first_date=min(days), last_date=max(days)))


def scored(by: list[str], sums: pd.DataFrame, metrics: Iterable[Metric] = METRICS.values()) -> pd.DataFrame:
    """A row for each group `by`: its keys, `cells` and the metrics, from sums per meter and day.

    `sums` has a column for each cell term of the metrics, and `scaled_error` (NaN without a scale) if MASE is one.

        scored(["fuel"], sums, [METRICS["wape"], METRICS["mase"]])  # fuel, cells, wape, mase
    """
    metrics = tuple(metrics)
    over_cells = [metric for metric in metrics if metric.over is Over.CELLS]
    over_meters = [metric for metric in metrics if metric.over is not Over.CELLS]
    total = _totals(by, sums, terms_of(over_cells))
    per_meter = _totals(by if "meter_id" in by else [*by, "meter_id"], sums, terms_of(over_meters))
    values = {metric.name: metric.value(total.__getitem__) for metric in over_cells}
    for metric in over_meters:
        grouped = metric.value(per_meter.__getitem__).groupby(level=by)
        values[metric.name] = grouped.mean() if metric.over is Over.MEAN_OF_METERS else grouped.median()
    columns = {metric.name: values[metric.name] for metric in metrics}
    return pd.DataFrame({CELLS.name: total[CELLS.name], **columns}).reset_index()


def _totals(by: list[str], sums: pd.DataFrame, terms: Sequence[Term]) -> pd.DataFrame:
    """Sums of the terms in each group.

    A sum of cells is NaN if a part of it is unknown. Of a term of days, unknown days are left out of the sum.
    """
    for term in terms:
        if term.of_day and term.name not in sums:
            sums = sums.assign(**{term.name: term.formula(sums.__getitem__, NUMPY)})
    total = sums.groupby(by)[[term.name for term in terms]].sum()
    unknown = sums[[term.name for term in terms if not term.of_day]].isna()
    for name in unknown.columns[unknown.any()]:
        total[name] = total[name].mask(unknown[name].groupby([sums[key] for key in by]).any())
    return total


def _in_table_order(scores: pd.DataFrame) -> pd.DataFrame:
    return scores[list(gold.SCORES.column_names)].reset_index(drop=True)

"""Sums per meter and day rolled up into gold.scores rows, each model beside the naives on the same days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from energy_lib.tables import gold

ALL = "*"
MODEL = ["run_kind", "model_name", "model_version"]
PINBALL = ["pinball_p10", "pinball_p50", "pinball_p90"]
SUMS = [
    *("cells", "energy_kwh", "absolute_kwh", "absolute_error", "residual", "squared_error", "symmetric_error"),
    *("covered", "fallbacks", *PINBALL),
]


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


def scored(by: list[str], sums: pd.DataFrame) -> pd.DataFrame:
    """The metrics of each group `by`, from sums per meter and day; MASE and median WAPE are taken over the meters."""
    total = sums.groupby(by)[SUMS].sum()
    meters = _per_meter(by, sums)
    energy, absolute, cells = total["energy_kwh"], total["absolute_kwh"], total["cells"]
    made = pd.DataFrame(
        {
            "cells": cells,
            "energy_kwh": energy,
            "wape": _ratio(total["absolute_error"], absolute),
            "wape_median": meters["wape"].groupby(level=by).median(),
            "mase": meters["mase"].groupby(level=by).mean(),
            "smape": total["symmetric_error"] / cells,
            "cvrmse": _ratio((total["squared_error"] / cells) ** 0.5, energy / cells),
            "nmbe": _ratio(total["residual"], energy),
            "wql": _ratio(2 * total[PINBALL].mean(axis=1), absolute),
            **{name: total[name] / cells for name in PINBALL},
            "coverage_p10_p90": total["covered"] / cells,
            "fallback_share": total["fallbacks"] / cells,
        }
    )
    return made.reset_index()


def _per_meter(by: list[str], sums: pd.DataFrame) -> pd.DataFrame:
    """WAPE and MASE of each meter within each group; a day without a scale is no part of a meter's MASE."""
    keys = by if "meter_id" in by else [*by, "meter_id"]
    scaled = sums.assign(scaled_cells=sums["cells"].where(sums["scaled_error"].notna(), 0))
    total = scaled.groupby(keys)[["absolute_error", "absolute_kwh", "scaled_error", "scaled_cells"]].sum()
    return pd.DataFrame(
        {
            "wape": _ratio(total["absolute_error"], total["absolute_kwh"]),
            "mase": _ratio(total["scaled_error"], total["scaled_cells"]),
        }
    )


def _ratio(top: pd.Series[float], bottom: pd.Series[float]) -> pd.Series[float]:
    return top / bottom.where(bottom > 0)


def _conformed(made: pd.DataFrame) -> pd.DataFrame:
    return made[list(gold.SCORES.column_names)].reset_index(drop=True)

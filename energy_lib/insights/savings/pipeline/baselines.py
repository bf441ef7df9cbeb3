"""Baselines of projects: kept in gold.savings_baselines, and fitted where there is none or its days changed."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.config import CleaningConfig
from energy_lib.insights.savings.baseline import Baseline
from energy_lib.insights.savings.events import days_touched
from energy_lib.insights.savings.local_days import LocalDays
from energy_lib.insights.savings.opendsm_fit import fit_baseline
from energy_lib.insights.savings.pipeline.inputs import Declared, Row, local_days_of, without_events
from energy_lib.lake import Lake
from energy_lib.vocabulary import Fuel

log = logging.getLogger(__name__)


def baseline_row(lake: Lake, found: Declared, kept: Row | None, known_at: datetime, cleaning: CleaningConfig) -> Row:
    """The row of gold.savings_baselines: the kept one if its days are the same, else fitted to what is known now."""
    first, end = found.baseline
    days, event_ids = _days_of(lake, found, known_at, cleaning)
    content = content_of(days.days)
    if kept is not None and (kept["content"], kept["baseline_end"]) == (content, end):
        return kept
    log.info("fitting the baseline of %s of project %s", found.key[1], found.key[0])
    fitted = fit_baseline(days, found.meter["zone"], is_electricity=found.meter["fuel"] == Fuel.ELECTRICITY)
    model = fitted if isinstance(fitted, Baseline) else None
    return {
        "project_id": found.key[0], "meter_id": found.key[1], "baseline_first": first, "baseline_end": end,
        "content": content, "known_at_utc": known_at, "event_ids": event_ids,
        "model_json": None if model is None else model.to_json(),
        "refused": fitted if isinstance(fitted, list) else fitted.disqualified,
        "warnings": [] if model is None else model.warnings,
        **_numbers(model),
    }  # fmt: skip


def model_of(row: Row) -> Baseline | None:
    """The usable model of a row; None where it was refused."""
    return None if row["refused"] or row["model_json"] is None else Baseline.from_json(row["model_json"])


def refusal(found: Declared, row: Row) -> list[str]:
    """Why there is no model, naming the row of silver.projects that asked for it."""
    project_id, meter_id = found.key
    asked = f"row (project_id {project_id}, meter_id {meter_id}) of silver.projects"
    span = f"baseline {row['baseline_first']} to {row['baseline_end']}"
    return [f"{asked}, {span}: {reason}" for reason in row["refused"]]


def _days_of(lake: Lake, found: Declared, known_at: datetime, cleaning: CleaningConfig) -> tuple[LocalDays, list[str]]:
    days = local_days_of(lake, found, *found.baseline, known_at, cleaning)
    dates = pd.DatetimeIndex(days.days.index)
    touched = {event.event_id: days_touched(event, dates, found.meter["zone"]) for event in found.events}
    inside = {event_id: on for event_id, on in touched.items() if on.any()}
    if inside:
        days = without_events(days, np.logical_or.reduce(list(inside.values())))
    return days, sorted(inside)


def content_of(days: pd.DataFrame) -> str:
    """A hash of the days that a baseline is fitted to: the same days give the same model."""
    values = days[["energy_kwh", "temperature_c"]].round(6)
    return hashlib.sha256(values.to_csv().encode()).hexdigest()[:32]


def _numbers(model: Baseline | None) -> dict[str, Any]:
    if model is None:
        return {}
    numbers = {"days": model.fit.days, "opendsm_version": model.opendsm["version"]}
    of_fit = {name: getattr(model.fit, name) for name in ("cvrmse", "nmbe", "block_cv")}
    return numbers | {name: value if np.isfinite(value) else None for name, value in of_fit.items()}

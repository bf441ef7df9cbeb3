"""Baselines of projects: kept in gold.savings_baselines, and fitted where there is none or its days changed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.config import CleaningConfig
from energy_lib.insights.declared_events import days_touched
from energy_lib.insights.savings.baseline import Baseline
from energy_lib.insights.savings.local_days import LocalDays
from energy_lib.insights.savings.pipeline.inputs import Declared, Key, Row, local_days_of, without_events
from energy_lib.insights.savings.spark.fits import Fit, fitted_on_spark
from energy_lib.lake import Lake
from energy_lib.vocabulary import Fuel

# Their days are held in memory together.
FITS_AT_ONCE = 64

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sought:
    """A project's meter whose days were not fitted before, and the hash of those days."""

    found: Declared
    days: LocalDays
    event_ids: list[str]
    content: str


def new_baselines(
    lake: Lake, projects: Sequence[Declared], kept: Mapping[Key, Row], known_at: datetime, cleaning: CleaningConfig
) -> Iterator[list[Row]]:
    """Rows of gold.savings_baselines of the projects whose days are not those of their kept row, some at a time.

    Spark's Python workers fit them: a fit takes seconds.
    """
    for start in range(0, len(projects), FITS_AT_ONCE):
        some = projects[start : start + FITS_AT_ONCE]
        looked_at = (_sought(lake, found, kept.get(found.key), known_at, cleaning) for found in some)
        sought = [each for each in looked_at if each is not None]
        if sought:
            log.info("fitting baselines of %s", ", ".join("/".join(each.found.key) for each in sought))
            fits = fitted_on_spark(lake.spark, [_fit_of(each) for each in sought])
            yield [_row(each, fitted, known_at) for each, fitted in zip(sought, fits, strict=True)]


def _sought(
    lake: Lake, found: Declared, kept: Row | None, known_at: datetime, cleaning: CleaningConfig
) -> Sought | None:
    days, event_ids = _days_of(lake, found, known_at, cleaning)
    content = content_of(days.days)
    if kept is not None and (kept["content"], kept["baseline_end"]) == (content, found.baseline[1]):
        return None
    return Sought(found, days, event_ids, content)


def _fit_of(sought: Sought) -> Fit:
    meter = sought.found.meter
    return Fit(sought.days, meter["zone"], is_electricity=meter["fuel"] == Fuel.ELECTRICITY)


def _row(sought: Sought, fitted: Baseline | list[str], known_at: datetime) -> Row:
    (project_id, meter_id), (first, end) = sought.found.key, sought.found.baseline
    model = fitted if isinstance(fitted, Baseline) else None
    return {
        "project_id": project_id, "meter_id": meter_id, "baseline_first": first, "baseline_end": end,
        "content": sought.content, "known_at_utc": known_at, "event_ids": sought.event_ids,
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

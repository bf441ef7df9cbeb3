"""What a meter of a project saved, day by day, and the totals of meters, projects and all projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from energy_lib.insights.declared_events import Event, days_touched
from energy_lib.insights.savings.baseline import Baseline, predicted_kwh, spread_over_hours
from energy_lib.insights.savings.correction import Correction
from energy_lib.insights.savings.fitness import HIGHEST_CVRMSE, HIGHEST_NMBE
from energy_lib.insights.savings.local_days import LocalDays
from energy_lib.insights.savings.values import HourlyRates, valued_days

Row: TypeAlias = dict[str, Any]
ALL = "*"
# Measures of a row, and where their intervals come from.
VALUES = ("kwh", "cost", "kgco2e")
DAYS_OF_A_YEAR = 365
# What a total needs of its days.
SUMMED_COLUMNS = (
    "state", "days", "days_with_events", "days_unknown", "observed_kwh", "counterfactual_kwh", "imputed_share",
    "currency", "event_ids", "reasons", *(f"avoided_{name}{end}" for name in VALUES for end in ("", "_low", "_high")),
)  # fmt: skip


@dataclass(frozen=True)
class MeterProject:
    """A meter of a project: what was declared, and the model of its baseline (None: `refused` says why).

    Days are local; `expected_kwh_per_year` None: nothing was promised.
    """

    project_id: str
    meter_id: str
    fuel: str | None
    zone: str
    baseline_first: date
    baseline_end: date
    reporting_start: date
    model: Baseline | None
    refused: list[str] = field(default_factory=list)
    expected_kwh_per_year: float | None = None
    events: Sequence[Event] = ()


def day_rows(
    meter: MeterProject, local: LocalDays, prices: HourlyRates, factors: HourlyRates, correction: Correction
) -> list[Row]:
    """Rows of gold.savings of scope `day` for the days of `local`, none of them before the reporting start.

    A day whose energy or weather is unknown, or that an event touches, has a null avoided_kwh and its reason.
    """
    if meter.model is None:
        return []
    days, dates = local.days, pd.DatetimeIndex(local.days.index)
    counterfactual = predicted_kwh(meter.model.submodels, dates, days["temperature_c"].to_numpy(float))
    by_hour = spread_over_hours(pd.Series(counterfactual, dates), local.hours, meter.model.shape)
    energy = local.hours["energy_kwh"].to_numpy(float)
    valued = {"cost": (prices, valued_days(local.hours, energy, by_hour, prices))}
    valued["kgco2e"] = (factors, valued_days(local.hours, energy, by_hour, factors))
    touched = {event.event_id: days_touched(event, dates, meter.zone) for event in meter.events}
    fit = meter.model.fit
    half = correction.half_width_kwh(counterfactual, fit.mean_kwh_per_day, 1.0, fit.cvrmse, fit.block_cv)
    rows = []
    for at, day in enumerate(dates):
        row = _blank(meter, "day", day.date(), day.date())
        row["observed_kwh"] = _known(days["energy_kwh"].iloc[at])
        row["counterfactual_kwh"] = _known(counterfactual[at])
        row["event_ids"] = [event_id for event_id, on in touched.items() if on[at]]
        row["imputed_share"] = float(days["imputed_share"].iloc[at])
        _judge_day(row, days.iloc[at])
        _put(row, "kwh", _difference(row), float(half[at]))
        for name, (rates, of_days) in valued.items():
            _value_day(row, name, rates, of_days.iloc[at])
        rows.append(row)
    return rows


def _judge_day(row: Row, day: pd.Series[Any]) -> None:
    if row["event_ids"]:
        row["state"], row["days_with_events"] = "non_routine", 1
        row["reasons"].append(f"An event touches the day: {', '.join(row['event_ids'])}.")
    elif row["observed_kwh"] is None or row["counterfactual_kwh"] is None:
        row["state"], row["days_unknown"] = "waiting", 1
        lacks = "temperature" if row["counterfactual_kwh"] is None else "energy"
        row["reasons"].append(f"Of the day's {int(day['hours'])} hours too few have {lacks}.")
    else:
        row["state"], row["days"] = "measured", 1


def _value_day(row: Row, name: str, rates: HourlyRates, day: pd.Series[Any]) -> None:
    avoided, per_kwh = _known(day["avoided"]), _known(day["per_kwh"])
    if avoided is None and row["state"] == "measured":
        row["reasons"].append(rates.reason or f"An hour of the day has no rate for avoided_{name}.")
    if row["state"] != "measured":
        avoided = None
    if name == "cost":
        row["currency"] = rates.unit
    half = _half_kwh(row)
    _put(row, name, avoided, None if per_kwh is None or half is None else abs(per_kwh) * half)


def meter_total(meter: MeterProject, day_rows: Sequence[Row], last: date, correction: Correction) -> Row:
    """The total of a meter from its reporting start to `last`, of its rows of scope `day` in that time.

    Days with events, and unknown ones, are left out on both sides and counted.
    """
    row = _blank(meter, "total", meter.reporting_start, max(last, meter.reporting_start))
    if meter.model is None:
        return row | {"state": "disqualified", "reasons": list(meter.refused)}
    days = pd.DataFrame(list(day_rows), columns=list(SUMMED_COLUMNS))
    _sum_up(row, days)
    # A day that has no row is as unknown as one that says so.
    row["days_unknown"] = max(0, (last - meter.reporting_start).days + 1 - row["days"] - row["days_with_events"])
    row["event_ids"] = sorted({event for ids in days["event_ids"] for event in ids})
    if row["days"] == 0:
        row["state"] = "non_routine" if row["days_with_events"] else "waiting"
        row["reasons"] = [_why_no_day(row)]
        return row
    row["state"] = "measured"
    row["reasons"] = [*_notes(row), *_fit_notes(row), *_value_reasons(row, days)]
    fit = meter.model.fit
    half = correction.half_width_kwh(
        row["counterfactual_kwh"], fit.mean_kwh_per_day, row["days"], fit.cvrmse, fit.block_cv
    )
    _put(row, "kwh", _difference(row), float(half))
    for name in VALUES[1:]:
        _put(row, name, row[f"avoided_{name}"], _scaled_half(row, days, name))
    row["proven"] = proven(row)
    if meter.expected_kwh_per_year is not None:
        row["expected_kwh"] = meter.expected_kwh_per_year * row["days"] / DAYS_OF_A_YEAR
    return row


def _sum_up(row: Row, days: pd.DataFrame) -> None:
    measured = days[days["state"] == "measured"]
    for name in ("days", "days_with_events"):
        row[name] = int(days[name].sum())
    if measured.empty:
        return
    row["observed_kwh"] = float(measured["observed_kwh"].sum())
    row["counterfactual_kwh"] = float(measured["counterfactual_kwh"].sum())
    row["imputed_share"] = float(measured["imputed_share"].mean())
    for name in VALUES[1:]:
        # A day without a value makes the total unknown: a part of a cost is not the cost.
        row[f"avoided_{name}"] = _known(measured[f"avoided_{name}"].astype(float).sum(skipna=False))
    currencies = set(measured["currency"].dropna())
    row["currency"] = currencies.pop() if len(currencies) == 1 else None


def _why_no_day(row: Row) -> str:
    if row["days_with_events"]:
        return f"An event touches each known day of the reporting period: {', '.join(row['event_ids'])}."
    if row["days_unknown"]:
        return f"None of {row['days_unknown']} days of the reporting period has both energy and temperature."
    return f"The reporting period begins on {row['first_date']}: no day of it is known yet."


def _notes(row: Row) -> list[str]:
    notes = []
    if row["days_with_events"]:
        ids = ", ".join(row["event_ids"])
        notes.append(f"{row['days_with_events']} days are left out because of events: {ids}.")
    if row["days_unknown"]:
        notes.append(f"{row['days_unknown']} days are left out because energy or temperature is not known.")
    return notes


def _fit_notes(row: Row) -> list[str]:
    if row["meets_guideline"] is not False or row["cvrmse"] is None or row["nmbe"] is None:
        return []
    return [
        f"The baseline misses ASHRAE Guideline 14: CV(RMSE) {row['cvrmse']:.3f} (at most {HIGHEST_CVRMSE}), NMBE "
        f"{row['nmbe']:.4f} (at most {HIGHEST_NMBE} either way)."
    ]


def _value_reasons(row: Row, days: pd.DataFrame) -> list[str]:
    """Why cost or carbon of the total is null: what its days say, each once."""
    if all(row[f"avoided_{name}"] is not None for name in VALUES[1:]):
        return []
    measured = days[days["state"] == "measured"]
    return sorted({reason for reasons in measured["reasons"] for reason in reasons})


def _scaled_half(row: Row, days: pd.DataFrame, name: str) -> float | None:
    """The half-width of the energy, at the mean rate by which the days' own half-widths were valued."""
    measured = days[days["state"] == "measured"]
    energy, value = (
        (measured[f"avoided_{each}_high"].astype(float) - measured[f"avoided_{each}_low"].astype(float))
        for each in ("kwh", name)
    )
    spans = energy.sum(skipna=False), value.sum(skipna=False)
    half = _half_kwh(row)
    if row[f"avoided_{name}"] is None or half is None or not np.isfinite(spans).all() or spans[0] <= 0:
        return None
    return float(half * spans[1] / spans[0])


def proven(row: Row) -> bool | None:
    """Whether the interval lies above zero; None where there is none."""
    low = row["avoided_kwh_low"]
    return None if low is None else bool(low > 0)


def _blank(meter: MeterProject, scope: str, first: date, last: date) -> Row:
    model = meter.model
    return {
        "project_id": meter.project_id, "meter_id": meter.meter_id, "scope": scope, "first_date": first,
        "last_date": last, "fuel": meter.fuel, "reasons": [], "event_ids": [], "days": 0, "days_with_events": 0,
        "days_unknown": 0, "baseline_first": meter.baseline_first, "baseline_end": meter.baseline_end,
        "cvrmse": None if model is None else _known(model.fit.cvrmse),
        "nmbe": None if model is None else _known(model.fit.nmbe),
        "meets_guideline": None if model is None else model.fit.meets_guideline,
        "model": None if model is None else f"OpenDSM {model.opendsm['version']}, daily (CalTRACK)",
    }  # fmt: skip


def _put(row: Row, name: str, avoided: float | None, half: float | None) -> None:
    """A value and its interval; without a half-width there is no interval."""
    known = avoided is not None and half is not None and np.isfinite(half)
    row[f"avoided_{name}"] = avoided
    row[f"avoided_{name}_low"] = avoided - half if known else None  # type: ignore[operator]
    row[f"avoided_{name}_high"] = avoided + half if known else None  # type: ignore[operator]


def _half_kwh(row: Row) -> float | None:
    return None if row["avoided_kwh_low"] is None else float(row["avoided_kwh_high"] - row["avoided_kwh_low"]) / 2


def _difference(row: Row) -> float | None:
    counted = row["state"] == "measured"
    return float(row["counterfactual_kwh"] - row["observed_kwh"]) if counted else None


def _known(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)

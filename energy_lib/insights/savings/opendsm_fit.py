"""Fits a baseline with OpenDSM's daily model (CalTRACK): the only file that imports OpenDSM, and only to fit.

The import takes seconds. Numba compiles at a machine's first fit and keeps the result: see compile_opendsm.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.insights.local_midnights import at_midnight
from energy_lib.insights.savings.baseline import Baseline, Submodel, hourly_shape, predicted_kwh
from energy_lib.insights.savings.fitness import fitness
from energy_lib.insights.savings.local_days import LocalDays

# CalTRACK 2.2.1.2: a baseline is a year, and OpenDSM asks for 90 % of it.
BASELINE_DAYS, LEAST_DAYS = 365, 329
# We hand over days whose hours we counted ourselves, so this warning says nothing.
NOT_OURS = "unable_to_confirm_daily_temperature_sufficiency"
# What an optimiser ends with on days that it can make nothing of.
FIT_FAILURES = (ValueError, ArithmeticError, IndexError, RuntimeError, np.linalg.LinAlgError)
# OpenDSM's own numbers of a fit that are kept.
KEPT = ("n", "n_prime", "ddof", "cvrmse_adj", "pnrmse_adj", "r_squared_adj", "num_model_params")


def fit_baseline(baseline: LocalDays, zone: str, *, is_electricity: bool) -> Baseline | list[str]:
    """The baseline's model, or why there is none to be had: OpenDSM's disqualifications, each a name and a sentence.

    Data that CalTRACK finds insufficient is not fitted. A fit that it disqualifies is returned with its reasons.
    """
    days = baseline.days
    too_little = insufficient(days)
    if too_little:
        return too_little
    with _quiet():
        try:
            return _fitted(baseline, zone, is_electricity)
        except FIT_FAILURES as error:
            # What one meter's days do to an optimiser costs that meter, not the night.
            return [f"fit_failed: OpenDSM found no model: {error}"]


def _fitted(baseline: LocalDays, zone: str, is_electricity: bool) -> Baseline | list[str]:
    from opendsm.eemeter import DailyBaselineData, DailyModel

    days = baseline.days
    frame = pd.DataFrame(
        {"observed": days["energy_kwh"].to_numpy(), "temperature": days["temperature_c"].to_numpy() * 9 / 5 + 32},
        index=at_midnight(pd.DatetimeIndex(days.index), zone),
    )
    data = DailyBaselineData(frame, is_electricity_data=is_electricity)
    if data.disqualification:
        return [_reason(each) for each in data.disqualification]
    model = DailyModel().fit(data, ignore_disqualification=True)
    kept: dict[str, Any] = json.loads(json.dumps(model.to_dict(), default=str))
    submodels = {
        name: Submodel(
            kind=each["coefficients"]["model_type"],
            coefficients={
                key: float(value)
                for key, value in each["coefficients"].items()
                if key != "model_type" and value is not None
            },
            bounds={key: float(value) for key, value in each["temperature_constraints"].items()},
        )
        for name, each in model.params.model_dump(mode="json")["submodels"].items()
    }
    metrics = kept["info"]["metrics"]
    predicted = predicted_kwh(submodels, pd.DatetimeIndex(days.index), days["temperature_c"].to_numpy(float))
    return Baseline(
        submodels=submodels,
        shape=hourly_shape(baseline.hours),
        fit=fitness(days["energy_kwh"].to_numpy(float), np.asarray(predicted), int(metrics["num_model_params"])),
        disqualified=[_reason(each) for each in model.disqualification],
        warnings=[_reason(each) for each in model.warnings if not each.qualified_name.endswith(NOT_OURS)],
        opendsm={"version": version("opendsm"), **{name: float(metrics[name]) for name in KEPT if name in metrics}},
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """OpenDSM's import sends every library's log lines to stderr, and its fits warn of divisions that it expects."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    logging.getLogger("eemeter").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            root.setLevel(level)
            root.handlers[:] = handlers


def insufficient(days: pd.DataFrame) -> list[str]:
    """What OpenDSM would refuse for want of days, without importing it (which fails on a meter without any).

    Names are OpenDSM's. `days`: `LocalDays.days`.
    """
    both = days[["energy_kwh", "temperature_c"]].notna()
    if not both.all(axis=1).any():
        return ["no_data: No day of the baseline has both energy and temperature."]
    known = both.all(axis=1)
    span = (days.index[known].max() - days.index[known].min()).days + 1
    reasons = []
    if span < LEAST_DAYS:
        reasons.append(
            f"incorrect_number_of_total_days: The baseline has {span} days; a model needs {LEAST_DAYS} to 366."
        )
    for name, column in (("observed", "energy_kwh"), ("temperature", "temperature_c")):
        if both[column].sum() < 0.9 * span:
            reasons.append(
                f"too_many_days_with_missing_{name}_data: {name.capitalize()} is known on {both[column].sum()} of "
                f"{span} days of the baseline; a model needs 90 %."
            )
    return reasons


def _reason(warning: Any) -> str:
    """`incorrect_number_of_total_days: Baseline length is not within … (n_days_total 211)`."""
    name = warning.qualified_name.rsplit(".", 1)[-1]
    data = warning.data if isinstance(warning.data, dict) else {}
    numbers = ", ".join(f"{key} {value:.4g}" for key, value in data.items() if isinstance(value, int | float))
    return f"{name}: {warning.description}{f' ({numbers})' if numbers else ''}"

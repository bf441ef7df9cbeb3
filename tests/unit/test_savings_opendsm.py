"""The baseline's prediction from kept numbers against OpenDSM's own, and OpenDSM's fit where time allows."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from energy_lib.insights.savings.baseline import Baseline, Submodel, predicted_kwh
from energy_lib.insights.savings.local_days import LocalDays
from energy_lib.insights.savings.opendsm_fit import fit_baseline, insufficient

KINDS = (
    "hdd_tidd_cdd_smooth", "hdd_tidd_cdd", "hdd_tidd_smooth", "hdd_tidd", "tidd_cdd_smooth", "tidd_cdd", "tidd",
)  # fmt: skip
BOUNDS = {"T_min": 20.0, "T_max": 90.0, "T_min_seg": 28.0, "T_max_seg": 82.0}


def coefficients(kind: str, rng: np.random.Generator) -> dict[str, float]:
    """As OpenDSM keeps them: of one limb the slope of heating is below zero; points may lie beyond the bounds."""
    found = {"intercept": float(rng.uniform(0, 100))}
    one_limb = not kind.startswith("hdd_tidd_cdd")
    for limb in ("hdd", "cdd"):
        if limb in kind:
            slope = float(rng.uniform(0, 5)) * (-1 if one_limb and limb == "hdd" else 1)
            found |= {f"{limb}_bp": float(rng.uniform(10, 100)), f"{limb}_beta": slope}
            if kind.endswith("smooth"):
                found[f"{limb}_k"] = float(rng.choice([0.0, 0.005, rng.uniform(0, 1.2), rng.uniform(1, 9)]))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_kept_numbers_predict_what_opendsm_predicts(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from opendsm.eemeter.models.daily.model import DailyModel
        from opendsm.eemeter.models.daily.parameters import ModelCoefficients

    rng = np.random.default_rng(len(kind))
    temperature_c = np.concatenate([np.linspace(-20, 45, 200), (np.array([*BOUNDS.values()]) - 32) * 5 / 9])
    dates = pd.date_range("2023-01-01", periods=len(temperature_c))
    for _ in range(40):
        kept = coefficients(kind, rng)
        submodel = SimpleNamespace(
            temperature_constraints=BOUNDS, coefficients=ModelCoefficients(model_type=kind, **kept), f_unc=0.0
        )
        theirs = DailyModel._predict_submodel(None, submodel, temperature_c * 9 / 5 + 32)[0]
        ours = predicted_kwh({"fw-su_sh_wi": Submodel(kind, kept, BOUNDS)}, dates, temperature_c)
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_components_take_their_days_alone() -> None:
    flat = {
        name: Submodel("tidd", {"intercept": value}, BOUNDS)
        for name, value in {"wd-su": 1.0, "we-su": 2.0, "fw-sh_wi": 3.0}.items()
    }
    dates = pd.DatetimeIndex(["2023-06-02", "2023-06-03", "2023-10-07", "2023-12-25", "2023-09-30", "2023-09-29"])
    temperature = np.array([10.0, 10, 10, 10, np.nan, 10])
    assert predicted_kwh(flat, dates, temperature) == pytest.approx([1, 2, 3, 3, np.nan, 1], nan_ok=True)


def baseline_days(count: int, known: int, *, seed: int = 0) -> LocalDays:
    dates = pd.date_range("2023-01-01", periods=count)
    rng = np.random.default_rng(seed)
    temperature = 10 - 9 * np.cos(2 * np.pi * dates.dayofyear.to_numpy() / 365) + rng.normal(0, 2, count)
    energy = (30 + 3 * np.maximum(15 - temperature, 0)) * rng.normal(1, 0.04, count)
    energy[known:] = np.nan
    days = pd.DataFrame({"energy_kwh": energy, "temperature_c": temperature, "hours": 24}, index=dates)
    hours = pd.DataFrame({"date": dates.repeat(24), "hour_local": list(range(24)) * count})
    return LocalDays(days, hours.assign(energy_kwh=energy.repeat(24) / 24))


def test_too_short_a_baseline_is_refused_without_opendsm() -> None:
    [reason] = insufficient(baseline_days(365, 200).days)
    assert reason == "incorrect_number_of_total_days: The baseline has 200 days; a model needs 329 to 366."
    holes = baseline_days(365, 365).days
    holes.iloc[50:100, 0] = np.nan
    assert insufficient(holes)[0].startswith(
        "too_many_days_with_missing_observed_data: Observed is known on 315 of 365"
    )
    assert insufficient(baseline_days(365, 0).days)[0].startswith("no_data")
    assert insufficient(baseline_days(365, 365).days) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_fit_is_kept_whole_and_predicts_as_opendsm_does() -> None:
    from opendsm.eemeter import DailyBaselineData, DailyModel, DailyReportingData

    local = baseline_days(365, 365)
    fitted = fit_baseline(local, "Europe/London", is_electricity=True)
    assert isinstance(fitted, Baseline)
    assert Baseline.from_json(fitted.to_json()) == fitted
    assert fitted.disqualified == []
    assert 0.03 < fitted.fit.cvrmse < 0.06
    frame = pd.DataFrame(
        {
            "observed": local.days["energy_kwh"].to_numpy(),
            "temperature": local.days["temperature_c"].to_numpy() * 9 / 5 + 32,
        },
        index=local.days.index.tz_localize("Europe/London"),
    )
    model = DailyModel().fit(DailyBaselineData(frame, is_electricity_data=True))
    theirs = model.predict(DailyReportingData(frame.drop(columns="observed"), is_electricity_data=True))
    ours = predicted_kwh(fitted.submodels, pd.DatetimeIndex(local.days.index), local.days["temperature_c"].to_numpy())
    assert ours == pytest.approx(theirs["predicted"].to_numpy(), rel=1e-9)
    # OpenDSM's is of its fit before the last one.
    assert fitted.opendsm["cvrmse_adj"] == pytest.approx(fitted.fit.cvrmse, rel=0.01)

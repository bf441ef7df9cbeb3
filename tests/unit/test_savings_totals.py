"""Rows of gold.savings: days, totals of meters, projects and the portfolio, and the intervals of their sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from energy_lib.insights.declared_events import Event
from energy_lib.insights.savings.baseline import Baseline, Submodel
from energy_lib.insights.savings.correction import Correction, combined
from energy_lib.insights.savings.fitness import Fitness
from energy_lib.insights.savings.local_days import LocalDays, local_days
from energy_lib.insights.savings.measured import MeterProject, day_rows, meter_total
from energy_lib.insights.savings.together import together
from energy_lib.insights.savings.values import HourlyRates

# h = 0.1 for totals and 0.2 for a day (of four days together 0.1 as well), whatever the fit.
FLAT = Correction(np.log(0.1), 0, 0, 0, np.log(0.2), 0, 0, 0.25, 1.0, 1, 1, "by hand")
START = date(2024, 1, 1)
FREE = HourlyRates(reason="No tariff.")


def meter(**changes: object) -> MeterProject:
    flat = Submodel("tidd", {"intercept": 48.0}, {"T_min": 0, "T_max": 90, "T_min_seg": 0, "T_max_seg": 90})
    even = {f"{season}-{day}": [1 / 24] * 24 for season in ("wi", "sh", "su") for day in ("wd", "we")}
    model = Baseline({"fw-su_sh_wi": flat}, even, Fitness(365, 48.0, 0.1, 0.001, 0.05), opendsm={"version": "1"})
    made = MeterProject("p", "m", "electricity", "UTC", date(2023, 1, 1), START, START, model)
    return replace(made, **changes)


def days(count: int = 4, kwh: float = 1.0, unknown: int = 0) -> LocalDays:
    starts = pd.date_range("2024-01-01", periods=24 * count, freq="h", tz="UTC")
    energy = np.where(np.arange(24 * count) < 24 * unknown, np.nan, kwh)
    hourly = pd.DataFrame({"interval_start_utc": starts, "energy_kwh": energy, "imputed_share": 0.0})
    end = date(2024, 1, 1 + count)
    return local_days(hourly, pd.Series(5.0, starts), "UTC", START, end, zero_day_is_missing=True)


def total(of: MeterProject, local: LocalDays, prices: HourlyRates = FREE) -> dict:
    rows = day_rows(of, local, prices, HourlyRates(reason="No factor."), FLAT)
    return meter_total(of, rows, date(2024, 1, 4), FLAT)


def test_a_total_is_the_sum_of_its_days_and_its_interval_its_own() -> None:
    row = total(meter(expected_kwh_per_year=3650.0), days())
    assert (row["state"], row["days"], row["days_unknown"]) == ("measured", 4, 0)
    assert row["avoided_kwh"] == pytest.approx(4 * 24)
    # A tenth of half the counterfactual and half the baseline's mean: both 192 kWh.
    assert (row["avoided_kwh_low"], row["avoided_kwh_high"]) == pytest.approx((96 - 19.2, 96 + 19.2))
    assert row["proven"]
    assert row["expected_kwh"] == pytest.approx(40)
    assert row["avoided_cost"] is None
    assert row["reasons"] == ["No factor.", "No tariff."]


def test_a_days_interval_is_wider_than_its_share_of_the_totals() -> None:
    [row, *_] = day_rows(meter(), days(), FREE, FREE, FLAT)
    assert (row["avoided_kwh_low"], row["avoided_kwh_high"]) == pytest.approx((24 - 9.6, 24 + 9.6))


def test_unknown_days_are_left_out_on_both_sides_and_counted() -> None:
    row = total(meter(), days(unknown=1))
    assert (row["days"], row["days_unknown"]) == (3, 1)
    assert (row["observed_kwh"], row["counterfactual_kwh"]) == (72, 144)
    assert "1 days are left out because energy or temperature is not known." in row["reasons"]


def test_days_of_an_event_are_named_and_in_no_sum() -> None:
    closed = Event("shut", "closure", pd.Timestamp("2024-01-03", tz="UTC"), None)
    row = total(meter(events=[closed]), days())
    assert (row["days"], row["days_with_events"], row["event_ids"]) == (2, 2, ["shut"])
    assert row["avoided_kwh"] == pytest.approx(48)
    always = replace(closed, start_utc=pd.Timestamp("2023-12-01", tz="UTC"))
    row = total(meter(events=[always]), days())
    assert (row["state"], row.get("avoided_kwh"), row.get("observed_kwh")) == ("non_routine", None, None)
    assert "shut" in row["reasons"][0]


def test_without_a_model_there_is_a_reason_and_no_number() -> None:
    row = total(meter(model=None, refused=["too short"]), days())
    assert (row["state"], row["reasons"], row.get("avoided_kwh")) == ("disqualified", ["too short"], None)


def test_before_the_reporting_period_a_project_waits() -> None:
    row = meter_total(meter(reporting_start=date(2024, 2, 1)), [], date(2024, 1, 4), FLAT)
    assert (row["state"], row["first_date"], row["last_date"]) == ("waiting", date(2024, 2, 1), date(2024, 2, 1))
    assert "begins on 2024-02-01" in row["reasons"][0]


def test_cost_follows_the_hours_and_its_interval_the_energys() -> None:
    hours = days().hours.index
    row = total(meter(), days(), HourlyRates(pd.Series(0.25, hours), "GBP"))
    assert (row["avoided_cost"], row["currency"]) == (pytest.approx(24.0), "GBP")
    assert (row["avoided_cost_low"], row["avoided_cost_high"]) == pytest.approx((0.25 * 76.8, 0.25 * 115.2))
    cheap = pd.Series(0.25, hours)
    cheap.iloc[3] = np.nan
    assert total(meter(), days(), HourlyRates(cheap, "GBP"))["avoided_cost"] is None


def test_a_projects_interval_adds_what_errors_have_in_common() -> None:
    parts = [total(meter(meter_id=name), days()) for name in ("a", "b", "c", "d")]
    row = together(parts, "p", FLAT)
    assert row["avoided_kwh"] == pytest.approx(4 * 96)
    # sqrt(4 h² + 12 · 0.25 h²) = sqrt(7) h: between independent (2 h) and of one piece (4 h).
    assert row["avoided_kwh_high"] - row["avoided_kwh"] == pytest.approx(np.sqrt(7) * 19.2)
    assert combined(np.ones(4), 0.0) == pytest.approx(2)
    assert combined(np.ones(4), 1.0) == pytest.approx(4)


def test_a_project_names_the_meter_that_it_leaves_out() -> None:
    bad = total(meter(meter_id="b", model=None, refused=["too short"]), days())
    row = together([total(meter(meter_id="a"), days()), bad], "p", FLAT)
    assert (row["state"], row["avoided_kwh"]) == ("measured", pytest.approx(96))
    assert any("b of p is left out (disqualified): too short" in reason for reason in row["reasons"])
    nothing = together([bad], "p", FLAT)
    assert (nothing["state"], nothing.get("avoided_kwh")) == ("disqualified", None)


def test_a_fit_without_numbers_gives_a_saving_without_an_interval() -> None:
    """As of a net register, whose mean day is not above zero."""
    whole = meter()
    odd = replace(whole, model=replace(whole.model, fit=Fitness(365, -1.0, np.nan, np.nan, np.nan)))
    row = total(odd, days(), HourlyRates(pd.Series(0.25, days().hours.index), "GBP"))
    assert (row["avoided_kwh"], row["avoided_kwh_low"], row["proven"]) == (pytest.approx(96), None, None)
    assert (row["avoided_cost"], row["avoided_cost_high"]) == (pytest.approx(24), None)
    summed = together([row, total(whole, days())], "p", FLAT)
    assert (summed["avoided_kwh"], summed["avoided_kwh_low"], summed["proven"]) == (pytest.approx(192), None, None)
    assert "avoided_kwh has no interval of m." in summed["reasons"]

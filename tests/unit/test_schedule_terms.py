"""Prices, demand charges and marginal intensity of a plan's hours, by the accounts' own reckoning of tariffs."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from energy_lib.insights.accounts.book import Book, Profile, tariffs_of
from energy_lib.insights.accounts.hour_grid import HourGrid, grid_of
from energy_lib.insights.accounts.hour_means import NEVER, HourMeans
from energy_lib.insights.schedules.terms import Terms, site_terms
from energy_lib.tables import references

PROFILE = Profile("electricity", "import", "Europe/London", None, None, ("GB",), None, "t")
# The plan's 48 hours are the last day of January and the first of February.
FIRST = int(np.datetime64("2024-01-31T00", "h").astype(int))


def hours(first: int, end: int) -> HourGrid:
    return grid_of("Europe/London", None, None, first, end)


def charge(kind: str, rate: float, flow: str = "import", **values: Any) -> dict[str, Any]:
    plain: dict[str, Any] = dict.fromkeys(references.TARIFFS.column_names)
    plain |= {"tariff_id": "t", "fuel": "electricity", "flow": flow, "charge": kind, "rate": rate, "days": "all"}
    return plain | {"valid_from": date(2000, 1, 1), "currency": "GBP", "vat_share": 0.2} | values


def terms(*charges: dict[str, Any], past_kw: np.ndarray | None = None, intensity: HourMeans | None = None) -> Terms:
    series = {} if intensity is None else {("GB", "marginal"): intensity}
    book = Book({}, (), tariffs_of(charges), series, {}, {})
    past = hours(FIRST - 48, FIRST)
    return site_terms(PROFILE, hours(FIRST, FIRST + 48), book, past, np.zeros(48) if past_kw is None else past_kw)


def test_prices_have_vat_and_what_is_exported_earns_what_the_tariff_says() -> None:
    found = terms(charge("unit_rate", 0.2), charge("unit_rate", 0.05, "export", vat_share=0.0))
    assert found.import_price == pytest.approx(0.24)
    assert set(found.export_price) == {0.05}
    assert found.reason is None
    assert set(terms(charge("unit_rate", 0.2)).export_price) == {0.0}


def test_a_hole_in_the_tariff_is_a_reason() -> None:
    assert terms(charge("unit_rate", 0.2, from_hour=0, to_hour=7)).reason == "tariff_hole: t"


def test_each_month_of_the_plan_has_its_own_peak_and_hours_outside_the_window_do_not_count() -> None:
    past_kw = np.full(48, np.nan)
    past_kw[[3, 17, 18]] = [90.0, 40.0, np.nan]
    found = terms(
        charge("unit_rate", 0.2), charge("demand_per_kw_month", 5.0, from_hour=16, to_hour=19), past_kw=past_kw
    )
    assert [list(np.flatnonzero(each.counts)) for each in found.demand] == [[16, 17, 18], [40, 41, 42]]
    assert found.demand[0].price_per_kw == pytest.approx(6.0)
    # The 90 kW at 03:00 do not count; February is taken to reach what January had.
    assert [each.expected_peak_kw for each in found.demand] == [40.0, 40.0]


def test_intensity_is_in_kg_and_an_hour_without_makes_it_none() -> None:
    known = HourMeans(FIRST, np.full(48, 250.0), np.ones(48), np.zeros(48, bool), np.full(48, NEVER))
    found = terms(charge("unit_rate", 0.2), intensity=known)
    assert found.intensity_kg_per_kwh is not None
    assert set(found.intensity_kg_per_kwh) == {0.25}
    short = HourMeans(FIRST, np.full(40, 250.0), np.ones(40), np.zeros(40, bool), np.full(40, NEVER))
    holed = terms(charge("unit_rate", 0.2), intensity=short)
    assert holed.intensity_kg_per_kwh is None
    assert holed.carbon_reason == "no_marginal_intensity: GB"

"""What doing otherwise than planned is worth now: sums worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from planned_sites import run_of, site_of

from energy_lib.insights.schedules.assets import SiteAssets
from energy_lib.insights.schedules.online.finding import Finding, finding
from energy_lib.insights.schedules.online.present import HourSoFar
from energy_lib.insights.schedules.problem import Problem, SiteForecast
from energy_lib.insights.schedules.site import Battery, DemandCharge, Site
from energy_lib.insights.schedules.solver import Solver
from energy_lib.insights.schedules.terms import Terms
from energy_lib.vocabulary import QUANTILES

HOURS = 6
HOUR = datetime(2024, 6, 3, 10, tzinfo=UTC)
EVERY = np.ones(HOURS, dtype=bool)
CHARGER = run_of(0, HOURS, HOURS, energy_kwh=6.0)
BATTERY = Battery("battery", 4.0, 4.0, 0.0, 2.0, 1.0)


def problem(site: Site, spread_kw: float = 0.0, **terms: Any) -> Problem:
    """The site's problem from HOUR on; quantiles lie `spread_kw` from the median at p05 and p95."""
    assets = SiteAssets(site.limit_kw, np.zeros(HOURS), [set() for _ in range(HOURS)])
    assets.kinds = {"battery": "battery", "charger": "flexible_load"}
    known = np.zeros(HOURS, dtype=bool)
    net = {name: site.net_kw + spread_kw * (share - 0.5) / 0.45 for name, share in QUANTILES.items()}
    forecast = SiteForecast(net, known, np.zeros(HOURS), {}, "dense", "1")
    plain = Terms(
        site.import_price, site.export_price, site.intensity_kg_per_kwh, known, known, site.demand, "GBP", "GB",
        None, None,
    )  # fmt: skip
    return Problem("campus", HOUR, assets, site, None, forecast, replace(plain, **terms), "two_prices")


def found(site: Site, planned: dict[str, list[float]], so_far: HourSoFar | None = None, **more: Any) -> Finding | None:
    so_far = HourSoFar() if so_far is None else so_far
    powers = {asset: np.array(power, dtype=float) for asset, power in planned.items()}
    return finding(problem(site, **more), powers, so_far, HOUR + timedelta(hours=so_far.elapsed), Solver())


def test_a_load_leaves_an_hour_whose_price_has_leapt() -> None:
    """6 kWh at 0.20 instead of 1.20 are 6.00."""
    price = [0.2, 0.2, 1.2, 0.2, 0.2, 0.2]
    known = found(site_of([10.0] * HOURS, price, runs=[CHARGER]), {"charger": [0, 0, 6, 0, 0, 0]})
    assert known is not None
    assert (known.type, known.currency, known.likelihood) == ("price_spike", "GBP", 1.0)
    assert (known.worth, known.money, known.kg) == (pytest.approx(6.0), pytest.approx(6.0), None)
    assert (known.hour_utc, known.hour_value) == (HOUR + timedelta(hours=2), 1.2)
    assert known.usual_value == pytest.approx(2.2 / 6)
    (left,) = [step for step in known.steps if step.planned_kw]
    assert (left.from_utc, left.to_utc) == (HOUR + timedelta(hours=2), HOUR + timedelta(hours=3))
    assert (left.asset_id, left.asset_kind, left.planned_kw, left.power_kw) == ("charger", "flexible_load", 6.0, 0.0)
    moved = [step for step in known.steps if not step.planned_kw]
    assert sum(step.power_kw * (step.to_utc - step.from_utc) / timedelta(hours=1) for step in moved) == pytest.approx(6)


def test_a_plan_that_is_still_the_best_is_left_alone() -> None:
    planned = {"charger": [0.0, 0.0, 6.0, 0.0, 0.0, 0.0]}
    assert found(site_of([10.0] * HOURS, [0.2] * HOURS, runs=[CHARGER]), planned) is None


def test_carbon_counts_at_its_price() -> None:
    """6 kWh, 0.5 kg less each: 3 kg, at 2.00 a kg."""
    kg = np.array([0.1, 0.1, 0.6, 0.1, 0.1, 0.1])
    site = site_of([10.0] * HOURS, [0.2] * HOURS, runs=[CHARGER], intensity_kg_per_kwh=kg, carbon_price=2.0)
    known = found(site, {"charger": [0, 0, 6, 0, 0, 0]})
    assert known is not None
    assert (known.type, known.hour_value) == ("intensity_spike", 0.6)
    assert (known.worth, known.money, known.kg) == (pytest.approx(6.0), pytest.approx(0.0), pytest.approx(3.0))


def with_demand(**more: Any) -> Site:
    charges = [DemandCharge(2.0, 12.0, EVERY)]
    return site_of([10.0] * HOURS, [0.2] * HOURS, batteries=[BATTERY], demand=charges, **more)


def test_a_battery_keeps_the_hour_below_the_highest_import_so_far() -> None:
    """8 kWh of the first half and 5 of the second are 13 kW; the battery has 1 kWh: half an hour at 2 kW saves 2.00."""
    known = found(with_demand(), {"battery": [0.0] * HOURS}, HourSoFar(0.5, 0.5, 8.0))
    assert known is not None
    assert (known.type, known.hour_utc, known.hour_value, known.usual_value) == ("demand_peak", HOUR, 13.0, 12.0)
    assert (known.worth, known.money) == (pytest.approx(2.0), pytest.approx(2.0))
    first = known.steps[0]
    assert (first.from_utc, first.to_utc) == (HOUR + timedelta(minutes=30), HOUR + timedelta(hours=1))
    assert (first.planned_kw, first.power_kw) == (0.0, pytest.approx(-2.0))
    assert (known.start_utc, known.likelihood) == (HOUR + timedelta(minutes=30), 1.0)


def test_as_much_as_was_read_at_the_usual_rate_is_no_peak() -> None:
    assert found(with_demand(), {"battery": [0.0] * HOURS}, HourSoFar(0.5, 0.5, 5.0)) is None


def test_a_peak_is_as_likely_as_the_quantiles_say() -> None:
    """Read 7 of half an hour, and 5 ± 1.5 of the other: 12 is the median, so half of what may come is above."""
    site = with_demand(upper_kw=np.full(HOURS, 13.0))
    site = replace(site, demand=[DemandCharge(2.0, 12.0, np.arange(HOURS) == 0)])
    known = found(site, {"battery": [0.0] * HOURS}, HourSoFar(0.5, 0.5, 7.0), spread_kw=3.0)
    assert known is not None
    assert (known.hour_value, known.likelihood) == (13.5, pytest.approx(0.5))
    # Of the 1.5 above 12 the battery takes off what it holds: 1 kWh.
    assert known.worth == pytest.approx(2.0)


def test_what_a_battery_did_by_plan_in_the_part_that_is_gone_counts() -> None:
    """It charges 1 kW all hour, and half of it is gone: 0.5 kWh more are in it, and 0.5 kWh are still to come."""
    known = found(with_demand(), {"battery": [1.0, -1.0, 0, 0, 0, 0]}, HourSoFar(0.5, 0.5, 8.0))
    assert known is not None
    # 13.5 kW by plan. It holds 1.5 kWh, and can bring the hour down to 11.5: what counts is down to 12.
    assert known.hour_value == pytest.approx(13.5)
    assert known.worth == pytest.approx(3.0)


def test_an_estimated_price_makes_it_less_likely() -> None:
    price = [0.2, 0.2, 1.2, 0.2, 0.2, 0.2]
    site = site_of([10.0] * HOURS, price, runs=[CHARGER])
    planned = {"charger": [0.0, 0.0, 6.0, 0.0, 0.0, 0.0]}
    known = found(site, planned, estimated_price=np.array([False, False, True, False, False, False]))
    assert known is not None
    assert known.likelihood < 1.0

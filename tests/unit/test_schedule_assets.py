"""Rows of silver.assets as problems: limits of hours, batteries that go on, loads under way, generation."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from energy_lib.insights.schedules.assets import Past, SiteAssets, site_assets
from energy_lib.insights.schedules.windows import LocalHours
from energy_lib.tables import references

CLOCK = pd.date_range("2024-01-08 18:00", periods=80, freq="h")
LOCAL = LocalHours(30, CLOCK.to_numpy().astype("datetime64[D]"), np.asarray(CLOCK.hour, dtype=np.int64))


def row(asset_id: str, kind: str, power_kw: float, **values: Any) -> dict[str, Any]:
    plain: dict[str, Any] = dict.fromkeys(references.ASSETS.column_names)
    return (
        plain
        | {"asset_id": asset_id, "site_id": "s", "kind": kind, "power_kw": power_kw}
        | {"valid_from": date(2024, 1, 1)}
        | values
    )


def assets(*rows: dict[str, Any], past: Past | None = None, **generated: np.ndarray) -> SiteAssets:
    return site_assets(rows, LOCAL, 48, past or {}, generated)


def test_the_lowest_limit_of_an_hour_counts_and_is_named() -> None:
    found = assets(
        row("grid", "site_limit", 100.0),
        row("evening", "site_limit", 60.0, from_hour=16, to_hour=20),
        row("tariff", "site_limit", 60.0, from_hour=19, to_hour=21),
        row("ended", "site_limit", 1.0, valid_to=date(2024, 1, 9)),
    )
    assert list(found.limit_kw[14:22]) == [100, 100, 60, 60, 60, 60, 60, 100]
    assert found.limit_names[18] == {"evening"}
    assert found.limit_names[19] == {"evening", "tariff"}
    assert found.kinds == {}


def test_a_battery_goes_on_from_the_plan_before_within_its_limits() -> None:
    battery = row(
        "b", "battery", 5.0, energy_kwh=10.0, round_trip_efficiency=0.81, lowest_charge_share=0.1,
        highest_charge_share=0.9,
    )  # fmt: skip
    assert assets(battery).batteries[0].start_kwh == 1.0
    assert assets(battery, past={("b", -1): (0.0, 4.5)}).batteries[0].start_kwh == 4.5
    assert assets(battery, past={("b", -1): (0.0, 12.0)}).batteries[0].start_kwh == 9.0
    assert assets(battery).batteries[0].discharge_kw == 5.0
    assert assets(battery).batteries[0].one_way == pytest.approx(0.9)


def test_a_battery_that_lacks_a_size_says_so() -> None:
    assert assets(row("b", "battery", 5.0, energy_kwh=10.0)).failed == {"b": "asset_without_round_trip_efficiency: b"}


def test_what_is_not_valid_yet_or_no_more_is_no_asset() -> None:
    old = row("b", "battery", 5.0, energy_kwh=10.0, round_trip_efficiency=0.9, valid_to=date(2024, 1, 5))
    new = row("b", "battery", 9.0, energy_kwh=10.0, round_trip_efficiency=0.9, valid_from=date(2024, 1, 5))
    for given in ((old, new), (new, old)):
        found = assets(*given)
        assert [battery.charge_kw for battery in found.batteries] == [9.0]
        assert found.kinds == {"b": "battery"}
    gone = row("l", "flexible_load", 4.0, energy_kwh=8.0, valid_to=date(2024, 1, 5))
    assert assets(gone).kinds == {}


def test_a_load_under_way_has_left_what_its_plan_has_not_used() -> None:
    """Its window began six hours before the origin: 4 kWh were used in the last two of them."""
    load = row("l", "flexible_load", 4.0, energy_kwh=10.0, from_hour=18, to_hour=6, minimum_run_hours=3)
    past: Past = {("l", hour): (0.0, None) for hour in range(-6, -2)} | {("l", hour): (2.0, None) for hour in (-2, -1)}
    first, second = assets(load, past=past).runs
    assert (first.first, first.end, first.energy_kwh, first.ran_hours) == (0, 6, 6.0, 2)
    assert (second.first, second.end, second.energy_kwh, second.ran_hours) == (18, 30, 10.0, 0)
    assert first.default_kw.sum() == 0.0


def test_a_load_that_no_plan_has_known_ran_as_it_does_by_default() -> None:
    load = row("l", "flexible_load", 4.0, energy_kwh=32.0, from_hour=18, to_hour=6)
    first, second = assets(load).runs
    assert first.energy_kwh == pytest.approx(8.0)
    assert list(first.default_kw[:3]) == [4.0, 4.0, 0.0]
    assert second.default_kw[18:30].sum() == pytest.approx(32.0)


def test_only_a_load_with_a_meter_is_within_the_forecast() -> None:
    load = row("l", "flexible_load", 4.0, energy_kwh=8.0, from_hour=8, to_hour=12)
    assert assets(load).within_kw.sum() == 0
    assert list(assets(load | {"meter_id": "m"}).within_kw[8:11]) == [4.0, 4.0, 0.0]


def test_generation_has_the_forecast_of_its_meter_up_to_its_power() -> None:
    found = assets(row("roof", "generation", 5.0, meter_id="pv"), pv=np.full(48, 7.0))
    assert set(found.generation[0].forecast_kw) == {5.0}
    assert assets(row("roof", "generation", 5.0, meter_id="pv")).failed == {
        "roof": "no_forecast: meter pv of generation roof"
    }

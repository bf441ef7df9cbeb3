"""Laws of measures, for any hours: what is shifted is not lost, more insulation never uses more, and the like."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scenario_units import FIRST, assumed, clock, unit, values_of

from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.scenarios.assumption import Measure, Window
from energy_lib.insights.scenarios.load import FED_IN, POWER, Load
from energy_lib.insights.scenarios.measures.electric_vehicle import ElectricVehicle
from energy_lib.insights.scenarios.measures.heat_pump import HeatPump, cop
from energy_lib.insights.scenarios.measures.insulation import Insulation
from energy_lib.insights.scenarios.measures.shifted_load import ShiftedLoad, shifted
from energy_lib.insights.scenarios.measures.solar import Solar, used_and_fed_in
from energy_lib.insights.scenarios.measures.tariff_change import Rate, TariffChange

GAS = ("gas", "import")
DAYS = 4
# Over the days on which clocks change, too.
CLOCKS = [clock(DAYS, FIRST + 24 * first) for first in (0, 89, 299)]
HOURS = st.sampled_from(CLOCKS)
KWH = arrays(float, 24 * DAYS, elements=st.one_of(st.just(np.nan), st.floats(0, 50, width=32)))
SHARES = st.floats(0, 1)
WINDOWS = st.builds(Window, from_hour=st.integers(0, 23), to_hour=st.integers(1, 24))


def by_day(kwh: Floats, hours: object) -> Floats:
    day = (hours.day - hours.day[0]).astype(int)  # type: ignore[attr-defined]
    return np.bincount(day, np.nan_to_num(kwh))


@given(KWH, HOURS, WINDOWS, WINDOWS, SHARES)
def test_what_is_shifted_stays_in_its_day_and_nothing_goes_below_zero(
    kwh: Floats, hours: object, first: Window, second: Window, share: float
) -> None:
    hour = hours.hour_of_day  # type: ignore[attr-defined]
    source, target = np.isin(hour, first.hours()), np.isin(hour, sorted({*second.hours()} - {*first.hours()}))
    found = shifted(kwh, hours, source, target, share)  # type: ignore[arg-type]
    assert np.allclose(by_day(found, hours), by_day(kwh, hours))
    assert np.nanmin(found, initial=0) >= 0
    assert (np.isnan(found) == np.isnan(kwh)).all()


@given(KWH, SHARES, SHARES, SHARES)
def test_more_insulation_never_uses_more(kwh: Floats, part: float, one: float, other: float) -> None:
    home = unit({GAS: kwh})
    load = Load(home.load.kwh, {"gas": kwh * part})
    less, more = sorted((one, other))

    def after(saving: float) -> Floats:
        measure = Insulation(kind="insulation", heat_saving=assumed(0.1))
        return measure.apply(home, load, {"heat_saving": saving}).kwh[GAS]

    if np.nan_to_num(load.heat_kwh["gas"]).any():
        assert (after(more) <= after(less) + 1e-9)[np.isfinite(kwh)].all()
        assert (after(more) >= -1e-9)[np.isfinite(kwh)].all()


@given(KWH, KWH)
def test_what_panels_make_is_used_or_fed_in(used: Floats, made: Floats) -> None:
    made = np.nan_to_num(made)
    left, fed_in = used_and_fed_in(used, made)
    known = np.isfinite(used)
    assert np.allclose((used - left + fed_in)[known], made[known])
    assert (left[known] >= 0).all()
    assert (fed_in[known] >= 0).all()


@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(25, 70), st.floats(25, 70))
def test_a_pump_is_better_in_warmer_air_and_with_cooler_water(one: float, two: float, sink: float, hot: float) -> None:
    cold, mild = sorted((one, two))
    low, high = sorted((sink, hot))
    assert cop(np.array([cold]), low, 1.0) <= cop(np.array([mild]), low, 1.0) + 1e-9
    assert cop(np.array([cold]), high, 1.0) <= cop(np.array([cold]), low, 1.0) + 1e-9


@given(KWH, KWH, HOURS)
def test_a_measure_of_nothing_changes_nothing(power: Floats, gas: Floats, hours: object) -> None:
    air = np.linspace(-5, 15, 24 * DAYS)
    home = unit({POWER: power, GAS: gas}, air, np.full(24 * DAYS, 300.0), hours=hours)  # type: ignore[arg-type]
    load = Load(home.load.kwh, {"gas": np.zeros(24 * DAYS)})
    dear = Rate(from_hour=0, to_hour=24, price_factor=3.0)
    nothing: list[Measure] = [
        ShiftedLoad(
            kind="shifted_load", source=Window(from_hour=16, to_hour=20), target=Window(from_hour=0, to_hour=6),
            shifted_share=assumed(0.0),
        ),
        TariffChange(kind="tariff_change", rates=(dear,), elasticity=assumed(0.0)),
        ElectricVehicle(
            kind="electric_vehicle", charged=Window(from_hour=0, to_hour=6), km_per_day=assumed(0.0),
            kwh_per_km=assumed(0.2), charged_at_home_share=assumed(1.0),
        ),
        HeatPump(
            kind="heat_pump", boiler_efficiency=assumed(0.8), sink_at_0c=assumed(45), cop_correction=assumed(0.85),
            hot_water_share=assumed(0.0),
        ),
    ]  # fmt: skip
    for measure in nothing:
        after = measure.apply(home, load, values_of(measure))
        for key, kwh in load.kwh.items():
            assert np.allclose(after.kwh[key], kwh, equal_nan=True), (measure, key)
    panels = Solar(kind="solar", kwp=1e-9, performance_ratio=assumed(0.8), export_price_share=assumed(0.3))
    after = panels.apply(home, load, values_of(panels))
    assert np.nan_to_num(after.kwh[FED_IN]).sum() < 1e-6


@given(st.lists(st.text(min_size=1), unique=True, min_size=1), SHARES, SHARES)
def test_who_takes_part_in_a_smaller_share_takes_part_in_a_larger_one(
    names: list[str], one: float, other: float
) -> None:
    less, more = sorted((max(one, 1e-6), max(other, 1e-6)))

    def takers(share: float) -> set[str]:
        measure = TariffChange(
            kind="tariff_change", share=share, rates=(Rate(from_hour=0, to_hour=6, price_factor=2.0),),
            elasticity=assumed(-0.1),
        )  # fmt: skip
        return {name for name in names if measure.takes_part(unit({POWER: [1.0] * 24}, unit_id=name))}

    assert takers(less) <= takers(more)
    assert takers(1.0) == set(names)

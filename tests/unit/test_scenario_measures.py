"""Each measure against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scenario_units import FIRST, assumed, clock, unit, values_of

from energy_lib.insights.scenarios.assumption import Window
from energy_lib.insights.scenarios.load import FED_IN, POWER, heat_part
from energy_lib.insights.scenarios.measures.electric_vehicle import ElectricVehicle, charging
from energy_lib.insights.scenarios.measures.heat_pump import HeatPump, cop, electricity_of
from energy_lib.insights.scenarios.measures.insulation import Insulation
from energy_lib.insights.scenarios.measures.shifted_load import ShiftedLoad, shifted
from energy_lib.insights.scenarios.measures.solar import Solar, used_and_fed_in
from energy_lib.insights.scenarios.measures.tariff_change import Rate, TariffChange, price_factors
from energy_lib.insights.scenarios.unserved import LikeArea, tier, unserved_rows

GAS = ("gas", "import")
# Sixty days that get a third of a kelvin colder every day, from 20 to 0 °C; a base of 6 kWh a day and 2 kWh a kelvin
# below 15 °C.
DAILY_C = np.linspace(20, 0, 60)
DAILY_GAS = 6 + 2 * np.maximum(15 - DAILY_C, 0)
AIR, GAS_KWH = np.repeat(DAILY_C, 24), np.repeat(DAILY_GAS / 24, 24)


def test_the_cop_falls_with_the_lift_and_a_pump_is_never_worse_than_a_heater() -> None:
    # 45 °C over 5 °C: 6.08 - 3.6 + 0.8 = 3.28. A lift of 10 counts as 15: 6.08 - 1.35 + 0.1125 = 4.8425.
    assert cop(np.array([5.0, 35.0]), 45.0, 1.0) == pytest.approx([3.28, 4.8425])
    assert cop(np.array([5.0]), 45.0, 0.5) == pytest.approx([1.64])
    assert cop(np.array([-25.0]), 65.0, 0.4) == pytest.approx([1.0])


def test_a_pump_takes_the_heat_of_the_gas_over_the_cop() -> None:
    # At 5 °C the radiators have 45 - 5 = 40 °C, a lift of 35: 6.08 - 3.15 + 0.6125 = 3.5425; water 3.0725 at 45 K.
    water_cop = 6.08 - 0.09 * 45 + 0.0005 * 45**2
    found = electricity_of(np.array([10.0]), np.array([2.0]), np.array([5.0]), 0.8, 45.0, 1.0)
    assert found == pytest.approx([8 / 3.5425 + 1.6 / water_cop])


def test_the_part_of_gas_that_follows_the_cold_is_what_is_above_the_base() -> None:
    found = heat_part(GAS_KWH, AIR, clock(60))
    assert found is not None
    assert found.reshape(60, 24).sum(axis=1) == pytest.approx(DAILY_GAS - 6, abs=0.4)
    assert found.max() <= GAS_KWH.max()
    assert heat_part(np.ones(60 * 24), AIR, clock(60)) is None


def test_a_home_with_a_heat_pump_keeps_the_gas_that_cooks() -> None:
    measure = HeatPump(
        kind="heat_pump", boiler_efficiency=assumed(0.8), sink_at_0c=assumed(45), cop_correction=assumed(1.0),
        hot_water_share=assumed(0.75),
    )  # fmt: skip
    home = unit({POWER: np.full(1440, 0.5), GAS: GAS_KWH}, AIR)
    assert measure.fits(home)
    after = measure.apply(home, home.load, values_of(measure))
    # A quarter of the 6 kWh a day of the base is left.
    assert after.kwh[GAS].sum() == pytest.approx(60 * 1.5, rel=0.02)
    heat = home.load.heat_kwh["gas"]
    more = electricity_of(heat, (GAS_KWH - heat) * 0.75, AIR, 0.8, 45.0, 1.0)
    assert after.kwh[POWER] == pytest.approx(0.5 + more)
    assert not after.heat_kwh["gas"].any()
    assert after.heat_kwh["electricity"] == pytest.approx(more)
    assert not measure.fits(unit({GAS: GAS_KWH}, AIR)), "nothing to draw from"
    assert not measure.fits(unit({POWER: GAS_KWH, GAS: np.ones(1440)}, AIR)), "no heat"
    assert not measure.fits(unit({POWER: GAS_KWH, GAS: GAS_KWH})), "no weather"


def test_gas_that_is_not_known_leaves_the_electricity_as_it_was() -> None:
    gas = GAS_KWH.copy()
    gas[:24] = np.nan
    measure = HeatPump(
        kind="heat_pump", boiler_efficiency=assumed(0.8), sink_at_0c=assumed(45), cop_correction=assumed(1.0),
        hot_water_share=assumed(1.0),
    )  # fmt: skip
    home = unit({POWER: np.full(1440, 0.5), GAS: gas}, AIR)
    after = measure.apply(home, home.load, values_of(measure))
    assert after.kwh[POWER][:24] == pytest.approx(np.full(24, 0.5))
    assert np.isnan(after.kwh[GAS][:24]).all()


def test_without_weather_an_hour_keeps_its_gas_and_panels_make_nothing() -> None:
    air, sun = AIR.copy(), np.full(1440, 500.0)
    air[:24] = sun[:24] = np.nan
    home = unit({POWER: np.full(1440, 0.5), GAS: GAS_KWH}, air, sun)
    pump = HeatPump(
        kind="heat_pump", boiler_efficiency=assumed(0.8), sink_at_0c=assumed(45), cop_correction=assumed(1.0),
        hot_water_share=assumed(1.0),
    )  # fmt: skip
    after = pump.apply(home, home.load, values_of(pump))
    assert after.kwh[GAS][:24] == pytest.approx(GAS_KWH[:24])
    assert after.kwh[POWER][:24] == pytest.approx(np.full(24, 0.5))
    assert after.kwh[GAS][24:] == pytest.approx(np.zeros(1416), abs=1e-9)
    panels = Solar(kind="solar", kwp=1.0, performance_ratio=assumed(0.8), export_price_share=assumed(0.3))
    after = panels.apply(home, home.load, values_of(panels))
    assert after.kwh[POWER][:24] == pytest.approx(np.full(24, 0.5))
    assert after.kwh[FED_IN][24] == 0
    assert after.kwh[POWER][24] == pytest.approx(0.1)


def test_insulation_saves_of_the_heat_alone_and_twice_of_what_is_left() -> None:
    measure = Insulation(kind="insulation", heat_saving=assumed(0.25))
    home = unit({POWER: np.full(1440, 0.5), GAS: GAS_KWH}, AIR)
    heat = home.load.heat_kwh["gas"]
    once = measure.apply(home, home.load, values_of(measure))
    assert once.kwh[GAS] == pytest.approx(GAS_KWH - 0.25 * heat)
    twice = measure.apply(home, once, values_of(measure))
    assert twice.kwh[GAS] == pytest.approx(GAS_KWH - (1 - 0.75**2) * heat)
    assert once.kwh[POWER] is home.load.kwh[POWER]
    assert not measure.fits(unit({POWER: np.ones(1440)}, AIR))


def test_after_a_heat_pump_insulation_saves_electricity() -> None:
    pump = HeatPump(
        kind="heat_pump", boiler_efficiency=assumed(0.8), sink_at_0c=assumed(45), cop_correction=assumed(1.0),
        hot_water_share=assumed(0.0),
    )  # fmt: skip
    insulation = Insulation(kind="insulation", heat_saving=assumed(0.5))
    home = unit({POWER: np.full(1440, 0.5), GAS: GAS_KWH}, AIR)
    pumped = pump.apply(home, home.load, values_of(pump))
    both = insulation.apply(home, pumped, values_of(insulation))
    assert both.kwh[POWER] - 0.5 == pytest.approx((pumped.kwh[POWER] - 0.5) / 2)
    other_way = pump.apply(home, insulation.apply(home, home.load, values_of(insulation)), values_of(pump))
    assert other_way.kwh[POWER] == pytest.approx(both.kwh[POWER]), "the order makes no difference"


def test_panels_cover_the_hour_first_and_feed_in_the_rest() -> None:
    left, fed_in = used_and_fed_in(np.array([1.0, 0.2, np.nan]), np.array([0.4, 0.5, 0.3]))
    assert left[:2] == pytest.approx([0.6, 0.0])
    assert fed_in[:2] == pytest.approx([0.0, 0.3])
    assert np.isnan([left[2], fed_in[2]]).all()


def test_panels_are_no_larger_than_the_roof() -> None:
    measure = Solar(kind="solar", kwp=4.0, performance_ratio=assumed(0.8), export_price_share=assumed(0.3))
    sun = np.zeros(24)
    sun[12] = 500.0
    for roof, made in ((None, 1.6), (20.0, 0.8)):
        home = unit({POWER: np.full(24, 0.3)}, irradiance_w_m2=sun, roof_area_m2=roof)
        after = measure.apply(home, home.load, values_of(measure))
        assert after.kwh[POWER][12] == 0
        assert after.kwh[FED_IN][12] == pytest.approx(made - 0.3)
        assert after.kwh[FED_IN].sum() == pytest.approx(made - 0.3)
    assert not measure.fits(unit({POWER: [1.0] * 24, FED_IN: [0.0] * 24}, irradiance_w_m2=sun)), "it has panels"
    assert not measure.fits(unit({POWER: [1.0] * 24}))


def test_a_dearer_hour_is_used_less_by_the_elasticity() -> None:
    measure = TariffChange(
        kind="tariff_change", rates=(Rate(from_hour=16, to_hour=20, price_factor=4.0),), elasticity=assumed(-0.5)
    )
    home = unit({POWER: np.ones(24)})
    after = measure.apply(home, home.load, values_of(measure))
    assert after.kwh[POWER][16:20] == pytest.approx(np.full(4, 0.5))
    assert after.kwh[POWER].sum() == pytest.approx(22)
    assert after.price_factor["electricity"][[15, 16]] == pytest.approx([1, 4])


def test_rates_follow_the_local_clock_its_holidays_and_the_last_that_holds() -> None:
    rates = (
        Rate(from_hour=23, to_hour=6, price_factor=0.5),
        Rate(from_hour=0, to_hour=1, price_factor=0.25),
        Rate(from_hour=16, to_hour=20, days="weekdays", price_factor=2.0),
    )
    # New Year's Day, a holiday, and the Tuesday after it.
    found = price_factors(rates, clock(2))
    assert found[[0, 1, 5, 6, 17, 23]] == pytest.approx([0.25, 0.5, 0.5, 1, 1, 0.5])
    assert found[24 + 17] == 2
    # In July London is an hour ahead of UTC.
    assert price_factors(rates, clock(1, FIRST + 24 * 200))[[15, 19]] == pytest.approx([2, 1])


def test_a_tenth_of_the_evening_goes_into_the_night_of_the_same_day() -> None:
    kwh = np.ones(48)
    hours = clock(2)
    source, target = np.isin(hours.hour_of_day, [16, 17]), np.isin(hours.hour_of_day, [0, 1, 2, 3])
    found = shifted(kwh, hours, source, target, 0.1)
    assert found[[16, 17]] == pytest.approx([0.9, 0.9])
    assert found[:4] == pytest.approx(np.full(4, 1.05))
    assert found.sum() == pytest.approx(48)
    # A day whose night is not known shifts nothing.
    kwh[24:28] = np.nan
    assert shifted(kwh, hours, source, target, 0.1)[24:] == pytest.approx(kwh[24:], nan_ok=True)


def test_a_window_to_shift_from_and_one_to_shift_to_share_no_hour() -> None:
    with pytest.raises(ValueError, match="share an hour"):
        ShiftedLoad(
            kind="shifted_load", source=Window(from_hour=16, to_hour=20), target=Window(from_hour=19, to_hour=23),
            shifted_share=assumed(0.1),
        )  # fmt: skip


def test_a_car_takes_its_kilometres_in_its_window() -> None:
    measure = ElectricVehicle(
        kind="electric_vehicle", charged=Window(from_hour=22, to_hour=2), km_per_day=assumed(40),
        kwh_per_km=assumed(0.2), charged_at_home_share=assumed(0.5),
    )  # fmt: skip
    home = unit({POWER: np.zeros(24)})
    after = measure.apply(home, home.load, values_of(measure))
    assert np.flatnonzero(after.kwh[POWER]).tolist() == [0, 1, 22, 23]
    assert after.kwh[POWER].sum() == pytest.approx(4.0)


def test_a_car_charges_the_same_on_the_days_of_23_and_25_hours() -> None:
    spring = clock(3, FIRST + 24 * 89)  # 2024-03-30 … 04-01, with 31 March
    found = charging(spring, Window(from_hour=0, to_hour=6), 6.0)
    assert np.bincount((spring.day - spring.day[0]).astype(int), found)[:3] == pytest.approx([6.0, 6.0, 6.0])


def test_tiers_of_the_multi_tier_framework() -> None:
    assert [tier(kwh) for kwh in (0.0, 0.012, 0.19, 0.2, 1.0, 3.39, 3.4, 8.2, 100)] == [0, 1, 1, 2, 3, 3, 4, 5, 5]


def test_an_unserved_area_uses_what_homes_of_its_climate_use() -> None:
    like = [LikeArea(str(i), "dry", 30, kwh, kw) for i, (kwh, kw) in enumerate([(1.0, 0.2), (3.0, 0.3), (9.0, 0.4)])]
    like.append(LikeArea("wet", "wet", 30, 50.0, 5.0))
    area = {"area_id": "hill", "climate_zone": "dry", "households": 200}
    rows = {row["quantity"]: row for row in unserved_rows(area, like, 100, same_zone=True)}

    def range_of(quantity: str) -> list[float]:
        return [rows[quantity][name] for name in ("change_low", "change", "change_high")]

    # Quantiles of 1, 3, 9 kWh: 1.4, 3, 7.8.
    assert range_of("kwh_per_household_day") == pytest.approx([1.4, 3.0, 7.8])
    assert range_of("mtf_tier") == [3, 3, 4]
    assert range_of("energy_kwh") == pytest.approx([28_000, 60_000, 156_000])
    assert range_of("peak_kw") == pytest.approx([44, 60, 76])
    assert rows["energy_kwh"]["units"] == 90
    (wider, *_) = unserved_rows(area, like, 100, same_zone=False)
    assert wider["units"] == 120
    (none, *_) = unserved_rows(area, [], 100, same_zone=True)
    assert none["reason"] == "no like area has enough measured homes to be told"
    # Where no area of its zone was measured, all others stand in.
    (other, *_) = unserved_rows(area | {"climate_zone": "polar"}, like, 100, same_zone=True)
    assert other["units"] == 120

"""What a home costs with a changed load: on which register a change falls, and what is fed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from account_rows import book_of, charge, factor, meter
from scenario_units import FIRST, unit

from energy_lib.insights.accounts.book import Book
from energy_lib.insights.scenarios.load import FED_IN, POWER, Load, Register, Unit
from energy_lib.insights.scenarios.unit_worth import UnitWorths, register_loads
from energy_lib.insights.scenarios.valuation import Valuer

HOURS = 744
ONES = np.ones(HOURS)
DEAR = charge("unit_rate", 0.3, vat_share=0.2)
STANDING = charge("standing_per_day", 1.0, vat_share=0.2)


def home(**kwh: float) -> Unit:
    """A home whose registers of electricity take so much in each hour."""
    found = unit({POWER: ONES})
    (register,) = found.registers
    registers = tuple(
        Register(replace(register.meter, meter_id=name), POWER, ONES * each, 0.0) for name, each in kwh.items()
    )
    return replace(found, registers=registers)


def worths(*tariffs: dict[str, object]) -> UnitWorths:
    book: Book = book_of([meter("home_electricity_import", country=None)], [factor(0.2)], tariffs)
    return UnitWorths(Valuer(book, FIRST, (date(2024, 1, 1),)))


def test_a_saving_falls_on_all_registers_and_an_increase_on_the_largest() -> None:
    small_and_large = home(small=1.0, large=3.0)
    less = np.where(np.arange(HOURS) < 24, 2.0, 4.0)
    more = np.where(np.arange(HOURS) < 24, 5.0, 4.0)
    for after, small, large in ((less, 0.5, 1.5), (more, 1.0, 4.0)):
        found = {
            name.meter_id: kwh
            for name, _, kwh, _ in register_loads(small_and_large, small_and_large.load.changed({POWER: after}))
        }
        assert (found["small"][0], found["large"][0]) == pytest.approx((small, large))
        assert found["small"] + found["large"] == pytest.approx(after)


def test_what_panels_feed_in_earns_the_export_tariff_or_the_assumed_share() -> None:
    fed_in = home(m=1.0).load.changed({FED_IN: ONES * 0.5})
    before = worths(DEAR, STANDING).of(home(m=1.0), home(m=1.0).load)
    assert before.cost == pytest.approx((HOURS * 0.3 + 31) * 1.2)
    paid = charge("unit_rate", 0.1, flow="export", vat_share=0.0)
    known = worths(DEAR, STANDING, paid).of(home(m=1.0), fed_in, 0.5)
    assert before.cost - known.cost == pytest.approx(HOURS * 0.5 * 0.1)
    # Half of the unit rate of the same hour; a household gets no VAT, and pays the standing charge once.
    assumed = worths(DEAR, STANDING).of(home(m=1.0), fed_in, 0.5)
    assert before.cost - assumed.cost == pytest.approx(HOURS * 0.5 * 0.3 * 0.5)
    unknown = worths(DEAR, STANDING).of(home(m=1.0), fed_in)
    assert np.isnan(unknown.cost)
    assert unknown.cost_reason == "no_tariff: T"
    assert known.emissions_kg == before.emissions_kg, "what is fed in is not subtracted"


def test_two_currencies_are_no_bill() -> None:
    two = home(m=1.0)
    (register,) = two.registers
    profile = replace(register.meter.profile, tariff_id="E")
    euro = replace(register, meter=replace(register.meter, meter_id="e", profile=profile))
    both = replace(two, registers=(register, euro))
    found = worths(DEAR, charge("unit_rate", 0.2, tariff_id="E", currency="EUR")).of(both, both.load)
    assert (np.isnan(found.cost), found.cost_reason) == (True, "two_currencies")


def test_a_changed_rate_changes_the_energy_and_not_the_standing_charge() -> None:
    one = home(m=1.0)
    load = Load(one.load.kwh, {}, {"electricity": np.where(np.arange(HOURS) < 100, 2.0, 1.0)})
    found = worths(DEAR, STANDING)
    assert found.of(one, load).cost - found.of(one, one.load).cost == pytest.approx(100 * 0.3 * 1.2)

"""What two meters say together: a swap, heating and cooling at once; which meters are held against one another."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import chain, combinations
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_profiles import ZONE, office_hours

from energy_lib.insights.anomalies.events import Beside, Event, detect
from energy_lib.insights.anomalies.heat_and_cool import heating_and_cooling
from energy_lib.insights.anomalies.meter_days import MeterDays, meter_days
from energy_lib.insights.anomalies.places import AT_ONCE, heated_buildings, in_squares, looked_at, maybe_swapped
from energy_lib.insights.anomalies.swap_events import with_swaps, without_echoes
from energy_lib.insights.anomalies.swapped import foreseen, may_be_swapped, on_the_same_days, swapped

DAYS, BEGINS = 200, 150
FIRST = datetime(2024, 5, 1, tzinfo=UTC)


def meter(meter_id: str, **more: Any) -> dict[str, Any]:
    row = {"fuel": "electricity", "flow": None, "building_id": None, "site_id": "s", "registered_by": "registry"}
    return {"meter_id": meter_id, **row, **more}


def found(days: MeterDays, beside: Beside, fuel: str = "electricity") -> list[Event]:
    return detect(days, fuel=fuel, imports=True, alarms_per_month=1.0, since=BEGINS - 30, beside=beside)


def office_and_lab(swap_from: int | None) -> tuple[MeterDays, MeterDays]:
    """An office, and a place of half its size that runs day and night."""
    one = meter_days(office_hours("2023-01-02", DAYS), ZONE).between(0, DAYS)
    flat = np.random.default_rng(2).normal(30.0, 1.0, one.energy.shape)
    if swap_from is None:
        return one, one.with_energy(flat)
    mixed = np.concatenate([one.energy[:swap_from], flat[swap_from:]])
    return one.with_energy(mixed), one.with_energy(np.concatenate([flat[:swap_from], one.energy[swap_from:]]))


def test_swapped_meters_are_told_of_both_from_the_day_on() -> None:
    one, other = office_and_lab(BEGINS)
    scores = swapped(foreseen(one), foreseen(other))
    for days in (one, other):
        events = without_echoes(found(days, Beside("the-other", scores)))
        swap = next(event for event in events if event.type == "swapped_meters")
        assert swap.start == days.utc(BEGINS, 0)
        assert swap.raised == days.utc(BEGINS + 2, 0)
        # It is followed for weeks: what is new is not soon expected.
        assert swap.end >= days.utc(BEGINS + 28, 0)
        assert "the-other" in swap.evidence[0]
        assert swap.severity == "high"
        assert [event.type for event in events if event.start >= days.utc(BEGINS, 0)] == ["swapped_meters"]


def test_the_gain_of_a_swap_by_hand() -> None:
    days = meter_days(office_hours("2023-01-02", 70, noise=0.0), ZONE)
    one, other = np.full(days.energy.shape, 10.0), np.full(days.energy.shape, 20.0)
    one[60:], other[60:] = 20.0, 10.0
    gain = swapped(*(foreseen(days.with_energy(each)) for each in (one, other)))["swap_2"]
    # Two days of 24 hours that are 10 kWh off; the floor is the mean of (2 % and 0.02 kWh)² of both, an hour.
    floor = 48 * (0.22**2 + 0.42**2) / 2
    np.testing.assert_allclose(gain[61], np.log((48 * 100 + floor) / floor))
    np.testing.assert_allclose(gain[50], -gain[61])
    assert may_be_swapped({"swap_2": gain})
    assert not may_be_swapped({"swap_2": gain[:60]})
    assert not may_be_swapped({"swap_2": np.full(3, np.nan)})


def test_meters_that_did_not_swap_have_no_swap_and_none_is_told_of_one_that_changed_alone() -> None:
    one, other = office_and_lab(None)
    assert without_echoes(found(one, Beside("other", swapped(foreseen(one), foreseen(other))))) == []
    alone = office_and_lab(BEGINS)[0]
    assert without_echoes(found(alone, Beside("other", swapped(foreseen(alone), foreseen(other))))) == []


def test_two_meters_share_the_days_of_both() -> None:
    one, other = office_and_lab(None)
    pair = on_the_same_days(foreseen(one.between(0, 50)), foreseen(other.between(40, 90)))
    assert pair is not None
    for meter in pair:
        assert (meter.days.days[0], meter.days.days[-1]) == (one.days[40], one.days[49])
        assert meter.energy.shape == meter.days.energy.shape
    # What was known of a meter before the other was there still tells what is expected of it.
    np.testing.assert_array_equal(pair[0].energy, foreseen(one).energy[40:50])
    assert on_the_same_days(foreseen(one.between(0, 40)), foreseen(other.between(40, 90))) is None


def building(fault: tuple[int, int] | None) -> tuple[MeterDays, np.ndarray]:
    """Gas that heats below 15 °C and electricity that cools above 18 °C, January to July; both more in the fault."""
    rng = np.random.default_rng(4)
    base = meter_days(office_hours("2023-01-02", DAYS), ZONE).between(0, DAYS)
    warmth = 5.0 + 14.0 * np.sin(np.pi * np.arange(DAYS) / (1.2 * DAYS)) + rng.normal(0, 1.5, DAYS)
    heat = np.clip(15.0 - warmth, 0, None) + 0.3 + rng.normal(0, 0.05, DAYS) ** 2
    cool = 1 + 0.04 * np.clip(warmth - 18.0, 0, None)
    if fault is not None:
        heat[slice(*fault)] += 4.0
        cool[slice(*fault)] += 0.5
    gas = MeterDays(base.days, np.repeat(heat[:, None], 24, axis=1), base.imputed, warmth, base.kind, ZONE)
    return gas, base.energy * cool[:, None]


def test_heating_and_cooling_at_once_is_found_on_the_gas_meter() -> None:
    gas, electricity = building((BEGINS, BEGINS + 20))
    events = found(gas, Beside("m-e", heating_and_cooling(gas, electricity)), "gas")
    both = [event for event in events if event.type == "heating_and_cooling"]
    assert len(both) == 1
    assert gas.utc(BEGINS - 4, 0) <= both[0].start <= gas.utc(BEGINS + 2, 0)
    assert any("beside m-e" in line for line in both[0].evidence)


def test_one_of_both_alone_is_not_both() -> None:
    gas, electricity = building((BEGINS, BEGINS + 20))
    clean_gas, clean_electricity = building(None)
    for burnt, drawn in ((gas, clean_electricity), (clean_gas, electricity), (clean_gas, clean_electricity)):
        score = heating_and_cooling(burnt, drawn)["both_5"]
        assert np.nanmax(score[BEGINS:]) < 0.1
    assert np.nanmax(heating_and_cooling(gas, electricity)["both_5"]) > 0.25


def swap_scores(one: MeterDays, other: np.ndarray) -> dict[str, np.ndarray]:
    return swapped(foreseen(one), foreseen(one.with_energy(other)))


@cache
def scored() -> tuple[MeterDays, np.ndarray, dict[str, np.ndarray]]:
    gas, electricity = building((BEGINS, BEGINS + 20))
    return gas, electricity, heating_and_cooling(gas, electricity) | swap_scores(gas, electricity)


@settings(deadline=None, max_examples=10)
@given(st.integers(60, 190), st.integers(0, 2**31))
def test_moving_the_future_changes_no_score(cut: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    gas, electricity, now = scored()
    burnt, drawn = gas.energy.copy(), electricity.copy()
    burnt[cut:], drawn[cut:] = rng.gamma(2.0, 5.0, burnt[cut:].shape), rng.gamma(2.0, 20.0, drawn[cut:].shape)
    moved = gas.with_energy(burnt)
    then = heating_and_cooling(moved, drawn) | swap_scores(moved, drawn)
    for name, scores in now.items():
        np.testing.assert_array_equal(scores[:cut], then[name][:cut])


def test_meters_of_a_heated_building_are_looked_at_together_and_swapped_ones_too() -> None:
    rows = [
        meter("e", building_id="b"),
        meter("g", building_id="b", fuel="gas"),
        meter("b_pv", building_id="b", flow="export"),
        meter("lone", building_id="c"),
        meter("x"),
        meter("y"),
    ]
    meters = {row["meter_id"]: row for row in rows}
    assert heated_buildings(meters) == {"e": "b", "g": "b"}
    later = FIRST.replace(day=9)
    assert looked_at({"e": later, "lone": FIRST, "gone": FIRST}, meters, {}) == {"e": later, "g": later, "lone": FIRST}
    swaps = {"x": FIRST, "y": FIRST}
    assert looked_at({"x": FIRST}, meters, swaps) == {"x": FIRST, "y": FIRST}
    assert looked_at({"lone": FIRST}, meters, swaps) == {"lone": FIRST}


def test_only_meters_of_one_place_and_fuel_that_look_wrong_at_once_may_be_swapped() -> None:
    rows = [meter("a"), meter("b"), meter("far", site_id="t"), meter("g", fuel="gas"), meter("late"), meter("o")]
    rows.append(meter("sum", registered_by="virtual_meters"))
    meters = {row["meter_id"]: row for row in rows}
    day = {"a": 1, "b": 4, "far": 1, "g": 1, "late": 20, "sum": 1}
    events = [{"meter_id": name, "start_utc": FIRST.replace(day=at)} for name, at in day.items()]
    assert maybe_swapped(events, meters) == [("a", "b")]


def test_every_pair_is_in_one_square_of_few_meters() -> None:
    names = [f"m{number:03}" for number in range(AT_ONCE + 8)]
    pairs = [*combinations(names, 2), ("x", "y")]
    squares = in_squares(pairs)
    assert sorted(pair for square in squares.values() for pair in square) == sorted(pairs)
    assert {len({*chain.from_iterable(square)}) for square in squares.values()} == {AT_ONCE, AT_ONCE + 8, 10}
    assert in_squares([]) == {}


def test_a_meter_is_in_one_swap_and_keeps_what_is_of_its_building() -> None:
    def row(meter_id: str, kind: str, score: float = 1.0, pair: str | None = None) -> dict[str, Any]:
        return {"meter_id": meter_id, "type": kind, "score": score, "pair": pair}

    alone = [row("a", "out_of_hours"), row("a", "heating_and_cooling"), row("c", "spike")]
    good = [row("a", "swapped_meters", 5, "b"), row("b", "swapped_meters", 5, "a"), row("a", "dead", 2, "b")]
    worse = [row("a", "swapped_meters", 3, "c"), row("c", "swapped_meters", 3, "a")]
    assert with_swaps(alone, [*worse, *good]) == [alone[1], alone[2], *good]

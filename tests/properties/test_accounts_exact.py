"""Totals reconcile with readings × factor, whatever the order and the split of a batch; statements keep the past."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from account_rows import Row, accounts_of, at, book_of, charge, factor, hours, intensity, meter, prices
from hypothesis import example, given
from hypothesis import strategies as st

from energy_lib.insights.accounts.amounts import GRAMS, as_decimal, segment_sums, units
from energy_lib.insights.accounts.groups import group_rows
from energy_lib.insights.accounts.restatement import restated
from energy_lib.tables.answers.accounts import COSTS, EMISSIONS

METERS = [meter("a"), meter("b", building_id="other"), meter("c", tariff_id=None), meter("d", flow="net")]
KWH = st.one_of(st.none(), st.floats(-1e5, 1e5, allow_subnormal=False))
HALF_GRAM, HALF_CENT = Decimal("0.5"), Decimal("0.005")


@st.composite
def lakes(draw: st.DrawFn) -> dict[str, Any]:
    values = draw(st.lists(st.floats(0, 900), min_size=1, max_size=8))
    money = draw(st.lists(st.floats(-2, 2), min_size=6, max_size=6))
    return {
        "meters": METERS,
        "factors": [factor(draw(st.floats(0, 1)))],
        "tariffs": [charge("price_series", draw(st.floats(-0.1, 0.1)), price_series_id="market")],
        "intensities": intensity("2024-03-01 00:00", draw(st.sampled_from([15, 30, 60])), values),
        "priced": prices("2024-03-01 00:00", money),
    }


ENERGIES = st.dictionaries(st.sampled_from("abcd"), st.lists(KWH, min_size=1, max_size=6), min_size=1)


def readings(energies: dict[str, list[float | None]]) -> list[Row]:
    return [row for name, kwh in energies.items() for row in hours(name, "2024-03-01 00:00", kwh)]


@given(lakes(), ENERGIES)
def test_a_total_is_the_readings_times_their_factors_to_the_gram_and_the_cent(
    lake: dict[str, Any], energies: dict[str, list[float | None]]
) -> None:
    book = book_of(**lake)
    accounts = accounts_of(readings(energies), "2024-03-01", book)
    found = accounts.hours.to_pylist()
    for row in [*accounts.emissions, *group_rows(EMISSIONS, accounts.emissions, book.meters)]:
        counted = [h for h in members(found, row) if h["emissions_g"] is not None]
        truth = [Decimal(max(h["energy_kwh"], 0)) * Decimal(h["factor_g_per_kwh"]) for h in counted]
        reconciles(row, "emissions_g", [h["emissions_g"] for h in counted], truth, HALF_GRAM)
    for row in [*accounts.costs, *group_rows(COSTS, accounts.costs, book.meters)]:
        counted = [h for h in members(found, row) if h["cost"] is not None and h["currency"] == row["currency"]]
        truth = [Decimal(h["energy_kwh"]) * Decimal(h["price_per_kwh"]) for h in counted]
        reconciles(row, "energy_cost", [h["cost"] for h in counted], truth, HALF_CENT)


def members(found: list[Row], row: Row) -> list[Row]:
    """The hours that a statement is the sum of."""
    buildings = {m["meter_id"]: m["building_id"] for m in METERS}
    ids = {"meter": lambda h: h["meter_id"], "building": lambda h: buildings[h["meter_id"]], "site": lambda h: "s"}
    of_group = ids.get(row["group_kind"], lambda h: "*")
    return [h for h in found if of_group(h) == row["group_id"] and h["flow"] == row["flow"]]


def reconciles(row: Row, name: str, amounts: list[Decimal], truth: list[Decimal], close: Decimal) -> None:
    assert row["hours_counted"] == len(amounts)
    assert row[name] == (sum(amounts) if amounts else None), "sums of rounded hours are exact"
    assert abs((row[name] or 0) - sum(truth)) < close


@given(lakes(), ENERGIES, st.randoms(use_true_random=False))
def test_neither_order_nor_split_changes_anything(
    lake: dict[str, Any], energies: dict[str, list[float | None]], random: Any
) -> None:
    rows, book = readings(energies), book_of(**lake)
    whole = accounts_of(rows, "2024-03-01", book)
    random.shuffle(rows)
    again = accounts_of(rows, "2024-03-01", book)
    parts = [accounts_of([r for r in rows if r["meter_id"] == name], "2024-03-01", book) for name in energies]

    def ordered(all_rows: list[Row]) -> list[Row]:
        return sorted(
            all_rows, key=lambda row: (row.get("meter_id") or row.get("group_id"), str(row.get("interval_start_utc")))
        )

    for name in ("emissions", "costs"):
        expected = ordered(getattr(whole, name))
        assert ordered(getattr(again, name)) == expected
        assert ordered([row for part in parts for row in getattr(part, name)]) == expected
    expected = ordered(whole.hours.to_pylist())
    assert ordered(again.hours.to_pylist()) == expected
    assert ordered([row for part in parts for row in part.hours.to_pylist()]) == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-(10**18) + 1, 10**18 - 1)), min_size=1))
def test_sums_of_segments_are_exact_beyond_64_bits(pairs: list[tuple[int, int]]) -> None:
    segment, values = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    assert segment_sums(values, segment, 4) == [sum(v for s, v in pairs if s == i) for i in range(4)]


@given(st.floats(-1e11, 1e11))
@example(1125899907.2469194)
def test_an_amount_is_rounded_once(value: float) -> None:
    (whole,), (known,) = units(np.array([value]), GRAMS)
    assert known
    exact = as_decimal(int(whole), GRAMS)
    assert exact is not None
    # Half a unit by the rounding, and what a double cannot tell apart by its scaling to units.
    assert abs(exact - Decimal(value)) <= Decimal("0.5e-6") + abs(Decimal(value)) * Decimal(2) ** -51


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=12))
def test_each_instant_finds_what_had_been_reported_then(nights: list[tuple[str, int, int]]) -> None:
    """Nights state some meters anew; a query as of any night gives what that night left standing."""
    stored: dict[tuple[Any, ...], Row] = {}
    left: list[tuple[Any, dict[str, Any]]] = []
    for number, (group, value, late) in enumerate(nights):
        origin = at("2024-01-01 00:00") + timedelta(days=number)
        standing = [r for r in stored.values() if r["superseded_at_utc"] is None and r["group_id"] == group]
        known = origin - timedelta(days=5) + timedelta(hours=late)
        new = {
            "group_id": group,
            "group_kind": "meter",
            "fuel": "gas",
            "flow": "import",
            "month": 1,
            "emissions_g": value,
        }
        for row in restated(EMISSIONS, standing, [new | {"known_at_utc": known}] if value else [], origin):
            stored[row["group_id"], row["reported_at_utc"]] = row
        current = {r["group_id"]: r["emissions_g"] for r in stored.values() if r["superseded_at_utc"] is None}
        left.append((origin, current))
    for instant, expected in left:
        then = {
            r["group_id"]: r["emissions_g"]
            for r in stored.values()
            if r["reported_at_utc"] <= instant and (r["superseded_at_utc"] is None or r["superseded_at_utc"] > instant)
        }
        assert then == expected

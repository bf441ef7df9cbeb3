"""Laws of recommendations for random meters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_years import END_HOUR, days_ago, office, year
from numpy.typing import NDArray

from energy_lib.insights.recommendations.catalog import ACTIONS
from energy_lib.insights.recommendations.finding import Finding
from energy_lib.insights.recommendations.hourly_series import readings
from energy_lib.insights.recommendations.meter_answers import Answer, meter_answers
from energy_lib.insights.recommendations.meter_year import Grid, MeterYear
from energy_lib.insights.recommendations.ranking import ranked_rows

Row = dict[str, Any]


def temperature(hours: Grid) -> NDArray[Any]:
    return 10 + 9 * np.cos(2 * np.pi * days_ago(hours) / 365) + 2 * np.sin(hours.day * 1.7)


def meter(seed: int, **facts: Any) -> MeterYear:
    """An office with noise, cold, days on which it ran, a step in its base load, holes and a fuel by the seed."""
    rng = np.random.default_rng(seed)

    def kwh(hours: Grid) -> NDArray[Any]:
        ran = np.isin(hours.day, rng.choice(len(hours.dates), 60, replace=False))
        use = np.where(ran & (hours.hour >= 8), 10.0, office(hours, rest=rng.uniform(0.5, 3)))
        use = use + rng.uniform(0, 0.5) * np.maximum(0, 15 - temperature(hours))
        use = (use + np.where(days_ago(hours) < 40, rng.uniform(0, 2), 0.0)) * rng.lognormal(0, 0.1, hours.size)
        return np.where(rng.random(hours.size) < 0.01, np.nan, use)

    fuel = ("electricity", "gas")[seed % 2]
    return year(kwh, temperature=temperature, facts={"meter_id": f"m{seed}", "fuel": fuel, "use": "office", **facts})


def answers(of: MeterYear) -> list[Answer]:
    return meter_answers(of, ACTIONS.values())


def offered(of: list[Answer]) -> list[Row]:
    return [row for row in ranked_rows(of, {}) if row["status"] == "offered"]


AMOUNTS = ("energy_kwh_per_year", "energy_kwh_low", "energy_kwh_high", "cost_per_year", "carbon_kg_per_year")


@settings(max_examples=6)
@given(st.integers(0, 10_000), st.sampled_from([0.5, 2.0, 4.0]))
def test_twice_the_energy_is_twice_the_saving_and_the_same_rating(seed: int, by: float) -> None:
    of = meter(seed)
    once = {row["recommendation_id"]: row for row in offered(answers(of))}
    twice = {row["recommendation_id"]: row for row in offered(answers(replace(of, kwh=of.kwh * by)))}
    assert once
    assert set(once) == set(twice)
    for name, row in once.items():
        for amount in (*AMOUNTS, "counted_energy_kwh_per_year"):
            if row[amount] is not None:
                assert twice[name][amount] == pytest.approx(row[amount] * by, rel=1e-6, abs=1e-3), (name, amount)
        assert twice[name]["rating"] == row["rating"]
        assert twice[name]["confidence"] == row["confidence"]


@settings(max_examples=6)
@given(st.integers(0, 10_000), st.floats(0.1, 20))
def test_a_constant_load_raises_the_base_load_by_itself_and_no_excess(seed: int, more: float) -> None:
    of = meter(2 * seed)
    before, after = ACTIONS["base_load"].kernel(of), ACTIONS["base_load"].kernel(replace(of, kwh=of.kwh + more))
    np.testing.assert_allclose(replace(of, kwh=of.kwh + more).base_kw, of.base_kw + more)
    if isinstance(before, Finding) and isinstance(after, Finding):
        assert after.evidence["base_kw"] == pytest.approx(before.evidence["base_kw"] + more)
        assert after.evidence["excess_kw"] == pytest.approx(before.evidence["excess_kw"])


@settings(max_examples=6)
@given(st.integers(0, 10_000))
def test_no_kwh_is_counted_twice_and_none_that_was_not_used(seed: int) -> None:
    of = answers(meter(seed))
    rows = offered(of)
    counted = sum(row["counted_energy_kwh_per_year"] or 0.0 for row in rows)
    whole = next(answer.kwh for answer in of if answer.kwh is not None)
    assert whole is not None
    assert 0 < counted <= sum(row["energy_kwh_per_year"] or 0.0 for row in rows) * (1 + 1e-9)
    assert counted <= whole * 1.05, "hours without a reading are taken to be like the others"
    for row in rows:
        if row["energy_kwh_per_year"] is not None:
            assert row["energy_kwh_low"] <= row["energy_kwh_per_year"] <= row["energy_kwh_high"]
            assert row["counted_energy_kwh_per_year"] <= row["energy_kwh_per_year"] * (1 + 1e-6)
        assert 0 <= row["confidence"] <= 1
        assert row["rating"] is None or 0 <= row["rating"] <= 10


@settings(max_examples=4)
@given(st.integers(0, 10_000), st.randoms())
def test_the_order_of_meters_and_rows_is_nothing(seed: int, random: Any) -> None:
    of = [answer for i in range(4) for answer in answers(meter(seed + i, building_id=f"b{i % 2}", site_id="s"))]
    shuffled = list(of)
    random.shuffle(shuffled)
    assert ranked_rows(shuffled, {}) == ranked_rows(of, {})
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=END_HOUR - 50)
    rows = [
        {
            "meter_id": meter_id, "interval_start_utc": start + timedelta(hours=hour), "energy_kwh": float(hour),
            "imputed_share": 0.6 * (hour % 7 == 0), "flags": ["spike"] if hour % 11 == 0 else [],
            "suspect_from_utc": start + timedelta(hours=hour * 3) if hour % 11 == 0 else None,
        }
        for meter_id in ("b", "a") for hour in range(50)
    ]  # fmt: skip
    schema = pa.schema(
        [
            ("meter_id", pa.string()), ("interval_start_utc", pa.timestamp("us", "UTC")), ("energy_kwh", pa.float64()),
            ("imputed_share", pa.float32()), ("flags", pa.list_(pa.string())),
            ("suspect_from_utc", pa.timestamp("us", "UTC")),
        ]
    )  # fmt: skip
    given_order = readings(pa.Table.from_pylist(rows, schema), END_HOUR)
    random.shuffle(rows)
    other_order = readings(pa.Table.from_pylist(rows, schema), END_HOUR)
    assert given_order.ids == other_order.ids == ["a", "b"]
    for name in ("kwh", "imputed", "suspect"):
        np.testing.assert_array_equal(getattr(given_order, name), getattr(other_order, name))
    # Of the suspect hours 0, 11, 22, 33, 44 two came under suspicion after the end; of every seventh most is estimated.
    unknown = {hour for hour in range(50) if hour % 7 == 0 or hour in (0, 11)}
    assert set(np.flatnonzero(np.isnan(given_order.kwh[0, -50:]))) == unknown
    assert set(np.flatnonzero(given_order.suspect[0, -50:])) == {0, 11}

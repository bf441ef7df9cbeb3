"""What a day will be held against is known before it begins: the night's own values of that day, to the digit."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from meter_profiles import ZONE, office_hours

from energy_lib.insights.anomalies.ahead import Before, ahead_of, before_of
from energy_lib.insights.anomalies.detector import Raised
from energy_lib.insights.anomalies.events import judged
from energy_lib.insights.anomalies.hourly import HOURLY, mark_weights, run_weights
from energy_lib.insights.anomalies.meter_days import MeterDays, days_after, meter_days
from energy_lib.insights.anomalies.statistics import highest_before, run_marks

HOLIDAYS = [date(2023, 5, 1), date(2023, 5, 8)]


def faulty(days: int = 170) -> tuple[MeterDays, pd.Series]:
    energy = office_hours("2023-01-02", days, noise=0.1)
    energy.iloc[3000:3030] = 0.0
    energy.iloc[3100:3117] = energy.iloc[3100]
    energy.iloc[3300:3305] = np.nan
    energy.iloc[3400:3420] *= 1000
    rng = np.random.default_rng(4)
    warm = pd.Series(10 + 5 * np.sin(np.arange(len(energy)) / 300) + rng.normal(size=len(energy)), energy.index)
    return meter_days(energy, ZONE, temperature_c=warm, holidays=HOLIDAYS), warm


@pytest.mark.parametrize("day", [2, 5, 20, 60, 120, 126, 127, 128, 138, 142, 143, 168])
def test_a_day_is_held_against_what_was_said_before_it_began(day: int) -> None:
    days, warm = faulty()
    whole = judged(days, imports=True, alarms_per_month=1.0)
    before = judged(days.between(0, day), imports=True, alarms_per_month=1.0)
    row, later = ahead_of(before, days_after(before.days, 2, warm, HOLIDAYS))
    assert row["day_local"] == days.days[day].item()
    np.testing.assert_array_equal(row["expected_kwh"], whole.foreseen.energy[day])
    np.testing.assert_allclose(row["scale_kwh"], whole.foreseen.scale[day], rtol=1e-12)
    for name in HOURLY:
        limit = whole.limits[name][day]
        assert row[f"{name}_limit"] == (pytest.approx(limit, rel=1e-9) if np.isfinite(limit) else None), name
    for name in ("stuck", "dead"):
        weights = mark_weights(run_marks(days.energy)[name])
        np.testing.assert_array_equal(row[f"{name}_weight"], weights[day])
    highest = highest_before(days.energy)[day]
    assert row["highest_before_kwh"] == (highest if np.isfinite(highest) else None)
    assert "dead_hours_before" not in later
    assert later["expected_kwh"].shape == (24,)


def test_the_run_that_goes_on_before_the_last_whole_day_by_hand() -> None:
    energy = np.tile(np.arange(1.0, 25.0), (40, 1))
    energy[36, 20:] = 0.0
    energy[37:] = 0.0
    days = MeterDays(
        np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]"),
        energy,
        np.zeros(energy.shape, bool),
        np.full(40, np.nan),
        np.zeros(40, dtype=np.int64),
        ZONE,
    )
    row, _ = ahead_of(judged(days, imports=True, alarms_per_month=1.0), days_after(days, 2, None, []))
    # 4 hours of day 36 and the days 37 and 38; the last whole day (39) is left to the stream.
    assert (row["dead_hours_before"], row["stuck_hours_before"], row["gap_hours_before"]) == (52, 0, 0)
    never, once, twice = (-np.log(share / 28 + 0.03) for share in (0, 1, 2))
    # The hours 20 to 23 of day 36, all of day 37, and day 38: after one day with a zero, or two from 20 h on.
    weight = 4 * never + 20 * never + 4 * once + 20 * once + 4 * twice
    assert row["dead_weight_before"] == pytest.approx(weight, abs=1e-8)
    assert row["dead_weight"][:20] == pytest.approx(-np.log(3 / 28 + 0.03))
    assert row["dead_weight"][20:] == pytest.approx(-np.log(4 / 28 + 0.03))


def test_what_was_wrong_before_is_said_as_text_and_read_again() -> None:
    alarms = [Raised("dead", 100, 104, 30.0, 6.0), Raised("quiet_2", 103, 103, 1.0, 0.5)]
    before = before_of(alarms, 105)
    assert before.event == tuple(alarms)
    assert before.above == {"dead": 104}
    assert Before.of(before.text() or "") == before
    # After a fortnight and a week it is forgotten.
    assert before_of([], 115, before) == Before(tuple(alarms), {})
    assert before_of([], 120, before).text() is None


def test_a_run_longer_than_a_fortnight_weighs_what_it_weighed() -> None:
    from energy_lib.insights.anomalies.hourly import Run, run_lengths

    marked, weight = np.ones((2, 3), bool), np.full((2, 3), 0.5)
    before = Run(np.array([10.0, 99.0]), np.array([5, 400]))
    lengths = run_lengths(marked, before)
    assert lengths.tolist() == [[6, 7, 8], [401, 402, 403]]
    assert run_weights(marked, weight, lengths, before).tolist() == [[10.5, 11.0, 11.5], [99.0] * 3]

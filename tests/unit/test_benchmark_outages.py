"""What the robustness benchmark takes away: as much as it says, where it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.robustness import RECENT_HOURS, late_day, lost, only_last

ORIGIN = pd.Timestamp("2024-03-20")
HALF_HOURS = pd.DataFrame(
    {"interval_start_utc": pd.date_range(end=ORIGIN, periods=2 * 1_000, freq="30min", inclusive="left")}
)


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def hours_gone(left: pd.DataFrame) -> list[int]:
    """Hours before the origin (1: the last) of which no reading is left; a half is none."""
    gone = HALF_HOURS["interval_start_utc"][~HALF_HOURS["interval_start_utc"].isin(left["interval_start_utc"])]
    ago = ((ORIGIN - gone.dt.floor("h")) / pd.Timedelta(hours=1)).astype(int)
    assert (ago.value_counts() == 2).all()
    return sorted(ago.unique())


@pytest.mark.parametrize(("share", "run"), [(0.05, 1), (0.5, 1), (0.2, 12), (0.5, 12)])
def test_the_share_of_the_last_four_weeks_is_gone_in_runs(share: float, run: int) -> None:
    gone = hours_gone(lost(share, run, HALF_HOURS, ORIGIN, rng()))
    assert len(gone) == round(share * RECENT_HOURS / run) * run
    assert 1 <= min(gone) <= max(gone) <= RECENT_HOURS
    assert {(hour - 1) // run for hour in gone} == {(gone[i] - 1) // run for i in range(0, len(gone), run)}


def test_history_begins_and_the_last_day_ends_when_they_say() -> None:
    week = only_last(7, HALF_HOURS, ORIGIN, rng())["interval_start_utc"]
    assert (week.min(), len(week)) == (ORIGIN - pd.Timedelta(days=7), 7 * 48)
    assert only_last(0, HALF_HOURS, ORIGIN, rng()).empty
    assert hours_gone(late_day(HALF_HOURS, ORIGIN, rng())) == list(range(1, 25))

"""Windows of assets on the local clock, with the days on which it is changed."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from energy_lib.insights.schedules.windows import LocalHours, Window, windows

EVER = date(2000, 1, 1)


def local(first: str, hours: int = 80, zone: str = "Europe/London") -> LocalHours:
    """So many UTC hours; the plan begins 30 hours after the first."""
    clock = pd.date_range(first, periods=hours, freq="h", tz="UTC").tz_convert(zone).tz_localize(None)
    return LocalHours(30, clock.to_numpy().astype("datetime64[D]"), np.asarray(clock.hour, dtype=np.int64))


def test_a_window_around_midnight_belongs_to_the_evening_it_begins() -> None:
    """The plan begins on 10 January, 00:00, six hours into the window of the evening before."""
    found = windows(local("2024-01-08 18:00"), 18, 6, EVER, None)
    assert found == [Window(-6, 6), Window(18, 30)]


def test_a_window_that_is_cut_off_is_none() -> None:
    """80 hours end on 12 January, 02:00: the night from the 11th to the 12th is not whole, nor the first one."""
    assert windows(local("2024-01-08 19:00"), 18, 6, EVER, None) == [Window(-7, 5), Window(17, 29)]


def test_a_day_without_hours_is_a_window() -> None:
    assert windows(local("2024-01-08 18:00"), None, None, EVER, None) == [Window(-24, 0), Window(0, 24), Window(24, 48)]


@pytest.mark.parametrize(
    ("first", "length"), [("2024-03-29 18:00", 23), ("2024-10-25 18:00", 25), ("2024-06-08 18:00", 24)]
)
def test_days_on_which_clocks_change_have_their_own_length(first: str, length: int) -> None:
    """The plan begins within the day before; the second whole day is the changed one."""
    lengths = [window.end - window.first for window in windows(local(first, 90), None, None, EVER, None)]
    assert length in lengths
    assert set(lengths) <= {24, length}


def test_a_window_counts_by_the_day_it_begins() -> None:
    hours = local("2024-01-08 18:00")
    assert windows(hours, 18, 6, date(2024, 1, 10), None) == [Window(18, 30)]
    assert windows(hours, 18, 6, EVER, date(2024, 1, 10)) == [Window(-6, 6)]

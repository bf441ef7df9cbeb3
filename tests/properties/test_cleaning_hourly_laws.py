"""Laws of the hourly kernel: chunked equals whole, and what was known at T stays as it was."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hourly_readings import at, readings
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.cleaning.hourly import (
    LONG_INTERVAL_HOURS,
    hourly_view,
    reach_ahead_hours,
    reach_back_hours,
)
from energy_lib.config import CleaningConfig
from energy_lib.intervals import LONGEST_INTERVAL_DAYS

SETTINGS = CleaningConfig()
HOURS = 9000


def series(seed: int, minutes: int, net: bool = False) -> pd.DataFrame:
    """More than a year of a meter with gaps, zero runs, flatlines, spikes and drops; whole kWh, so sums are exact.

    A net meter exports at night.
    """
    rng = np.random.default_rng(seed)
    step = minutes / 60
    start = np.arange(0, HOURS, step)
    kwh = np.round(20 + 10 * np.sin(start * 2 * np.pi / 24) + rng.integers(0, 3, len(start)))
    keep = np.ones(len(start), dtype=bool)
    per_hour = round(1 / step)
    for _ in range(60):
        at_, length = int(rng.integers(len(start))), int(rng.choice([1, 2, 5, 30, 100, 400]))
        kind = rng.integers(6)
        part = slice(at_, at_ + length)
        if kind == 0:
            keep[part] = False
        elif kind == 1:
            kwh[part] = 0
        elif kind == 2:
            kwh[part] = 7
        elif kind == 3:
            kwh[at_] = 300
        elif kind == 4:  # a spike or drop of an hour beside lost readings
            kwh[at_ : at_ + per_hour] = rng.choice([0, 1, 300])
            keep[at_ + per_hour : at_ + per_hour + int(rng.integers(4))] = False
        else:
            hour = at_ // per_hour * per_hour
            kwh[hour : hour + per_hour * int(rng.integers(1, 3))] = rng.choice([0, 1])
    keep[0] = keep[-1] = True
    return readings(start[keep], kwh[keep] - (20 if net else 0), minutes=minutes)


def late(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Some readings came up to 60 days late."""
    rng = np.random.default_rng(seed)
    delay = np.where(rng.random(len(frame)) < 0.02, rng.integers(1, 60 * 24, len(frame)), 0)
    return frame.assign(available_at_utc=frame["available_at_utc"] + pd.to_timedelta(delay, unit="h"))


def silent(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Some stretches of up to two months told by one reading, as of a register that was silent."""
    rng = np.random.default_rng(seed)
    rows = [frame]
    for _ in range(int(rng.integers(1, 4))):
        begin, hours = int(rng.integers(HOURS)), int(rng.integers(2, 1500))
        inside = (frame["interval_start_utc"] >= at(begin)) & (frame["interval_start_utc"] < at(begin + hours))
        rows = [part[~((part["interval_start_utc"] >= at(begin)) & (part["interval_start_utc"] < at(begin + hours)))]
                for part in rows]  # fmt: skip
        rows.append(readings([begin], [float(frame.loc[inside, "energy_kwh"].sum())], minutes=hours * 60))
    return pd.concat(rows).sort_values("interval_start_utc", ignore_index=True)


def needed(frame: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """The readings that a chunk looks at; with a long one that reaches in, all that may overlap it."""
    start, back = frame["interval_start_utc"], first - pd.Timedelta(hours=reach_back_hours(SETTINGS))
    length = pd.to_timedelta(frame["interval_minutes"], unit="m")
    reaches_in = (length > pd.Timedelta(hours=LONG_INTERVAL_HOURS)) & (start < back) & (start + length > back)
    deeper = pd.Timedelta(days=LONGEST_INTERVAL_DAYS if reaches_in.any() else 0)
    return frame[start.between(back - deeper, last + pd.Timedelta(hours=reach_ahead_hours(SETTINGS)))]


def equal(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True), check_exact=True)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([30, 60]),
    st.integers(0, HOURS - 500),
    st.integers(1, 499),
    st.booleans(),
    st.booleans(),
)
def test_a_chunk_with_its_reach_gives_what_the_whole_series_gives(
    seed: int, minutes: int, low: int, length: int, delayed: bool, net: bool
) -> None:
    frame = series(seed, minutes, net)
    frame = late(frame, seed) if delayed else frame
    whole = hourly_view(frame, SETTINGS)
    first, last = at(low), at(low + length)
    need = frame["interval_start_utc"].between(
        first - pd.Timedelta(hours=reach_back_hours(SETTINGS)), last + pd.Timedelta(hours=reach_ahead_hours(SETTINGS))
    )
    chunk = hourly_view(frame[need], SETTINGS)
    equal(
        chunk[chunk["interval_start_utc"].between(first, last)], whole[whole["interval_start_utc"].between(first, last)]
    )


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, HOURS - 500), st.integers(1, 499))
def test_a_chunk_of_a_series_with_long_readings_gives_what_the_whole_gives(seed: int, low: int, length: int) -> None:
    frame = silent(series(seed, 60), seed)
    first, last = at(low), at(low + length)
    whole, chunk = hourly_view(frame, SETTINGS), hourly_view(needed(frame, first, last), SETTINGS)
    equal(
        chunk[chunk["interval_start_utc"].between(first, last)], whole[whole["interval_start_utc"].between(first, last)]
    )


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([30, 60]), st.integers(2000, HOURS), st.booleans())
def test_what_was_known_at_a_time_is_in_the_later_view(seed: int, minutes: int, hour: int, net: bool) -> None:
    """Readings in order: the view as of T is the later view's rows known by T, with the suspicions known by T."""
    frame = series(seed, minutes, net)
    moment = at(hour)
    then = hourly_view(frame[frame["available_at_utc"] <= moment], SETTINGS)
    now = hourly_view(frame, SETTINGS)
    now = now[now["available_at_utc"] <= moment].reset_index(drop=True)
    suspect = (now["suspect_from_utc"] <= moment).to_numpy()
    then = then[then["interval_start_utc"].isin(now["interval_start_utc"])].reset_index(drop=True)
    same = ["interval_start_utc", "measured_kwh", "imputed_share", "available_at_utc", "quality", "imputed_by"]
    equal(then[same], now[same])
    np.testing.assert_allclose(then["energy_kwh"], now["energy_kwh"], rtol=0, atol=0)
    assert (then["suspect_from_utc"].notna().to_numpy() == suspect).all()
    equal(then.loc[suspect, ["suspect_from_utc"]], now.loc[suspect, ["suspect_from_utc"]])


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(2000, HOURS))
def test_with_late_readings_the_views_agree_wherever_all_in_reach_was_known(seed: int, hour: int) -> None:
    frame = late(series(seed, 60), seed)
    moment = at(hour)
    late_hours = frame.loc[frame["available_at_utc"] > moment, "interval_start_utc"]
    then = hourly_view(frame[frame["available_at_utc"] <= moment], SETTINGS)
    now = hourly_view(frame, SETTINGS)
    first_late = late_hours.min() - pd.Timedelta(hours=reach_ahead_hours(SETTINGS))
    settled = now["interval_start_utc"] < first_late
    equal(then[then["interval_start_utc"] < first_late], now[settled])

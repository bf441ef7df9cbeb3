"""The hourly view of one meter: sums, gaps, suspicion, and since when each could be known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hourly_readings import at, readings

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig

SETTINGS = CleaningConfig()
WEEK = 168


def week_shape(weeks: int) -> np.ndarray:
    """A meter that never rests and never repeats: 5 to 15 kWh by hour of week, a little drift."""
    hours = np.arange(weeks * WEEK)
    return 10 + 5 * np.sin(hours * 2 * np.pi / 24) + 0.001 * hours


def row(view: pd.DataFrame, hour: int) -> pd.Series:
    return view.set_index("interval_start_utc").loc[at(hour)]


def flagged(view: pd.DataFrame, flag: str) -> list[int]:
    hit = view[[flag in flags for flags in view["flags"]]]
    return [int(h) for h in (hit["interval_start_utc"] - at(0)) / pd.Timedelta(hours=1)]


def test_half_hours_are_summed_and_a_missing_half_is_scaled_up_and_said_so() -> None:
    view = hourly_view(readings([0, 0.5, 1, 2, 2.5], [1, 2, 3, 4, 5], minutes=30), SETTINGS)
    assert view["energy_kwh"].tolist() == [3.0, 6.0, 9.0]
    assert view["measured_kwh"].tolist() == [3.0, 3.0, 9.0]
    assert view["imputed_share"].tolist() == [0.0, 0.5, 0.0]
    assert view["quality"].tolist() == ["measured", "imputed", "measured"]
    assert view["imputed_by"].tolist() == [None, "scaling", None]
    assert row(view, 1)["available_at_utc"] == at(3)  # the next hour says that the rest will not come


def test_a_half_read_last_hour_is_left_open() -> None:
    view = hourly_view(readings([0, 0.5, 1], [1, 2, 3], minutes=30), SETTINGS)
    assert np.isnan(view["energy_kwh"].iloc[1])
    assert view["measured_kwh"].iloc[1] == 3.0
    assert view["quality"].iloc[1] == "measured"


def test_a_daily_reading_is_spread_evenly_and_is_an_estimate_of_each_hour() -> None:
    view = hourly_view(readings([0], [48], minutes=1440), SETTINGS)
    assert view["energy_kwh"].tolist() == [2.0] * 24
    assert view["measured_kwh"].isna().all()
    assert set(view["quality"]) == {"estimated"}
    assert set(view["imputed_share"]) == {1.0}


def test_a_short_gap_is_interpolated_when_the_reading_after_it_came() -> None:
    view = hourly_view(readings([0, 1, 4], [1, 2, 5], available=[1, 2, 9]), SETTINGS)
    assert view["energy_kwh"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert view["imputed_by"].tolist() == [None, None, "interpolation", "interpolation", None]
    assert row(view, 2)["available_at_utc"] == at(9)
    assert np.isnan(row(view, 2)["measured_kwh"])
    assert row(view, 2)["imputed_share"] == 1.0


def test_a_longer_gap_takes_the_same_hour_of_the_weeks_before() -> None:
    values = week_shape(6)
    keep = np.ones(len(values), dtype=bool)
    keep[4 * WEEK + 10 : 4 * WEEK + 20] = False
    hours = np.flatnonzero(keep)
    view = hourly_view(readings(hours, values[keep]), SETTINGS)
    before = [values[4 * WEEK + 15 - k * WEEK] for k in (1, 2, 3, 4)]
    assert row(view, 4 * WEEK + 15)["energy_kwh"] == pytest.approx(np.mean(before))
    assert row(view, 4 * WEEK + 15)["imputed_by"] == "hour_of_week"
    assert row(view, 4 * WEEK + 15)["available_at_utc"] == at(4 * WEEK + 21)


def test_a_gap_without_weeks_before_is_left_missing_and_one_too_long_has_no_rows() -> None:
    view = hourly_view(readings([0, 10, 400], [1, 2, 3]), SETTINGS)
    assert len(view) == 12
    assert view["energy_kwh"].notna().sum() == 3
    assert np.isnan(row(view, 5)["energy_kwh"])
    assert row(view, 5)["quality"] is None


def test_an_estimate_leaves_suspect_weeks_out_and_is_known_no_sooner_than_they() -> None:
    values = week_shape(12)
    values[10 * WEEK + 10 : 10 * WEEK + 16] = 0.0
    keep = np.ones(len(values), dtype=bool)
    keep[11 * WEEK + 10 : 11 * WEEK + 16] = False
    view = hourly_view(readings(np.flatnonzero(keep), values[keep]), SETTINGS)
    good = [values[11 * WEEK + 12 - k * WEEK] for k in (2, 3, 4)]
    assert row(view, 11 * WEEK + 12)["energy_kwh"] == pytest.approx(np.mean(good))


def test_a_spike_stands_above_its_hour_of_week_and_keeps_its_value() -> None:
    values = week_shape(10)
    values[9 * WEEK + 5] = 60.0
    view = hourly_view(readings(np.arange(len(values)), values), SETTINGS)
    assert flagged(view, "spike") == [9 * WEEK + 5]
    assert row(view, 9 * WEEK + 5)["energy_kwh"] == 60.0
    assert row(view, 9 * WEEK + 5)["suspect_from_utc"] == at(9 * WEEK + 6)


def test_a_flatline_is_known_when_its_last_hour_needed_came() -> None:
    values = week_shape(2)
    values[30:60] = 7.0
    view = hourly_view(readings(np.arange(len(values)), values), SETTINGS)
    assert flagged(view, "flatline") == list(range(30, 60))
    assert row(view, 30)["suspect_from_utc"] == at(30 + 24)
    assert row(view, 59)["suspect_from_utc"] == at(60)


@pytest.mark.parametrize(("fuel", "expected"), [("electricity", list(range(1400, 1403))), ("gas", [])])
def test_zeros_of_a_meter_that_never_rests_are_missing_written_as_zero(fuel: str, expected: list[int]) -> None:
    values = week_shape(9)
    values[1400:1403] = 0.0
    values[1450:1452] = 0.0  # two hours are too few
    view = hourly_view(readings(np.arange(len(values)), values, fuel=fuel), SETTINGS)
    assert flagged(view, "zero_run") == expected


def test_a_meter_that_rests_every_night_is_not_suspected() -> None:
    values = week_shape(9)
    values[np.arange(len(values)) % 24 < 5] = 0.0
    view = hourly_view(readings(np.arange(len(values)), values), SETTINGS)
    assert flagged(view, "zero_run") == []


def test_a_dead_meter_is_suspect_even_if_it_used_to_rest() -> None:
    values = week_shape(20)
    values[np.arange(len(values)) % 24 < 5] = 0.0
    values[9 * WEEK :] = 0.0
    view = hourly_view(readings(np.arange(len(values)), values), SETTINGS)
    assert flagged(view, "zero_run")[-1] == 20 * WEEK - 1
    assert flagged(view, "zero_run")[0] > 15 * WEEK


@pytest.mark.parametrize("flow", ["export", "generation"])
def test_roofs_in_winter_are_not_dead(flow: str) -> None:
    values = week_shape(20)
    values[9 * WEEK :] = 0.0
    view = hourly_view(readings(np.arange(len(values)), values).assign(flow=flow), SETTINGS)
    assert flagged(view, "zero_run") == []
    assert set(view["flow"]) == {flow}


def test_a_net_meter_keeps_its_sign_and_its_gaps_take_it() -> None:
    """Every noon of nine weeks the site exports 2 kWh an hour."""
    hours = np.arange(9 * WEEK)
    values = np.where((hours % 24 >= 10) & (hours % 24 < 14), -2.0, 0.5)
    short, long = [8 * WEEK + 11], list(range(8 * WEEK + 34, 8 * WEEK + 38))
    read = ~np.isin(hours, [*short, *long])
    view = hourly_view(readings(hours[read], values[read]).assign(flow="net"), SETTINGS)
    assert view["energy_kwh"].tolist() == values.tolist()
    assert view["imputed_by"].dropna().tolist() == ["interpolation", *["hour_of_week"] * 4]
    assert not [f for flags in view["flags"] for f in flags]
    assert set(view["flow"]) == {"net"}


def test_of_overlapping_lengths_the_later_known_stands() -> None:
    old = readings([0, 0.5, 1, 1.5], [1, 1, 1, 1], minutes=30)
    new = readings([0], [5], available=[9])
    view = hourly_view(
        pd.concat([old, new]).query(
            "not (interval_start_utc == @new.interval_start_utc[0] and interval_minutes == 30)"
        ),
        SETTINGS,
    )
    assert view["energy_kwh"].tolist() == [5.0, 2.0]


def test_no_readings_no_rows() -> None:
    assert hourly_view(readings([], []), SETTINGS).empty


def seconds(stamps: list[int], kwh: list[float]) -> pd.DataFrame:
    """Readings between register reads at `stamps` (seconds after MONDAY), as cleaning differences them."""
    start, end = np.array(stamps[:-1]), np.array(stamps[1:])
    frame = readings(start / 3600, kwh, available=end / 3600)
    return frame.assign(
        interval_start_utc=at(0) + pd.to_timedelta(start, unit="s"), interval_minutes=end // 60 - start // 60
    )


@pytest.mark.parametrize("step", [1, 7, 10, 20, 30, 60])
def test_register_reads_of_seconds_measure_whole_hours(step: int) -> None:
    stamps = list(range(0, 2 * 3600 + step, step))
    view = hourly_view(seconds(stamps, [step / 3600] * (len(stamps) - 1)), SETTINGS)[:2]
    assert view["measured_kwh"].to_numpy() == pytest.approx([1.0, 1.0], abs=step / 3600)
    assert view["energy_kwh"].tolist() == view["measured_kwh"].tolist()
    assert set(view["quality"]) == {"measured"}
    assert set(view["imputed_share"]) == {0.0}


@pytest.mark.parametrize(
    "jitter", [[7, 5, 9, 4], [59, 0, 31, 59], [-2, -1, -30, 0], [-50, 59, -1, 1], [70, 80, 65, 100]]
)
def test_hourly_register_reads_beside_the_hour_measure_it(jitter: list[int]) -> None:
    stamps = [hour * 3600 + late for hour, late in enumerate(jitter, start=1)]
    view = hourly_view(seconds(stamps, [1.0, 2.0, 3.0]), SETTINGS)
    assert view["measured_kwh"].tolist() == [1.0, 2.0, 3.0]
    assert view["interval_start_utc"].tolist() == [at(1), at(2), at(3)]
    assert set(view["imputed_share"]) == {0.0}


def test_a_register_read_far_from_the_hour_is_spread_and_says_so() -> None:
    view = hourly_view(seconds([600, 4200, 7800], [1.0, 1.0]), SETTINGS)
    assert set(view["quality"]) <= {"estimated", "imputed"}
    assert view["measured_kwh"].isna().all()


def test_no_energy_is_lost_where_reads_of_seconds_meet_reads_of_hours() -> None:
    stamps = [*range(0, 3600, 10), 3595, 7205, *range(7210, 10_810, 10), 10_800 + 3 * 3600 + 50]
    kwh = np.round(np.random.default_rng(1).random(len(stamps) - 1), 3)
    view = hourly_view(seconds(sorted(set(stamps)), kwh[: len(set(stamps)) - 1].tolist()), SETTINGS)
    assert view["energy_kwh"].sum() == pytest.approx(kwh[: len(set(stamps)) - 1].sum())
    assert view["imputed_share"].between(0, 1).all()


def test_a_reading_of_months_is_spread_evenly_between_measured_hours() -> None:
    frame = pd.concat(
        [readings([0], [0.5]), readings([1], [400 * 24 * 2.0], minutes=400 * 1440), readings([9601], [0.25])]
    )
    view = hourly_view(frame, SETTINGS)
    assert len(view) == 9602
    assert view["energy_kwh"].tolist() == pytest.approx([0.5, *[2.0] * 9600, 0.25])
    assert view["quality"].tolist() == ["measured", *["estimated"] * 9600, "measured"]
    assert view["measured_kwh"].sum() == 0.75

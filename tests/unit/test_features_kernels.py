"""Feature kernels against values worked out by hand and against plain pandas."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from energy_lib.features import feature_rows, feature_set, features_at
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.calendar import LocalCalendar, Place
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook

LONDON = Meter("m", "electricity", Place("Europe/London", "GB", "ENG"), "here", floor_area_m2=100.0)
NO_WEATHER = pd.DataFrame(
    {
        "location_id": pd.Series(dtype=str),
        "kind": pd.Series(dtype=str),
        **{c: pd.Series(dtype="datetime64[ns]") for c in ("interval_start_utc", "issued_at_utc", "available_at_utc")},
        **{c: pd.Series(dtype=float) for c in ("temperature_c", "humidity_pct", "irradiance_w_m2")},
    }
)


def hourly_of(first: str, values: np.ndarray) -> pd.DataFrame:
    """Hours that were known as they ended, measured and unsuspect."""
    start = pd.date_range(first, periods=len(values), freq="h")
    return pd.DataFrame(
        {
            "interval_start_utc": start,
            "energy_kwh": values,
            "measured_kwh": values,
            "imputed_share": 0.0,
            "available_at_utc": start + pd.Timedelta(hours=1),
            "suspect_from_utc": pd.NaT,
        }
    )


def counted(first: str, last: str) -> pd.DataFrame:
    """Energy that counts the hours from `first`: the value says which hour it is."""
    return hourly_of(first, np.arange(len(pd.date_range(first, last, freq="h", inclusive="left")), dtype=float))


def at(hourly: pd.DataFrame, origin: str, horizon: int = 24, weather: pd.DataFrame = NO_WEATHER) -> pd.DataFrame:
    made = features_at(feature_set(horizon), LONDON, hourly, pd.Timestamp(origin).to_pydatetime(), weather)
    return made.set_index("interval_start_utc")


def value_of_hour(first: str, hour: str) -> float:
    return (pd.Timestamp(hour) - pd.Timestamp(first)) / pd.Timedelta(hours=1)


def test_windows_hold_the_hours_before_the_origin_and_no_other() -> None:
    row = at(counted("2023-01-01", "2023-03-01"), "2023-02-10").iloc[0]
    newest = value_of_hour("2023-01-01", "2023-02-09 23:00")
    assert row["energy_max_24h"] == newest
    assert row["energy_min_24h"] == newest - 23
    assert row["energy_mean_24h"] == newest - 11.5
    assert row["energy_ramp_24h"] == 24
    assert row["energy_q50_168h"] == newest - 83.5
    assert row["energy_lag_24h"] == newest - 23
    assert row["energy_lag_336h"] == newest + 1 - 336
    assert row["level_28d"] == pytest.approx(newest - 335.5)
    assert row["energy_ratio_24h_to_peak_672h"] == pytest.approx((newest - 11.5) / newest)
    assert (row["imputed_share"], row["staleness_hours"]) == (0, 0)


@pytest.mark.parametrize(
    ("interval", "lagged", "why"),
    [
        # The night before 26 March 2023 01:00 UTC, London springs forward; on 29 October 01:00 UTC it falls back.
        ("2023-03-27 07:00", "2023-03-26 07:00", "both in summer time"),
        ("2023-03-26 07:00", "2023-03-25 08:00", "08:00 local is 07:00 UTC today and was 08:00 UTC yesterday"),
        ("2023-03-26 00:00", "2023-03-25 00:00", "before the change"),
        ("2023-10-29 07:00", "2023-10-28 06:00", "07:00 local is 07:00 UTC today and was 06:00 UTC yesterday"),
        ("2023-10-29 00:00", "2023-10-28 00:00", "01:00 summer time, before the change"),
        ("2023-10-29 01:00", "2023-10-28 00:00", "the second 01:00 local"),
        ("2023-10-29 23:00", "2023-10-28 22:00", "23:00 local, known at the origin"),
    ],
)
def test_wall_clock_lag_at_both_clock_changes(interval: str, lagged: str, why: str) -> None:
    origin = pd.Timestamp(interval).normalize()
    first = str((origin - pd.Timedelta(days=40)).date())
    row = at(counted(first, str(origin + pd.Timedelta(days=2))), str(origin)).loc[interval]
    assert row["energy_wall_lag_1d"] == value_of_hour(first, lagged), why
    assert row["energy_lag_24h"] == value_of_hour(first, str(pd.Timestamp(interval) - pd.Timedelta(days=1)))


def test_a_wall_clock_lag_that_is_not_known_yet_steps_a_day_further() -> None:
    # 02:00 local on the day of the spring change is 01:00 UTC; 02:00 local the day before is the origin itself.
    first, origin = "2023-02-01", "2023-03-25 02:00"
    row = at(counted(first, "2023-03-27"), origin).loc["2023-03-26 01:00"]
    assert row["energy_wall_lag_1d"] == value_of_hour(first, "2023-03-24 02:00")


def test_calendar_at_the_clock_change_and_around_holidays() -> None:
    rows = at(counted("2023-10-01", "2023-10-29"), "2023-10-29")
    assert rows.loc["2023-10-29 00:00", "hour"] == 1
    assert rows.loc["2023-10-29 01:00", "hour"] == 1
    assert (rows["is_dst_day"] == 1).all()
    assert (rows["weekday"] == 6).all()
    christmas_eve = at(counted("2023-12-01", "2023-12-24"), "2023-12-24")
    assert (christmas_eve["is_holiday_eve"] == 1).all()
    assert (christmas_eve["is_holiday"] == 0).all()
    assert (at(counted("2023-12-01", "2023-12-25"), "2023-12-25")["is_day_off"] == 1).all()


def test_days_before_agrees_with_pandas_wall_clock_arithmetic() -> None:
    place = Place("Europe/London")
    utc = pd.date_range("2023-01-01", "2023-12-31", freq="h", tz="UTC")
    hours = np.asarray(utc.tz_localize(None)).astype("datetime64[h]").astype(np.int64)
    calendar = LocalCalendar(place, int(hours[0]) - 24 * 30, int(hours[-1]))
    local = utc.tz_convert("Europe/London").tz_localize(None)
    for days in (1, 7, 28):
        wall = (local - pd.Timedelta(days=days)).tz_localize(
            "Europe/London", ambiguous="NaT", nonexistent="shift_forward"
        )
        expected = np.asarray(wall.tz_convert("UTC").tz_localize(None)).astype("datetime64[h]")
        plain = ~np.isnat(expected)
        ours = calendar.days_before(hours, days)
        np.testing.assert_array_equal(ours[plain], expected[plain].astype(np.int64))


def test_same_hour_of_week_and_day_type_means_against_pandas() -> None:
    rng = np.random.default_rng(1)
    hourly = hourly_of("2023-03-01", rng.random(24 * 60))
    origin = pd.Timestamp("2023-04-20")
    made = at(hourly, str(origin))
    past = hourly[hourly["interval_start_utc"] < origin].copy()
    local = past["interval_start_utc"].dt.tz_localize("UTC").dt.tz_convert("Europe/London")
    past["hour"], past["weekday"], past["day"] = local.dt.hour, local.dt.weekday, local.dt.date
    holidays = {date(2023, 4, 7), date(2023, 4, 10)}
    past["off"] = (past["weekday"] >= 5) | past["day"].isin(holidays)
    recent = past[past["day"] >= (origin - pd.Timedelta(days=28)).date()]
    noon = made.loc["2023-04-20 11:00"]  # 12:00 local, a Thursday
    working = recent[(recent["hour"] == 12) & ~recent["off"]]
    assert noon["energy_same_day_type_hour_mean_28d"] == pytest.approx(working["energy_kwh"].mean(), rel=1e-6)
    thursdays = recent[(recent["hour"] == 12) & (recent["weekday"] == 3)]
    assert len(thursdays) == 4
    assert noon["energy_same_hour_of_week_mean_4w"] == pytest.approx(thursdays["energy_kwh"].mean(), rel=1e-6)


def test_rolling_statistics_with_gaps_against_pandas() -> None:
    rng = np.random.default_rng(2)
    values = np.where(rng.random(24 * 40) < 0.2, 0.0, rng.random(24 * 40))
    hourly = hourly_of("2023-03-01", values).drop(index=range(24 * 30, 24 * 33))
    row = at(hourly, "2023-04-05").iloc[0]
    past = hourly[hourly["interval_start_utc"] < "2023-04-05"].set_index("interval_start_utc")["energy_kwh"]
    for hours in (168, 672):
        window = past[past.index >= pd.Timestamp("2023-04-05") - pd.Timedelta(hours=hours)]
        expected = {
            "mean": window.mean(), "std": window.std(ddof=0), "min": window.min(), "max": window.max(),
            "q10": window.quantile(0.1), "q50": window.quantile(0.5), "q90": window.quantile(0.9),
            "zero_share": (window == 0).mean(),
        }  # fmt: skip
        for statistic, value in expected.items():
            assert row[f"energy_{statistic}_{hours}h"] == pytest.approx(value, rel=1e-5), (statistic, hours)
    assert row["imputed_share"] == pytest.approx(72 / 336)


def test_suspect_hours_count_as_missing_from_when_the_suspicion_was_known() -> None:
    hourly = counted("2023-01-01", "2023-03-01")
    spike = hourly["interval_start_utc"] == "2023-02-09 23:00"
    hourly.loc[spike, "energy_kwh"] = 1e6
    hourly.loc[spike, "suspect_from_utc"] = pd.Timestamp("2023-02-10 12:00")
    assert at(hourly, "2023-02-10").iloc[0]["energy_max_24h"] == 1e6
    later = at(hourly, "2023-02-11").iloc[0]
    assert later["energy_max_168h"] < 1e6
    assert later["imputed_share"] == pytest.approx(1 / 336)


def test_staleness_and_silence() -> None:
    rows = counted("2023-01-01", "2023-02-01")
    assert at(rows, "2023-02-03").iloc[0]["staleness_hours"] == 48
    silent = at(rows.iloc[:0], "2023-02-03").iloc[0]
    assert silent["staleness_hours"] == 672
    assert silent["imputed_share"] == 1
    assert np.isnan(silent["energy_mean_168h"])
    assert silent["log_floor_area"] == pytest.approx(np.log(100))


def test_late_readings_are_those_known_so_long_before() -> None:
    hourly = counted("2023-01-01", "2023-03-01")
    hourly.loc[hourly["interval_start_utc"] == "2023-02-08 12:00", "available_at_utc"] = pd.Timestamp(
        "2023-02-09 12:00"
    )
    spike = hourly["interval_start_utc"] == "2023-02-08 13:00"
    hourly.loc[spike, "suspect_from_utc"] = pd.Timestamp("2023-02-09 12:00")
    origin, book = epoch_hours(pd.DatetimeIndex(["2023-02-10"])), WeatherBook.of(NO_WEATHER)
    late = feature_rows(feature_set(24), LONDON, hourly, origin, book, late_hours=24)
    seen = hourly[hourly["available_at_utc"] <= "2023-02-09"].assign(suspect_from_utc=pd.NaT)
    pd.testing.assert_frame_equal(late, feature_rows(feature_set(24), LONDON, seen, origin, book))
    row = late.set_index("interval_start_utc").iloc[0]
    assert row["staleness_hours"] == 24
    assert np.isnan(row["energy_lag_24h"])
    assert row["energy_lag_48h"] == value_of_hour("2023-01-01", "2023-02-08 00:00")
    assert row["energy_max_168h"] == value_of_hour("2023-01-01", "2023-02-08 23:00")


def test_beyond_a_day_lags_take_the_freshest_whole_days_and_whole_weeks_stay() -> None:
    rows = at(counted("2023-01-01", "2023-03-01"), "2023-02-10", horizon=168)
    third_day = rows.loc["2023-02-12 05:00"]
    assert third_day["energy_lag_24h"] == value_of_hour("2023-01-01", "2023-02-09 05:00")
    assert third_day["energy_lag_168h"] == value_of_hour("2023-01-01", "2023-02-05 05:00")


def test_weather_is_what_the_origin_knew() -> None:
    at_hour = pd.Timestamp("2023-02-10 06:00")
    rows = [
        ("observed", at_hour - pd.Timedelta(days=1), at_hour - pd.Timedelta(hours=23), 3.0),
        ("observed", at_hour, at_hour + pd.Timedelta(hours=1), 99.0),
        ("forecast", at_hour, pd.Timestamp("2023-02-09 12:00"), 8.0),
        ("forecast", at_hour, pd.Timestamp("2023-02-09 20:00"), 10.0),
        ("forecast", at_hour, pd.Timestamp("2023-02-10 02:00"), 50.0),
    ]
    weather = pd.DataFrame(rows, columns=["kind", "interval_start_utc", "available_at_utc", "temperature_c"]).assign(
        location_id="here", humidity_pct=50.0, irradiance_w_m2=np.nan
    )
    weather["issued_at_utc"] = weather["available_at_utc"]
    hourly = counted("2023-01-01", "2023-02-10")
    forecast = at(hourly, "2023-02-10", weather=weather).loc[at_hour]
    assert (forecast["temperature_c"], forecast["weather_is_forecast"]) == (10, 1)
    assert forecast["heating_degree_hours"] == pytest.approx(5.5)
    assert forecast["temperature_lag_24h"] == 3
    observed = weather[weather["kind"] == "observed"]
    past = at(hourly, "2023-02-10", weather=observed).loc[at_hour]
    assert (past["temperature_c"], past["weather_is_forecast"]) == (3, 0)

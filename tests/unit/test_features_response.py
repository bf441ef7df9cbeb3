"""How a meter answers to the temperature: by hand, and against a slow, plain loop."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.append(str(Path(__file__).parent))
from test_features_kernels import NO_WEATHER, at, hourly_of

WARMER, SLOPE, EFFECT = "temperature_less_recent_5d", "energy_temperature_slope_28d", "energy_temperature_effect_28d"


def weather_of(first: str, temperatures: np.ndarray, origin: str) -> pd.DataFrame:
    """Observed as the hours end; from `origin` on forecast a day before it."""
    start = pd.date_range(first, periods=len(temperatures), freq="h")
    ahead = start >= pd.Timestamp(origin)
    known = np.where(ahead, pd.Timestamp(origin) - pd.Timedelta(days=1), start + pd.Timedelta(hours=1))
    return pd.DataFrame(
        {
            "location_id": "here",
            "kind": np.where(ahead, "forecast", "observed"),
            "interval_start_utc": start,
            "issued_at_utc": known.astype("datetime64[ns]"),
            "available_at_utc": known.astype("datetime64[ns]"),
            "temperature_c": temperatures,
            "humidity_pct": 70.0,
            "irradiance_w_m2": 5.0,
        }
    )


def days_of_heating(days: int, degrees: float, warmest: int) -> tuple[np.ndarray, np.ndarray]:
    """Temperatures that step a day each, 0 … `warmest` and again, and energy that falls by `degrees` kWh a degree."""
    temperature = np.repeat(np.arange(days) % (warmest + 1), 24).astype(float)
    return temperature, 20.0 - degrees * temperature


def test_a_meter_that_heats_by_the_degree_is_seen_to() -> None:
    # 2023-01-03 is a Tuesday; no holiday until April. The night is ten degrees colder than any day before it.
    temperature, energy = days_of_heating(days=40, degrees=0.5, warmest=10)
    origin = "2023-02-10"
    ahead = np.full(24, -10.0)
    weather = weather_of("2023-01-03", np.concatenate([temperature[: 24 * 38], ahead]), origin)
    rows = at(hourly_of("2023-01-03", energy[: 24 * 38]), origin, weather=weather)
    days = pd.date_range("2023-01-13", periods=28)
    past = temperature[24 * 10 : 24 * 38 : 24]
    back = np.arange(28, 0, -1)
    working = days.weekday < 5
    weight = np.exp(-back / 14)[working]
    spread = np.average((past[working] - np.average(past[working], weights=weight)) ** 2, weights=weight)
    slope = -0.5 * spread / (spread + 1)
    assert rows[SLOPE].to_numpy() == pytest.approx(slope), "half a kWh a degree, a little less for the ridge"
    recent = np.exp(-back / 5) * np.where(back % 7 == 0, 3, 1)
    warmer = -10 - np.average(past[working], weights=recent[working])
    assert rows[WARMER].to_numpy() == pytest.approx(warmer)
    assert rows[EFFECT].to_numpy() == pytest.approx(slope * warmer)


def test_against_a_plain_loop_with_gaps_over_a_clock_change() -> None:
    rng = np.random.default_rng(3)
    hourly = hourly_of("2023-02-20", rng.random(24 * 43))
    hourly = hourly.drop(index=rng.choice(len(hourly), 300, replace=False)).reset_index(drop=True)
    origin = pd.Timestamp("2023-04-04")
    weather = weather_of("2023-02-20", rng.normal(9, 5, 24 * 45), str(origin))
    missing = weather.index[: 24 * 43].to_numpy()[rng.random(24 * 43) < 0.1]
    weather = weather.drop(index=missing)
    energy, temperature = (
        f.set_index("interval_start_utc").iloc[:, -1]
        for f in (hourly[["interval_start_utc", "energy_kwh"]], weather[["interval_start_utc", "temperature_c"]])
    )
    rows = at(hourly, str(origin), weather=weather)
    for hour in rows.index[::5]:
        here = hour.tz_localize("UTC").tz_convert("Europe/London").tz_localize(None)
        found = []
        for day in range(1, 29):
            there = here - pd.Timedelta(days=day)
            stamp = there.tz_localize("Europe/London", nonexistent="shift_forward").tz_convert("UTC").tz_localize(None)
            if stamp < origin and (there.weekday() >= 5) == (here.weekday() >= 5):
                found.append((day, energy.get(stamp, np.nan), temperature.get(stamp, np.nan)))
        back, used, warm = np.array([each for each in found if not np.isnan(each).any()]).T
        weight = np.exp(-back / 14)
        more, warmer = used - np.average(used, weights=weight), warm - np.average(warm, weights=weight)
        slope = (weight * more * warmer).sum() / ((weight * warmer**2).sum() + weight.sum())
        assert rows.loc[hour, SLOPE] == pytest.approx(slope, rel=1e-5)
        recent = np.exp(-back / 5) * np.where(back % 7 == 0, 3, 1)
        difference = temperature[hour] - np.average(warm, weights=recent)
        assert rows.loc[hour, WARMER] == pytest.approx(difference, rel=1e-5)
        assert rows.loc[hour, EFFECT] == pytest.approx(slope * difference, rel=1e-5)


def test_without_weather_nothing_is_said_and_in_steady_weather_no_slope() -> None:
    hourly = hourly_of("2023-01-03", np.random.default_rng(1).random(24 * 38))
    assert at(hourly, "2023-02-10", weather=NO_WEATHER)[[WARMER, SLOPE, EFFECT]].isna().all(axis=None)
    steady = at(hourly, "2023-02-10", weather=weather_of("2023-01-03", np.full(24 * 39, 8.0), "2023-02-10"))
    assert steady[SLOPE].to_numpy() == pytest.approx(0)
    assert steady[WARMER].to_numpy() == pytest.approx(0)

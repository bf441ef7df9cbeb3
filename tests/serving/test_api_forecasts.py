"""Forecasts of posted meters: what a night would say of them, to the bit; by the champion or by its fallbacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served_models import Championed

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig
from energy_lib.features import feature_set
from energy_lib.features.calendar import Place
from energy_lib.features.feature_rows import feature_rows
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook
from energy_lib.forecasting.model_forecasts import forecast_rows
from energy_lib.serving.posted_meters import PostedMeter, Series, WeatherSeries, features_of
from energy_lib.vocabulary import QUANTILES, Fuel

FIRST = datetime(2024, 3, 20, tzinfo=UTC)
HOURS_READ = 24 * 45
ORIGIN = FIRST + timedelta(hours=HOURS_READ)
ZONE, COUNTRY = "Europe/London", "GB"


def hours(seed: int, gaps: float) -> list[float | None]:
    rng = np.random.default_rng(seed)
    energy = 2 + np.sin(2 * np.pi * np.arange(HOURS_READ) / 24) + rng.gamma(1.0, 0.3, HOURS_READ)
    return [
        None if missing else float(value) for value, missing in zip(energy, rng.random(HOURS_READ) < gaps, strict=True)
    ]


def posted(energy: list[float | None], **more: Any) -> dict[str, Any]:
    series = {"first_utc": FIRST.isoformat(), "energy_kwh": energy}
    return {"meter_id": "new", "fuel": "electricity", "zone": ZONE, "country": COUNTRY, "readings": [series], **more}


def batch(energy: list[float | None], origins: list[datetime]) -> pd.DataFrame:
    """What the batch's kernels make of the readings as silver.readings has them, at all origins at once."""
    starts = pd.date_range(FIRST.replace(tzinfo=None), periods=len(energy), freq="h")
    readings = pd.DataFrame(
        {"meter_id": "new", "fuel": "electricity", "flow": "import", "interval_start_utc": starts,
         "interval_minutes": 60, "energy_kwh": energy, "quality": "measured",
         "available_at_utc": starts + pd.Timedelta(hours=1)}
    )  # fmt: skip
    readings["flags"] = [[] for _ in energy]
    hourly = hourly_view(readings[readings["energy_kwh"].notna()].astype({"energy_kwh": float}), CleaningConfig())
    at = np.array([int(origin.timestamp()) // 3600 for origin in origins])
    meter = Meter("new", "electricity", Place(ZONE, COUNTRY))
    empty = pd.DataFrame(columns=["kind", "location_id"])
    return feature_rows(feature_set(24), meter, hourly, at, WeatherBook.of(empty))


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), gaps=st.sampled_from([0.0, 0.05, 0.6]), back=st.integers(0, 3))
def test_features_of_posted_readings_are_the_batchs_to_the_bit(seed: int, gaps: float, back: int) -> None:
    energy = hours(seed, gaps)
    # Before the last origin, so that neither knows what the other does not: a later reading fills no gap.
    origins = [ORIGIN - timedelta(days=back), ORIGIN - timedelta(days=back + 1)]
    known = energy[: HOURS_READ - 24 * back]
    meter = PostedMeter("new", Fuel.ELECTRICITY, ZONE, [Series(FIRST, known)], country=COUNTRY)
    of_batch = batch(known, origins)
    of_batch = of_batch[of_batch["origin_utc"] == of_batch["origin_utc"].max()].reset_index(drop=True)
    of_api = features_of(meter, origins[0], CleaningConfig(), 24)
    pd.testing.assert_frame_equal(of_api, of_batch, check_exact=True)


def test_the_answer_is_the_nights_forecast_to_the_bit(championed: Championed) -> None:
    energy = hours(1, 0.02)
    body = {"origin_utc": ORIGIN.isoformat(), "meters": [posted(energy)]}
    answer = championed.api.post("/v1/forecasts", json=body)
    assert answer.status_code == 200, answer.text
    (said,) = answer.json()["data"]
    expected = forecast_rows(batch(energy, [ORIGIN]), championed.ref(said["model_version"]), "live")
    assert (said["model_name"], said["fallback"]) == ("dense", [None] * 24)
    assert said["interval_start_utc"][0] == "2024-05-04T00:00:00Z"
    for name in QUANTILES:
        assert said[name] == expected[name].tolist()


def test_weather_is_known_from_its_hour_on() -> None:
    temperatures = [10.0 + hour % 24 for hour in range(HOURS_READ + 24)]
    observed = WeatherSeries(FIRST, "observed", temperatures)
    meter = PostedMeter("new", Fuel.ELECTRICITY, ZONE, [Series(FIRST, hours(1, 0))], weather=[observed])
    rows = features_of(meter, ORIGIN, CleaningConfig(), 24)
    # What was posted of the hours to come is observed, so that the origin does not know it: yesterday's stands for it.
    assert set(rows["weather_is_forecast"]) == {0.0}
    ahead = WeatherSeries(ORIGIN, "forecast", [30.0] * 24)
    foreseen = PostedMeter("new", Fuel.ELECTRICITY, ZONE, [Series(FIRST, hours(1, 0))], weather=[observed, ahead])
    assert set(features_of(foreseen, ORIGIN, CleaningConfig(), 24)["temperature_c"]) == {30.0}


def test_later_readings_change_nothing() -> None:
    energy = hours(3, 0.05)
    until = PostedMeter("new", Fuel.ELECTRICITY, ZONE, [Series(FIRST, energy[:-48])])
    beyond = PostedMeter("new", Fuel.ELECTRICITY, ZONE, [Series(FIRST, energy)])
    origin = ORIGIN - timedelta(hours=48)
    first, second = (features_of(meter, origin, CleaningConfig(), 24) for meter in (until, beyond))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_without_a_champion_the_fallbacks_answer(api: httpx.Client) -> None:
    body = {"origin_utc": ORIGIN.isoformat(), "meters": [posted(hours(1, 0)), posted([])]}
    known, unknown = api.post("/v1/forecasts", json=body).json()["data"]
    assert set(known["fallback"]) == {"no_model: mean_of_4_weeks"}
    assert set(unknown["fallback"]) == {"no_model: fuel_default"}
    assert all(low <= high for low, high in zip(known["p10"], known["p90"], strict=True))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, "is no time zone"),
        ({"fuel": "antimatter"}, "Invalid enum value 'antimatter' - at `$.meters[0].fuel`"),
        ({"country": "XX"}, "holidays of country 'XX'"),
        ({"readings": [{"first_utc": "0001-01-01T00:00:00Z", "energy_kwh": [1]}]}, "which no meter was read at"),
        ({"readings": [{"first_utc": FIRST.isoformat(), "energy_kwh": [1]}] * 2}, "send each interval once"),
        ({"unheard": 1}, "unknown field `unheard`"),
    ],
)
def test_a_wrong_meter_is_a_sentence(api: httpx.Client, change: dict[str, Any], sentence: str) -> None:
    origin = (FIRST + timedelta(days=2)).isoformat()
    answer = api.post("/v1/forecasts", json={"origin_utc": origin, "meters": [posted([1.0]) | change]})
    assert answer.status_code == 400, answer.text
    assert sentence in answer.json()["detail"]

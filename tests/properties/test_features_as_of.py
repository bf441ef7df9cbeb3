"""Laws 3, 4 and 9 of the features: no future, no order, no chunk and no later correction can be seen in a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.cleaning import hourly_view
from energy_lib.cleaning.virtual_hours import virtual_hours
from energy_lib.cleaning.virtual_meters import Term, VirtualMeter
from energy_lib.config import CleaningConfig
from energy_lib.features import feature_rows, feature_set
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.calendar import Place
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook

FIRST = pd.Timestamp("2023-02-20")
DAYS = 50
METER = Meter("m", "electricity", Place("Europe/London", "GB", "ENG"), "here")
FEATURES = feature_set(24)
CLEANING = CleaningConfig()


def readings_of(seed: int, late: list[tuple[int, int]], corrected: list[tuple[int, int]]) -> pd.DataFrame:
    """All versions of a meter whose days land at 02:00 the next day.

    `late`: (day, days it came too late); `corrected`: (day, days until six of its hours were corrected).
    """
    rng = np.random.default_rng(seed)
    start = pd.date_range(FIRST, periods=24 * DAYS, freq="h")
    day = np.arange(len(start)) // 24
    landed = start.normalize() + pd.Timedelta(hours=26)
    rows = pd.DataFrame({"interval_start_utc": start, "energy_kwh": 3 + rng.random(len(start)).round(2)})
    rows["available_at_utc"] = landed
    for which, days in late:
        rows.loc[day == which, "available_at_utc"] += pd.Timedelta(days=days)
    rows["superseded_at_utc"] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
    new = []
    for which, days in dict(corrected).items():
        wrong = rows[day == which].iloc[4:10]
        when = wrong["available_at_utc"] + pd.Timedelta(days=days)
        rows.loc[wrong.index, "superseded_at_utc"] = when
        new.append(wrong.assign(energy_kwh=wrong["energy_kwh"] + 4, available_at_utc=when))
    whole = pd.concat([rows, *new], ignore_index=True)
    no_flags = pd.Series([[] for _ in range(len(whole))])
    return whole.assign(meter_id="m", fuel="electricity", interval_minutes=60, quality="measured", flags=no_flags)


def weather_of(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed + 1)
    start = pd.date_range(FIRST, periods=24 * DAYS, freq="h")
    rows = pd.DataFrame({"interval_start_utc": start, "temperature_c": rng.normal(9, 5, len(start))})
    observed = rows.assign(kind="observed", issued_at_utc=start, available_at_utc=start + pd.Timedelta(hours=3))
    issued = start - pd.Timedelta(hours=30)
    forecast = rows.assign(kind="forecast", issued_at_utc=issued, available_at_utc=issued).iloc[::2]
    both = pd.concat([observed, forecast], ignore_index=True)
    return both.assign(location_id="here", humidity_pct=70.0, irradiance_w_m2=5.0)


def current(versions: pd.DataFrame) -> pd.DataFrame:
    return hourly_view(versions[versions["superseded_at_utc"].isna()], CLEANING)


def origins_of(*days: int) -> np.ndarray:
    return epoch_hours(pd.DatetimeIndex([FIRST + pd.Timedelta(days=day) for day in days]))


def made(versions: pd.DataFrame, origins: np.ndarray, weather: pd.DataFrame) -> pd.DataFrame:
    return feature_rows(
        FEATURES, METER, current(versions), origins, WeatherBook.of(weather), versions, CLEANING
    ).reset_index(drop=True)


disturbances = st.lists(st.tuples(st.integers(5, 44), st.integers(1, 12)), max_size=3, unique_by=lambda d: d[0])


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 99), late=disturbances, corrected=disturbances, day=st.integers(8, 48))
def test_a_row_is_what_the_versions_known_at_its_origin_make(
    seed: int, late: list[tuple[int, int]], corrected: list[tuple[int, int]], day: int
) -> None:
    versions, weather = readings_of(seed, late, corrected), weather_of(seed)
    origins = origins_of(day - 3, day)
    rows = made(versions, origins, weather)
    for origin in origins:
        now = pd.Timestamp(np.datetime64(int(origin), "h"))
        known = versions[versions["available_at_utc"] <= now].copy()
        known.loc[known["superseded_at_utc"] > now, "superseded_at_utc"] = pd.NaT
        known_weather = weather[weather["available_at_utc"] <= now]
        alone = feature_rows(FEATURES, METER, current(known), np.array([origin]), WeatherBook.of(known_weather))
        theirs = rows[rows["origin_utc"] == now].reset_index(drop=True)
        pd.testing.assert_frame_equal(theirs, alone, rtol=1e-6)


VIRTUAL = VirtualMeter("m", "electricity", "import", (Term("in", 1.0), Term("out", -1.0)))


def virtual_view(versions: pd.DataFrame) -> pd.DataFrame:
    """The sum's hours from the current views of its registers."""
    views = [current(own) for _, own in versions.groupby("meter_id")]
    return virtual_hours(pd.concat(views, ignore_index=True), VIRTUAL)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99), late=disturbances, corrected=disturbances, day=st.integers(8, 48))
def test_a_virtual_meters_row_is_what_the_versions_of_its_registers_known_at_its_origin_make(
    seed: int, late: list[tuple[int, int]], corrected: list[tuple[int, int]], day: int
) -> None:
    registers = [readings_of(seed, late, []).assign(meter_id="in"), readings_of(seed + 1, [], corrected)]
    versions = pd.concat([registers[0], registers[1].assign(meter_id="out")], ignore_index=True)
    origins, weather = origins_of(day - 3, day), WeatherBook({}, {})
    rows = feature_rows(FEATURES, METER, virtual_view(versions), origins, weather, versions, CLEANING, virtual=VIRTUAL)
    for origin in origins:
        now = pd.Timestamp(np.datetime64(int(origin), "h"))
        known = versions[versions["available_at_utc"] <= now].copy()
        known.loc[known["superseded_at_utc"] > now, "superseded_at_utc"] = pd.NaT
        alone = feature_rows(FEATURES, METER, virtual_view(known), np.array([origin]), weather)
        theirs = rows[rows["origin_utc"] == now].reset_index(drop=True)
        pd.testing.assert_frame_equal(theirs, alone, rtol=1e-6)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99), late=disturbances, corrected=disturbances, factor=st.floats(0, 50))
def test_moving_the_future_moves_nothing(
    seed: int, late: list[tuple[int, int]], corrected: list[tuple[int, int]], factor: float
) -> None:
    versions, weather = readings_of(seed, late, corrected), weather_of(seed)
    origins = origins_of(30)
    now = FIRST + pd.Timedelta(days=30)
    moved, moved_weather = versions.copy(), weather.copy()
    moved.loc[moved["available_at_utc"] > now, "energy_kwh"] *= factor
    moved_weather.loc[moved_weather["available_at_utc"] > now, "temperature_c"] *= factor
    before, after = made(versions, origins, weather), made(moved, origins, moved_weather)
    pd.testing.assert_frame_equal(before, after, rtol=1e-6)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99), late=disturbances, cut=st.integers(11, 44), shuffle=st.randoms(use_true_random=False))
def test_chunks_and_the_order_of_rows_do_not_show(
    seed: int, late: list[tuple[int, int]], cut: int, shuffle: np.random.RandomState
) -> None:
    versions, weather = readings_of(seed, late, []), weather_of(seed)
    mixed = list(range(len(versions)))
    shuffle.shuffle(mixed)
    whole = made(versions, origins_of(*range(10, 45)), weather)
    parts = [
        made(versions.iloc[mixed], origins_of(*days), weather.iloc[::-1]) for days in (range(10, cut), range(cut, 45))
    ]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True), check_exact=True)

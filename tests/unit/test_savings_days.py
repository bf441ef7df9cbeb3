"""Days of the meter's clock, events, and what an hour of a saving is worth: values by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from energy_lib.insights.declared_events import days_touched, events_of
from energy_lib.insights.savings.baseline import hourly_shape, spread_over_hours
from energy_lib.insights.savings.fitness import fitness
from energy_lib.insights.savings.local_days import local_days
from energy_lib.insights.savings.values import HourlyRates, valued_days

ZONE = "Europe/London"


def hourly(first: str, hours: int, kwh: float = 1.0) -> pd.DataFrame:
    starts = pd.date_range(first, periods=hours, freq="h", tz="UTC", name="interval_start_utc")
    return pd.DataFrame({"interval_start_utc": starts, "energy_kwh": kwh, "imputed_share": 0.0})


def days_of(frame: pd.DataFrame, first: date, end: date, *, electric: bool = True):
    temperature = pd.Series(10.0, pd.DatetimeIndex(frame["interval_start_utc"]))
    return local_days(frame, temperature, ZONE, first, end, zero_day_is_missing=electric)


def test_days_of_23_and_25_hours_are_days() -> None:
    spring = days_of(hourly("2024-03-30", 72), date(2024, 3, 30), date(2024, 4, 1)).days
    assert spring["hours"].tolist() == [24, 23]
    assert spring["energy_kwh"].tolist() == [24, 23]
    autumn = days_of(hourly("2024-10-25", 96), date(2024, 10, 27), date(2024, 10, 28)).days
    assert autumn["energy_kwh"].tolist() == [25]


def test_a_day_without_midnight_is_a_day() -> None:
    """In Havana clocks went from 0:00 to 1:00 on 10 March 2024."""
    frame = hourly("2024-03-08", 96)
    temperature = pd.Series(10.0, pd.DatetimeIndex(frame["interval_start_utc"]))
    found = local_days(
        frame, temperature, "America/Havana", date(2024, 3, 9), date(2024, 3, 11), zero_day_is_missing=True
    )
    assert found.days["hours"].tolist() == [24, 23]
    assert found.days.index[1] == pd.Timestamp("2024-03-10")


def test_half_a_day_is_not_known_and_more_than_half_stands_for_the_rest() -> None:
    frame = hourly("2024-01-01", 48, 2.0)
    frame.loc[:11, "energy_kwh"] = np.nan
    frame.loc[24:34, "energy_kwh"] = np.nan
    found = days_of(frame, date(2024, 1, 1), date(2024, 1, 3))
    assert np.isnan(found.days["energy_kwh"].iloc[0])
    assert found.days["energy_kwh"].iloc[1] == 48
    assert found.days["imputed_share"].iloc[1] == pytest.approx(11 / 24)
    by_day = found.hours.groupby("date")["energy_kwh"].sum(min_count=24)
    assert by_day.iloc[1] == pytest.approx(48)


def test_a_dead_electricity_meter_is_not_a_saving_and_gas_that_is_off_is() -> None:
    frame = hourly("2024-06-01", 72, 0.0)
    assert days_of(frame, date(2024, 6, 1), date(2024, 6, 3)).days["energy_kwh"].isna().all()
    assert (days_of(frame, date(2024, 6, 1), date(2024, 6, 3), electric=False).days["energy_kwh"] == 0).all()


def test_fitness_is_guideline_14s() -> None:
    observed, predicted = np.array([10.0, 12, 8, 10, np.nan]), np.array([9.0, 12, 9, 11, 5])
    found = fitness(observed, predicted, 1)
    assert (found.days, found.mean_kwh_per_day) == (4, 10)
    assert found.cvrmse == pytest.approx(np.sqrt(3 / 3) / 10)
    assert found.nmbe == pytest.approx((1 + 0 - 1 - 1) / 3 / 10)
    assert not found.meets_guideline
    assert np.isnan(fitness(observed, predicted, 4).cvrmse)


def event(**changes: object) -> dict[str, object]:
    row = {"event_id": "e", "kind": "closure", "meter_id": None, "building_id": None, "site_id": None, "end_utc": None}
    row["area_id"] = None
    return row | {"start_utc": datetime(2024, 7, 2, 22, 30, tzinfo=UTC)} | changes


def test_events_concern_a_meter_by_its_place_and_touch_local_days() -> None:
    meter = {"meter_id": "m", "building_id": "b", "site_id": None}
    rows = [event(meter_id="m"), event(building_id="b"), event(building_id="c"), event(meter_id="n"), event()]
    assert len(events_of(meter, rows)) == 2
    assert len(events_of(meter | {"area_id": "ward"}, [event(area_id="ward"), event(area_id="town")])) == 1
    dates = pd.date_range("2024-07-01", periods=4)
    [open_end] = events_of(meter, [event(meter_id="m")])
    # 22:30 UTC is 23:30 of the same day in London.
    assert days_touched(open_end, dates, ZONE).tolist() == [False, True, True, True]
    [short] = events_of(meter, [event(meter_id="m", end_utc=datetime(2024, 7, 2, 23, 0, tzinfo=UTC))])
    assert days_touched(short, dates, ZONE).tolist() == [False, True, False, False]
    [instant] = events_of(meter, [event(meter_id="m", end_utc=datetime(2024, 7, 2, 22, 30, tzinfo=UTC))])
    assert days_touched(instant, dates, ZONE).tolist() == [False, True, False, False]


def test_hours_of_a_counterfactual_follow_the_baselines_shape() -> None:
    frame = hourly("2024-01-01", 7 * 24)
    frame["energy_kwh"] = np.where(frame["interval_start_utc"].dt.hour == 9, 13.0, 1.0)
    days = days_of(frame, date(2024, 1, 1), date(2024, 1, 8))
    shape = hourly_shape(days.hours)
    assert shape["wi-wd"][9] == pytest.approx(13 / 36)
    # No summer was seen: its hours are even.
    assert shape["su-we"] == pytest.approx([1 / 24] * 24)
    by_hour = spread_over_hours(pd.Series(72.0, days.days.index), days.hours, shape)
    assert by_hour[9] == pytest.approx(26)
    assert by_hour.sum() == pytest.approx(7 * 72)


def test_a_saving_is_valued_hour_by_hour_and_a_missing_price_is_none() -> None:
    days = days_of(hourly("2024-01-01", 48), date(2024, 1, 1), date(2024, 1, 3))
    price = pd.Series(0.1, days.hours.index)
    price.iloc[5], price.iloc[6] = -0.2, 0.5
    price.iloc[30] = np.nan
    observed, counterfactual = np.ones(48), np.full(48, 2.0)
    found = valued_days(days.hours, observed, counterfactual, HourlyRates(price, "GBP"))
    assert found["avoided"].iloc[0] == pytest.approx(22 * 0.1 - 0.2 + 0.5)
    assert found["per_kwh"].iloc[0] == pytest.approx(found["avoided"].iloc[0] / 24)
    assert np.isnan(found["avoided"].iloc[1])
    none = valued_days(days.hours, observed, counterfactual, HourlyRates(reason="no tariff"))
    assert none["avoided"].isna().all()

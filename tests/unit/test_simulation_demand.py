"""The simulated utility is believable: people follow the local clock, heat follows the cold, schools close."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from energy_lib.simulation.climate import climates
from energy_lib.simulation.demand import demand
from energy_lib.simulation.market import carbon, prices, residual_demand
from energy_lib.simulation.noise import autocorrelated
from energy_lib.simulation.occupancy import local_calendar, occupancy
from energy_lib.simulation.portfolio import registry

SEED = 11
SLOTS = pd.date_range("2024-01-01", periods=48 * 366, freq="30min")
HOURS = pd.date_range("2024-01-01", periods=24 * 366, freq="h")


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    """kWh by meter (columns: use, fuel, flow, meter) and UTC half-hour of a leap year."""
    utility = registry(24, SEED)
    energy = demand(utility, climates(HOURS, SEED), SLOTS, SEED)
    names = pd.MultiIndex.from_frame(utility.meters[["use", "fuel", "flow", "meter_id"]])
    return pd.DataFrame(energy.kwh.T, index=SLOTS, columns=names)


def test_all_energy_is_positive_and_finite(year: pd.DataFrame) -> None:
    assert np.isfinite(year.to_numpy()).all()
    assert (year.to_numpy() >= 0).all()
    # Panels rest at night, and a home that they feed imports nothing.
    rests = year.columns[(year == 0).any()]
    assert set(rests.get_level_values("use")) == {"dwelling"}
    assert len(rests) == 3 * (year.columns.get_level_values("flow") == "export").sum()


def test_every_kind_of_place_is_among_the_first_meters(year: pd.DataFrame) -> None:
    assert set(year.columns.get_level_values("use")) == {"dwelling", "office", "school", "shop", "hospital"}
    assert set(year.columns.get_level_values("fuel")) == {"electricity", "gas"}


def test_offices_open_by_the_local_clock_on_both_sides_of_the_change() -> None:
    """08:00 in London is 08:00 UTC before 31 March 2024 and 07:00 UTC after."""
    office = pd.Series(occupancy(local_calendar(SLOTS))["office"], index=SLOTS)
    assert office["2024-03-28 07:00"] == pytest.approx(office["2024-04-03 06:00"])
    assert office["2024-10-25 06:00"] == pytest.approx(office["2024-10-28 07:00"])
    assert office["2024-03-28 07:00"] < 0.3 < 0.9 < office["2024-04-03 08:00"]


def test_holidays_and_vacations_are_quiet() -> None:
    occupied = {use: pd.Series(values, index=SLOTS) for use, values in occupancy(local_calendar(SLOTS)).items()}
    noon = {day: f"2024-{day} 11:00" for day in ("05-06", "05-07", "05-29", "06-05", "06-08")}
    # 6 May 2024 is a bank holiday, 29 May in the vacation, 8 June a Saturday.
    assert occupied["office"][noon["05-06"]] < 0.1 < 0.9 < occupied["office"][noon["05-07"]]
    assert occupied["school"][noon["05-29"]] < 0.1 < 0.9 < occupied["school"][noon["06-05"]]
    assert occupied["office"][noon["05-29"]] > 0.9
    assert occupied["office"][noon["06-08"]] < 0.1 < 0.9 < occupied["shop"][noon["06-08"]]


def test_gas_follows_the_cold(year: pd.DataFrame) -> None:
    daily = year.xs("gas", level="fuel", axis=1).sum(axis=1).resample("D").sum()
    cold = pd.Series(climates(HOURS, SEED)["weather_north"].temperature_c, index=HOURS).resample("D").mean()
    assert np.corrcoef(daily, cold)[0, 1] < -0.8
    assert daily["2024-01"].mean() > 4 * daily["2024-07"].mean()


def test_an_office_repeats_last_week_rather_than_yesterday_and_the_level_is_believable(year: pd.DataFrame) -> None:
    hourly = year.resample("h").sum()

    def wape(use: str, lag: int) -> float:
        values = hourly.xs((use, "electricity", "import"), level=("use", "fuel", "flow"), axis=1).sum(axis=1)
        return float((values - values.shift(lag)).abs().sum() / values.sum())

    assert 0.03 < wape("office", 168) < wape("office", 24) < 0.6
    dwelling = hourly.xs(("dwelling", "electricity", "import"), level=("use", "fuel", "flow"), axis=1).sum().mean()
    assert 1500 < dwelling < 9000  # kWh a year


@pytest.mark.parametrize("correlation", [0.6, 0.95])
def test_noise_is_stationary_and_autocorrelated(correlation: float) -> None:
    series = np.array([autocorrelated(np.random.default_rng([3, i]), 400, correlation) for i in range(300)])
    assert series[:, 0].std() == pytest.approx(1, abs=0.1)
    assert series[:, -1].std() == pytest.approx(1, abs=0.1)
    assert np.corrcoef(series[:, 200], series[:, 201])[0, 1] == pytest.approx(correlation, abs=0.08)


def test_nights_are_dark_and_wind_makes_power_clean_and_cheap() -> None:
    south = climates(HOURS, SEED)["weather_south"]
    at = pd.Series(south.irradiance_w_m2, index=HOURS)
    assert at["2024-06-21 00:00"] == 0
    assert at["2024-06-21 11:00":"2024-06-21 12:00"].min() > at["2024-12-21 11:00":"2024-12-21 12:00"].max()

    residual = residual_demand(south, SEED)
    grid = carbon(south, residual).pivot(index="interval_start", columns="method", values="intensity_gco2_per_kwh")
    assert (grid["marginal"] > grid["average"] * 0.4).all()
    assert np.corrcoef(grid["average"], south.wind_speed_m_s)[0, 1] < -0.3
    electricity = prices(south, residual).query("fuel == 'electricity'")["price_per_kwh"]
    assert electricity.min() < 0 < electricity.median()

"""Homes with panels and heat pumps: registers balance, panels follow the sun, heat follows the cold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from simulated_landing import read_lines

from energy_lib.config import SimulateConfig
from energy_lib.simulation import simulate
from energy_lib.simulation.climate import climates
from energy_lib.simulation.demand import Energy, demand, heat_per_electricity
from energy_lib.simulation.portfolio import Registry, registry

SEED = 11
SLOTS = pd.date_range("2024-01-01", periods=48 * 366, freq="30min")
HOURS = pd.date_range("2024-01-01", periods=24 * 366, freq="h")


@pytest.fixture(scope="module")
def homes() -> tuple[Registry, Energy]:
    utility = registry(24, SEED)
    return utility, demand(utility, climates(HOURS, SEED), SLOTS, SEED)


def registers(homes: tuple[Registry, Energy]) -> dict[str, dict[str, pd.Series]]:
    """Point → flow → kWh of each half-hour, of the homes with panels."""
    utility, energy = homes
    found: dict[str, dict[str, pd.Series]] = {}
    for point, flow, kwh in zip(utility.points, utility.meters["flow"], energy.kwh, strict=True):
        if point in energy.own_use:
            found.setdefault(point, {})[flow] = pd.Series(kwh, index=SLOTS)
    return found


def test_the_registers_balance_and_one_of_import_and_export_rests(homes: tuple[Registry, Energy]) -> None:
    found = registers(homes)
    assert len(found) == 2
    for point, of in found.items():
        assert set(of) == {"import", "export", "generation"}
        own_use = homes[1].own_use[point]
        np.testing.assert_allclose(of["import"] - of["export"], own_use - of["generation"], atol=1e-12)
        assert (own_use > 0).all()
        assert ((of["import"] == 0) | (of["export"] == 0)).all()
        assert (of["export"] <= of["generation"]).all()


def test_panels_follow_the_sun(homes: tuple[Registry, Energy]) -> None:
    for of in registers(homes).values():
        generation = of["generation"]
        assert (generation.between_time("23:00", "01:30") == 0).all()
        june, december = generation["2024-06"].sum(), generation["2024-12"].sum()
        assert 4 * december < june
        assert of["export"].between_time("10:00", "14:00")["2024-06"].sum() > 0.3 * of["export"]["2024-06"].sum()
        assert 500 < generation.sum() < 12_000  # kWh a year


def test_a_heat_pump_gives_less_heat_for_its_electricity_when_it_is_cold() -> None:
    assert heat_per_electricity(np.array([7.0, -8.0, 22.0])) == pytest.approx([3.0, 2.0, 4.0])
    assert heat_per_electricity(np.array([-30.0, 40.0])) == pytest.approx([1.6, 4.6])


def test_heat_pumps_make_electricity_follow_the_cold(homes: tuple[Registry, Energy]) -> None:
    utility, energy = homes
    daily = pd.DataFrame(energy.kwh.T, index=SLOTS, columns=utility.meters["meter_id"]).resample("D").sum()
    of_kind = utility.meters.assign(**utility.habits[["electric_heat", "closed", "has_pv"]])
    of_kind = of_kind[
        (of_kind["fuel"] == "electricity") & (of_kind["use"] == "dwelling") & (of_kind["flow"] == "import")
    ]
    # Panels make the summer's import small, whatever heats in winter.
    plain = of_kind[~of_kind["meter_id"].isin(energy.own_use) & ~of_kind["has_pv"]]
    winter = (daily["2024-01":"2024-02"].mean() / daily["2024-07":"2024-08"].mean())[plain["meter_id"]]
    heated = plain["electric_heat"].to_numpy()
    assert heated.any()
    assert winter[heated].min() > 2 > winter[~heated].max()


def test_files_hold_the_registers_and_declare_the_own_use(tmp_path: Path) -> None:
    simulate(SimulateConfig(meters=6, days=3, first_date=date(2024, 5, 1), dirt=False), str(tmp_path / "landing"))
    declared = pd.read_csv(tmp_path / "landing" / "simulator_virtual_meters" / "virtual_meters.csv")
    assert declared.to_dict("split")["data"] == [
        ["sim-m0004_use", "sim-m0004", 1],
        ["sim-m0004_use", "sim-m0004_export", -1],
        ["sim-m0004_use", "sim-m0004_generation", 1],
    ]
    lines = read_lines(tmp_path / "landing")
    assert set(lines.loc[lines["flow"] != "import", "point"]) == {"sim-m0004"}
    kwh = lines.assign(kwh=lines["value"].astype(float)).pivot(index="start", columns="meter_id", values="kwh")
    summed = sum(row["sign"] * kwh[row["meter_id"]] for _, row in declared.iterrows())
    truth = pd.read_parquet(tmp_path / "simulated_truth" / "own_use.parquet")
    assert set(truth["meter_id"]) == {"sim-m0004_use"}
    # Three values are rounded to watt-hours.
    np.testing.assert_allclose(summed, truth["energy_kwh"], atol=0.0016)
    meters = pd.read_csv(tmp_path / "landing" / "simulator_meters" / "meters.csv").set_index("meter_id")
    assert meters.loc["sim-m0004_export", "flow"] == "export"
    assert len(meters) == 6 + 2


def test_a_utility_without_such_homes_declares_nothing(tmp_path: Path) -> None:
    simulate(SimulateConfig(meters=2, days=3), str(tmp_path / "landing"))
    assert not (tmp_path / "landing" / "simulator_virtual_meters").exists()
    assert pd.read_parquet(tmp_path / "simulated_truth" / "own_use.parquet").empty

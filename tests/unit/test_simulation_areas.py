"""Homes in need, prepaid supply and outages of the simulated utility: what is said of them is so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from energy_lib.config import SimulateConfig
from energy_lib.simulation import simulate
from energy_lib.simulation.areas import heat_meters
from energy_lib.simulation.portfolio import registry

SETTINGS = {"meters": 60, "days": 40, "dirt": False}


@pytest.fixture(scope="module")
def utilities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same utility, without need and with it."""
    found = {}
    for name, share in (("plain", 0.0), ("needing", 0.4)):
        found[name] = tmp_path_factory.mktemp(name)
        simulate(SimulateConfig(**SETTINGS, need_share=share), str(found[name] / "landing"))
    return found


def truth(root: Path) -> pd.DataFrame:
    readings = pd.read_parquet(root / "simulated_truth" / "truth.parquet")
    return readings.pivot_table(index="interval_start_utc", columns="meter_id", values="energy_kwh", aggfunc="sum")


def said(root: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(root / "simulated_truth" / f"{name}.csv")


def meters(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "landing" / "simulator_meters" / "meters.csv")


def test_homes_that_heat_too_little_use_their_share_and_others_what_they_did(utilities: dict[str, Path]) -> None:
    before, after = truth(utilities["plain"]), truth(utilities["needing"])
    homes = said(utilities["needing"], "homes").set_index("building_id")
    rows = meters(utilities["needing"])
    fuels = rows.groupby("building_id")["fuel"].apply(set)
    gas = rows[(rows["fuel"] == "gas") & rows["building_id"].isin(homes.index)].set_index("building_id")["meter_id"]
    ratio = pd.Series({b: after[m].sum() / before[m].sum() for b, m in gas.items()})
    steady = homes.loc[ratio.index].query("not rations")
    # Projects and faults fall on some homes in both utilities.
    np.testing.assert_allclose(ratio[steady.index], steady["heat_share"], rtol=0.02)
    assert 3 <= homes["in_need"].sum() < len(homes)
    assert {"electricity"} in list(fuels), "some homes are heated by electricity"


def test_no_prepaid_home_in_need_stays_on_and_the_truth_says_when_it_was_off(utilities: dict[str, Path]) -> None:
    energy, cut = truth(utilities["needing"]), said(utilities["needing"], "disconnections")
    assert len(cut) > 3
    for row in cut.itertuples():
        # Hours that lie whole within it.
        first, end = (pd.Timestamp(at).tz_localize(None) for at in (row.start_utc, row.end_utc))
        within = energy.loc[first.ceil("h") : end.floor("h") - pd.Timedelta(minutes=1), row.meter_id]
        assert len(within) > 3
        assert (within.dropna() == 0).all()
    assert said(utilities["plain"], "disconnections").empty
    assert set(meters(utilities["plain"])["payment"]) == {"credit"}
    prepaid = set(meters(utilities["needing"]).query("payment == 'prepay'")["meter_id"])
    assert set(cut["meter_id"]) <= prepaid


def test_an_outage_stops_a_whole_ward_and_wards_lie_in_one_region(utilities: dict[str, Path]) -> None:
    folder = utilities["needing"] / "landing"
    events = pd.concat(map(pd.read_csv, sorted((folder / "simulator_events").iterdir())))
    outages = events[events["area_id"].notna()]
    assert len(outages) > 1
    energy, rows = truth(utilities["needing"]), meters(utilities["needing"])
    for row in outages.itertuples():
        first, end = (pd.Timestamp(at).tz_localize(None) for at in (row.start_utc, row.end_utc))
        there = rows.query("fuel == 'electricity' and flow == 'import' and area_id == @row.area_id")["meter_id"]
        within = energy.loc[first.ceil("h") : end.floor("h") - pd.Timedelta(minutes=1), list(there)]
        assert (within.fillna(0) == 0).all(axis=None)
    areas = pd.read_csv(folder / "simulator_areas" / "areas.csv").set_index("area_id")
    assert set(rows["area_id"]) <= set(areas.index)
    tops = {areas.at[areas.at[ward, "parent_area_id"], "parent_area_id"] for ward in set(rows["area_id"])}
    assert tops == {"sim-region"}


def test_gas_heats_where_there_is_gas() -> None:
    utility = registry(60, 7)
    fuel = utility.meters.set_index("meter_id")["fuel"]
    heated = {building: fuel[meter] for building, meter in heat_meters(utility).items()}
    has_gas = set(utility.meters.query("fuel == 'gas'")["building_id"])
    assert {b for b, fuel_of in heated.items() if fuel_of == "gas"} == has_gas

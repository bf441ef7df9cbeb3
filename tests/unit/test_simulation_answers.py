"""What the simulator says for answers, and the truth beside it: projects save as told, faults change what they name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from simulated_landing import read_lines

from energy_lib.config import SimulateConfig
from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.sources.loading import load_sources, source_of
from energy_lib.simulation import simulate
from energy_lib.simulation.climate import climates
from energy_lib.simulation.demand import demand
from energy_lib.simulation.events import with_events
from energy_lib.simulation.lasting_faults import PLANS, lasting_faults, with_consumption_faults
from energy_lib.simulation.occupancy import local_calendar
from energy_lib.simulation.portfolio import Registry, registry
from energy_lib.simulation.projects import MEASURES, with_projects

DEMO = SimulateConfig()
SLOTS = pd.date_range(DEMO.first_date, periods=DEMO.days * 48, freq="30min")
HOURS = pd.date_range(DEMO.first_date, periods=(DEMO.days + 3) * 24, freq="h")
ANSWERS = ("emission_factors", "tariffs", "projects", "assets", "events", "areas")
LANDED = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo() -> tuple[Registry, np.ndarray, dict[str, tuple[int, int]]]:
    utility = registry(DEMO.meters, DEMO.seed)
    energy = demand(utility, climates(HOURS, DEMO.seed), SLOTS, DEMO.seed)
    return utility, energy.kwh, energy.closures


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    landing = tmp_path_factory.mktemp("answers") / "landing"
    simulate(SimulateConfig(meters=19, days=40, first_date=date(2024, 4, 1)), str(landing))
    return landing


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_row_lands(written: Path, kind: str) -> None:
    for file in sorted((written / f"simulator_{kind}").iterdir()):
        source = source_of(f"simulator_{kind}/{file.name}", load_sources(None).values())
        assert source is not None
        assert source.kind == kind
        content = Content.at(str(file), file.name)
        rows = [row for table in parse_reference(content, source, LANDED) for row in table.to_pylist()]
        assert [row["reason"] for row in rows if row["rule_id"]] == []
        assert rows


def test_what_meters_name_is_there(written: Path) -> None:
    meters = pd.read_csv(written / "simulator_meters" / "meters.csv")
    tariffs = pd.read_csv(written / "simulator_tariffs" / "tariffs.csv")
    factors = pd.read_csv(written / "simulator_emission_factors" / "emission_factors.csv")
    prices = pd.concat(map(pd.read_csv, sorted((written / "simulator_prices").iterdir())))
    charged = {(row.tariff_id, row.fuel) for row in tariffs.itertuples()}
    assert set(zip(meters["tariff_id"], meters["fuel"], strict=True)) <= charged
    assert set(tariffs["price_series_id"].dropna()) <= set(prices["tariff_id"])
    assert set(meters["supply_contract_id"].dropna()) == set(factors["supply_contract_id"].dropna()) == {"sim_green"}
    assert set(meters["carbon_region"]) == set(factors["region"])
    agreed = meters["agreed_capacity_kw"] / meters["capacity_kw"]
    assert agreed.dropna().between(0.3, 1).all()
    # A night plans the day after the last readings by prices that were published at noon before.
    ahead = pd.to_datetime(prices["interval_start"]) - pd.to_datetime(prices["published_at"])
    assert ahead.between(pd.Timedelta(hours=12), pd.Timedelta(hours=35)).all()
    assert prices["interval_start"].max() == "2024-05-12T23:00:00Z"


def test_measures_save_their_share_from_the_reporting_period_on(
    demo: tuple[Registry, np.ndarray, dict[str, tuple[int, int]]],
) -> None:
    utility, kwh, _ = demo
    after, projects, truth = with_projects(utility, kwh, SLOTS)
    assert len(projects) == sum(len(measure.places) for measure in MEASURES), "the demo is large enough for all"
    shares = {measure.project_id: measure.saved_share for measure in MEASURES}
    for row in projects.itertuples():
        meter = int(np.flatnonzero(utility.meters["meter_id"] == row.meter_id)[0])
        # The local midnight is an hour before that of UTC in summer.
        begins = int(SLOTS.get_indexer([pd.Timestamp(row.reporting_start) - pd.Timedelta(hours=1)])[0])
        np.testing.assert_array_equal(after[meter, :begins], kwh[meter, :begins])
        np.testing.assert_allclose(after[meter, begins:], kwh[meter, begins:] * (1 - shares[row.project_id]))
        told = truth[(truth["project_id"] == row.project_id) & (truth["meter_id"] == row.meter_id)]
        saved = (told["counterfactual_kwh"] - told["energy_kwh"]).sum()
        assert saved == pytest.approx((kwh - after)[meter].sum())
        assert len(told) == 51, "fifty days, and an hour of the local day after the last"
    others = ~utility.meters["meter_id"].isin(projects["meter_id"]).to_numpy()
    np.testing.assert_array_equal(after[others], kwh[others])
    long = projects[projects["project_id"] != "sim-draught"]
    assert set(long["baseline_end"]) == {date(2024, 3, 31)}
    assert set(projects["reporting_start"]) == {date(2024, 4, 10)}


def test_faults_of_consumption_use_more_when_they_say_and_nothing_else_changes(
    demo: tuple[Registry, np.ndarray, dict[str, tuple[int, int]]],
) -> None:
    utility, kwh, _ = demo
    faults, calendar = lasting_faults(utility, SLOTS), local_calendar(SLOTS)
    assert [fault.plan.kind for fault in faults] == [plan.kind for plan in PLANS]
    concerned = [meter for fault in faults for meter in fault.meters]
    assert len(set(concerned)) == len(concerned)
    added = with_consumption_faults(kwh, faults, calendar) - kwh
    at = {fault.plan.kind: (fault, added[list(fault.meters)].sum(axis=0)) for fault in faults}
    for fault, more in at.values():
        assert (more[: fault.first] == 0).all()
        assert (more[fault.end :] == 0).all()
    assert (added >= 0).all()
    assert not at["clock_shift"][1].any()
    assert not at["multiplier_change"][1].any()
    assert not at["swapped_meters"][1].any()
    changed = {meter for fault, more in at.values() if more.any() for meter in fault.meters}
    assert len(changed) == 8
    np.testing.assert_array_equal(np.delete(added, list(changed), axis=0), 0)
    assert set(calendar.weekday[at["weekend_running"][1] > 0]) == {5, 6}
    assert not ((calendar.hour >= 6) & (calendar.hour < 20))[at["out_of_hours"][1] > 0].any()
    assert at["base_load_creep"][1][-1] > 40 * at["base_load_creep"][1][at["base_load_creep"][0].first + 48]
    early, more = at["start_up_drift"]
    assert not (~calendar.is_workday | (calendar.hour >= 10))[more > 0].any()
    weeks = more[early.first : early.end].reshape(-1, 48).sum(axis=1)
    assert weeks[-7:].sum() > 2 * weeks[7:14].sum() > 0
    heats, cools = (added[meter] for meter in at["heating_and_cooling"][0].meters)
    np.testing.assert_array_equal(heats > 0, cools > 0)
    assert np.ptp(at["gas_leak"][1][at["gas_leak"][0].first :]) == pytest.approx(0)


def test_events_are_what_the_energy_shows(demo: tuple[Registry, np.ndarray, dict[str, tuple[int, int]]]) -> None:
    utility, kwh, closures = demo
    after, events = with_events(utility, kwh, SLOTS, closures)
    assert set(events["kind"]) == {"outage", "non_routine", "closure"}
    outage = events[events["kind"] == "outage"].iloc[0]
    home = utility.meters["building_id"].eq(outage["building_id"]) & utility.meters["fuel"].eq("electricity")
    without = (outage["start_utc"] <= SLOTS) & (outage["end_utc"] > SLOTS)
    assert (after[home.to_numpy()][0][without] == 0).all()
    assert set(closures) == set(
        utility.meters.loc[utility.habits["closed"] & (utility.meters["flow"] == "import"), "meter_id"]
    )
    office = next(row for row in events.itertuples() if row.meter_id == "sim-m0020")
    of_office = pd.Series(kwh[20], SLOTS)
    closed = of_office[office.start_utc : office.end_utc - pd.Timedelta(minutes=30)]
    week_before = of_office[office.start_utc - pd.Timedelta(days=7) : office.start_utc - pd.Timedelta(minutes=30)]
    assert closed.mean() < 0.7 * week_before.mean()


def test_meters_read_late_and_double_as_the_truth_says(written: Path) -> None:
    faults = pd.read_csv(written.parent / "simulated_truth" / "anomalies.csv").set_index("anomaly_type")
    truth = pd.read_parquet(written.parent / "simulated_truth" / "truth.parquet")
    lines = read_lines(written)
    dirt = pd.read_csv(written.parent / "simulated_truth" / "dirt.csv")
    capacity = pd.read_csv(written / "simulator_meters" / "meters.csv").set_index("meter_id")["capacity_kw"]
    for kind, hours_late, times in (("clock_shift", 2, 1), ("multiplier_change", 0, 2)):
        fault = faults.loc[kind]
        of_meter = truth[truth["meter_id"] == fault["meter_id"]].set_index("interval_start_utc")["energy_kwh"]
        wrong = dirt[dirt["kind"] == kind]
        read = lines[lines["meter_id"] == fault["meter_id"]].set_index("start")["value"].astype(float)
        starts = pd.to_datetime(wrong["interval_start_utc"])
        assert (starts.min(), starts.max()) == (
            pd.Timestamp(fault["start_utc"]),
            pd.Timestamp(fault["end_utc"]) - pd.Timedelta(hours=1),
        )
        found = read[starts.dt.strftime("%Y-%m-%dT%H:%M:%SZ")].to_numpy()
        expected = of_meter[starts - pd.Timedelta(hours=hours_late)].to_numpy() * times
        np.testing.assert_allclose(found, expected, atol=1e-9)
        assert found.max() < capacity[fault["meter_id"]], (
            "a register that counts double is within what its limit carries"
        )


def test_swapped_meters_read_one_anothers_energy(written: Path) -> None:
    faults = pd.read_csv(written.parent / "simulated_truth" / "anomalies.csv").set_index("anomaly_type")
    truth = pd.read_parquet(written.parent / "simulated_truth" / "truth.parquet").set_index("interval_start_utc")
    swap = faults.loc["swapped_meters"]
    lines = read_lines(written)
    capacity = pd.read_csv(written / "simulator_meters" / "meters.csv").set_index("meter_id")["capacity_kw"]
    dirt = pd.read_csv(written.parent / "simulated_truth" / "dirt.csv")
    wrong = dirt[dirt["kind"] == "swapped_meters"]
    pair = swap["meter_id"], swap["beside_meter_id"]
    for reads, uses in (pair, pair[::-1]):
        starts = pd.to_datetime(wrong.loc[wrong["meter_id"] == reads, "interval_start_utc"])
        assert len(starts) == (pd.Timestamp(swap["end_utc"]) - pd.Timestamp(swap["start_utc"])) / pd.Timedelta(hours=1)
        read = lines[lines["meter_id"] == reads].set_index("start")["value"]
        found = read[starts.dt.strftime("%Y-%m-%dT%H:%M:%SZ")].astype(float).to_numpy()
        used = truth.loc[truth["meter_id"] == uses, "energy_kwh"][starts].to_numpy()
        np.testing.assert_allclose(found, used, atol=1e-9)
        assert found.max() < capacity[reads]


def test_without_dirt_measures_stay_and_faults_go(tmp_path: Path) -> None:
    simulate(SimulateConfig(meters=4, days=30, dirt=False), str(tmp_path / "landing"))
    assert pd.read_csv(tmp_path / "simulated_truth" / "anomalies.csv").empty
    saved = pd.read_csv(tmp_path / "simulated_truth" / "savings.csv")
    assert set(saved["meter_id"]) == {"sim-m0001", "sim-m0003"}


def test_the_meters_of_projects_have_a_history_and_no_others(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    simulate(SimulateConfig(meters=19, days=20, first_date=date(2024, 4, 1), history_days=40), str(landing))
    files = sorted((landing / "simulator").glob("readings-history-*"))
    assert [file.name[17:24] for file in files] == ["2024-02", "2024-03"]
    history = pd.concat(map(pd.read_csv, files))
    projects = pd.read_csv(landing / "simulator_projects" / "projects.csv")
    long = set(projects.loc[projects["project_id"] != "sim-draught", "meter_id"])
    assert long
    assert set(history["meter_id"]) == long
    starts = pd.to_datetime(history["interval_start"])
    assert (starts.min(), starts.max()) == (
        pd.Timestamp("2024-02-21", tz="UTC"),
        pd.Timestamp("2024-03-31T23", tz="UTC"),
    )
    assert (history.groupby("meter_id")["interval_minutes"].sum() == 40 * 1440).all()
    # The level goes on: measures and faults begin later.
    first_days = pd.concat(map(pd.read_csv, sorted((landing / "simulator").glob("readings-2024-04-0[1-7].csv"))))
    kwh = pd.to_numeric(first_days["energy_kwh"], errors="coerce").groupby(first_days["meter_id"]).median()
    electric = history[(starts >= "2024-03-25") & (history["fuel"] == "electricity")]
    last_days = electric.groupby("meter_id")["energy_kwh"].median()
    assert (kwh[last_days.index] / last_days).between(0.5, 2).all()
    weather = pd.concat(map(pd.read_csv, sorted((landing / "simulator_weather").iterdir())))
    assert weather["interval_start"].min() == "2024-02-21T00:00:00Z"
    prices = pd.concat(map(pd.read_csv, sorted((landing / "simulator_prices").iterdir())))
    assert prices["interval_start"].min() == "2024-04-01T00:00:00Z"

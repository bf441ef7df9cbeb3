"""The simulator's landing files, compared with the true readings and the ledger of injected faults."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from simulated_landing import KEY, Landed, read_lines

from energy_lib.config import SimulateConfig
from energy_lib.errors import BadConfig
from energy_lib.simulation import simulate
from energy_lib.tables import silver

SETTINGS = SimulateConfig(meters=14, days=50, first_date=date(2024, 3, 1))
Files = dict[str, tuple[bytes, float]]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    landing = tmp_path_factory.mktemp("simulated") / "landing"
    simulate(SETTINGS, str(landing))
    truth_folder = landing.parent / "simulated_truth"

    def keyed(frame: pd.DataFrame) -> pd.DataFrame:
        start = pd.to_datetime(frame["interval_start_utc"]).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        return frame.assign(start=start, kwh=frame["energy_kwh"])

    return Landed(
        landing,
        read_lines(landing),
        keyed(pd.read_parquet(truth_folder / "truth.parquet")),
        keyed(pd.read_csv(truth_folder / "dirt.csv")),
    )


def files_below(root: Path) -> Files:
    return {
        str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mtime if "landing" in p.parts[-3:] else 0.0)
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def test_the_same_settings_give_the_same_bytes_and_times(tmp_path: Path) -> None:
    small = SimulateConfig(meters=3, days=6)
    for place in ("a", "b"):
        simulate(small, str(tmp_path / place / "landing"))
    simulate(small.model_copy(update={"seed": 8}), str(tmp_path / "c" / "landing"))

    first, second, other = (files_below(tmp_path / place) for place in ("a", "b", "c"))
    assert first == second
    assert first["landing/simulator/readings-2024-01-02.csv"] != other["landing/simulator/readings-2024-01-02.csv"]


def test_a_shorter_run_removes_the_files_of_a_longer_one_and_no_others(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    (landing / "mine").mkdir(parents=True)
    (landing / "mine" / "readings.csv").write_text("kept")
    simulate(SimulateConfig(meters=2, days=6), str(landing))
    simulate(SimulateConfig(meters=2, days=4, dirt=False), str(landing))

    assert len(list((landing / "simulator").iterdir())) == 4
    assert (landing / "mine" / "readings.csv").read_text() == "kept"


def test_more_meters_do_not_change_the_first_ones(landed: Landed, tmp_path: Path) -> None:
    simulate(SETTINGS.model_copy(update={"meters": 5}), str(tmp_path / "landing"))
    few = pd.read_parquet(tmp_path / "simulated_truth" / "truth.parquet")

    expected = landed.truth[landed.truth["meter_id"].isin(few["meter_id"])]
    assert few["energy_kwh"].tolist() == expected["energy_kwh"].tolist()


def test_without_faults_the_lines_are_the_truth(tmp_path: Path) -> None:
    simulate(SimulateConfig(meters=9, days=3, dirt=False), str(tmp_path / "landing"))

    lines = read_lines(tmp_path / "landing")
    truth = pd.read_parquet(tmp_path / "simulated_truth" / "truth.parquet")
    assert pd.read_csv(tmp_path / "simulated_truth" / "dirt.csv").empty
    assert sorted(lines["minutes"].unique()) == ["30", "60"]
    # Nine meters, one of them half-hourly, and a home's export and generation.
    assert len(lines) == len(truth) == (8 + 2) * 3 * 24 + 3 * 48
    assert float(lines["value"].astype(float).sum()) == pytest.approx(truth["energy_kwh"].sum())
    # Every reading is known at the end of its interval: the last one of a day at the next midnight, the origin.
    length = pd.to_timedelta(lines["minutes"].astype(int), unit="min")
    assert (pd.to_datetime(lines["received"]) == pd.to_datetime(lines["start"]) + length).all()


def test_a_days_file_lands_after_all_it_holds_was_received(landed: Landed) -> None:
    day = pd.to_datetime(landed.lines["file"].str[9:19], utc=True)
    received = pd.to_datetime(landed.lines["received"])
    assert (landed.lines["landed"] == (day + timedelta(days=1, minutes=30)).map(pd.Timestamp.timestamp)).all()
    assert ((received > day) & (received <= day + timedelta(days=1))).all()


def test_a_reading_without_a_fault_has_one_line_with_its_true_value(landed: Landed) -> None:
    clean = landed.truth.merge(landed.faults[KEY].drop_duplicates(), on=KEY, how="left", indicator=True)
    clean = clean[clean["_merge"] == "left_only"]

    lines = clean.merge(landed.lines, on=KEY, how="left")
    assert len(clean) > 0.8 * len(landed.truth)
    assert len(lines) == len(clean)
    assert (lines["value"].astype(float) == lines["kwh"]).all()
    assert set(lines["quality"]) == {"measured"}


def test_a_reading_has_one_fault_at_most_and_every_line_is_accounted_for(landed: Landed) -> None:
    counts = landed.faults["kind"].value_counts()
    assert not landed.faults.duplicated(KEY).any()
    added_lines = counts[["duplicate_exact", "duplicate_conflicting", "correction", "unknown_meter"]].sum()
    assert len(landed.lines) == len(landed.truth) - counts["gap"] + added_lines


Holds = Callable[[pd.DataFrame], "pd.Series[bool]"]


def number(lines: pd.DataFrame) -> pd.Series[float]:
    return lines["value"].astype(float)


@pytest.mark.parametrize(
    ("kind", "lines_each", "holds"),
    [
        ("zero_run", 1, lambda s: number(s) == 0),
        ("spike", 1, lambda s: number(s) > 5 * s["kwh"]),
        ("negative", 1, lambda s: number(s) < 0),
        ("missing_value", 1, lambda s: s["value"] == "NA"),
        ("unparseable_value", 1, lambda s: pd.to_numeric(s["value"], errors="coerce").isna()),
        ("late", 1, lambda s: s["file"].str[9:19] > s["start"].str[:10]),
        ("duplicate_exact", 2, lambda s: number(s) == s["kwh"]),
    ],
)
def test_each_kind_of_fault_changes_its_lines(landed: Landed, kind: str, lines_each: int, holds: Holds) -> None:
    lines = landed.lines_of(kind)
    assert len(lines) == lines_each * len(landed.faulty(kind))
    assert holds(lines).all()


def test_gaps_and_shifted_stamps_leave_their_interval_empty(landed: Landed) -> None:
    assert landed.lines_of("gap", "off_grid", "snapped", "future_stamp").empty


def test_a_conflicting_duplicate_ends_with_the_true_value(landed: Landed) -> None:
    pairs = landed.lines_of("duplicate_conflicting").sort_values([*KEY, "place"]).groupby(KEY, sort=False)
    assert (pairs.size() == 2).all()
    assert (pairs["value"].last().astype(float) == pairs["kwh"].last()).all()
    assert (pairs["value"].first().astype(float) > pairs["kwh"].first()).all()


def test_a_correction_comes_days_later_edited_and_true(landed: Landed) -> None:
    for _, pair in landed.lines_of("correction").sort_values("landed").groupby(KEY):
        wrong, right = pair.iloc[0], pair.iloc[1]
        assert wrong["received"] < right["received"]
        assert wrong["file"] < right["file"]
        assert (wrong["quality"], right["quality"]) == ("measured", "edited")
        assert float(right["value"]) == right["kwh"]


def test_flatlines_are_a_day_or_longer_of_one_value(landed: Landed) -> None:
    lines = landed.lines_of("flatline").sort_values(KEY)
    begins = (lines["meter_id"] != lines["meter_id"].shift()) | (
        pd.to_datetime(lines["start"]).diff() > pd.Timedelta(hours=1)
    )
    runs = lines.groupby(begins.cumsum())
    hours = runs["minutes"].agg(lambda m: m.astype(int).sum() / 60)
    assert (hours >= 24).all()


def test_each_broken_file_has_its_own_fault(landed: Landed) -> None:
    resent = {path.suffix: path for path in sorted((landed.landing / "simulator").glob("*resent*"))}
    with pytest.raises(EOFError):
        gzip.decompress(resent[".gz"].read_bytes())
    plain = sorted((landed.landing / "simulator").glob("*resent.csv"))
    assert [path.stat().st_size == 0 for path in plain] == [True, False]
    with pytest.raises(UnicodeDecodeError):
        plain[1].read_text("utf-8")


def test_some_file_has_a_ragged_line(landed: Landed) -> None:
    fields = {
        len(line.split(","))
        for path in (landed.landing / "simulator").glob("readings-????-??-??.csv")
        for line in path.read_text().splitlines()
    }
    assert fields == {4, 9}


def test_the_registry_has_the_columns_of_silver(landed: Landed) -> None:
    meters = pd.read_csv(landed.landing / "simulator_meters" / "meters.csv")
    buildings = pd.read_csv(landed.landing / "simulator_buildings" / "buildings.csv")
    added_by_the_lake = {"registered_by", *silver.SAID_BY_NAMES}
    assert set(meters.columns) == set(silver.METERS.column_names) - added_by_the_lake
    assert set(buildings.columns) == set(silver.BUILDINGS.column_names) - added_by_the_lake
    assert set(meters["building_id"]) <= set(buildings["building_id"])
    peak = landed.truth.assign(kw=landed.truth["kwh"] * 60 / landed.truth["interval_minutes"])
    peak_kw = peak.groupby("meter_id")["kw"].max()
    capacity_kw = meters.set_index("meter_id")["capacity_kw"].sort_index()
    assert (capacity_kw > peak_kw.sort_index()).all()
    declared = pd.read_csv(landed.landing / "simulator_virtual_meters" / "virtual_meters.csv")
    assert set(declared["meter_id"]) <= set(meters["meter_id"])


def test_forecasts_are_issued_for_48_hours_and_their_error_grows_with_the_lead(landed: Landed) -> None:
    def read(folder: str) -> pd.DataFrame:
        return pd.concat(map(pd.read_csv, sorted((landed.landing / folder).iterdir())), ignore_index=True)

    forecasts, observed = read("simulator_weather_forecast"), read("simulator_weather")
    issues = pd.to_datetime(forecasts["issued_at"])
    assert (forecasts.groupby(["issued_at", "location_id"]).size() == 48).all()
    # The night after the last day forecasts too.
    assert issues.max() == datetime(2024, 4, 20, tzinfo=UTC)
    both = forecasts.merge(observed, on=["location_id", "interval_start"], suffixes=("", "_observed"))
    lead = (pd.to_datetime(both["interval_start"]) - pd.to_datetime(both["issued_at"])) / pd.Timedelta(hours=1)
    error = (both["temperature_c"] - both["temperature_c_observed"]).abs()
    assert 0 < error[lead < 12].mean() < 0.7 * error[lead >= 36].mean()
    received = pd.to_datetime(observed["received_at"]) - pd.to_datetime(observed["interval_start"])
    assert set(received) == {pd.Timedelta(hours=1)}
    assert np.isfinite(observed["temperature_c"]).all()


def test_a_remote_landing_is_refused_in_one_sentence() -> None:
    with pytest.raises(BadConfig, match="s3a://bucket/landing"):
        simulate(SETTINGS, "s3a://bucket/landing")

"""A night: complete and conserving; by spark-submit the same, idempotent, one at a time."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from lake_content import differences, tables_of
from small_utility import Utility


def test_a_night_forecasts_every_meter_with_naive_beside(reference: Path) -> None:
    tables = tables_of(reference)
    forecasts = tables["gold.forecasts"].filter(pl.col("run_kind") == "live")
    meters = set(tables["silver.meters"]["meter_id"])
    for model, cells in forecasts.group_by("model_name"):
        assert set(cells["meter_id"]) == meters, model
        assert cells.height == 24 * len(meters), model
    assert {"seasonal_naive_24h", "seasonal_naive_168h"} <= set(forecasts["model_name"])
    assert forecasts.filter(~((pl.col("p10") <= pl.col("p50")) & (pl.col("p50") <= pl.col("p90")))).height == 0
    assert set(forecasts["origin_utc"]) == {datetime(2024, 2, 20, tzinfo=UTC)}
    totals = tables["gold.scores"].filter(pl.col("scope") == "total")
    assert {"seasonal_naive_24h", "seasonal_naive_168h"} < set(totals["model_name"])


def test_a_virtual_meter_is_forecast_and_in_no_sum(utility: Utility, reference: Path) -> None:
    """The own use of the home with panels, whose registers are read with faults, beside the truth."""
    tables = tables_of(reference)
    (virtual,) = tables["silver.meters"].filter(pl.col("registered_by") == "virtual_meters")["meter_id"]
    hours = tables["silver.hourly_readings"].filter(pl.col("meter_id") == virtual)
    truth = pl.read_parquet(utility.landing.parent / "simulated_truth" / "own_use.parquet").rename(
        {"energy_kwh": "true"}
    )
    truth = truth.with_columns(pl.col("interval_start_utc").cast(pl.Datetime("us", "UTC")))
    both = hours.join(truth, on=["meter_id", "interval_start_utc"])
    right = (both["energy_kwh"] - both["true"]).abs() < 0.01
    measured = both.filter(right)
    assert len(measured) > 0.9 * len(truth)
    groups = tables["gold.group_forecasts"].filter(pl.col("group_kind") == "portfolio")
    counts = dict(
        groups.group_by("fuel", "flow")
        .agg(pl.col("meters").max())
        .select(pl.concat_str("fuel", pl.lit("_"), "flow"), "meters")
        .iter_rows()
    )
    assert counts == {"electricity_import": 3, "gas_import": 3, "electricity_export": 1, "electricity_generation": 1}
    scores = tables["gold.scores"]
    assert virtual in set(scores.filter(pl.col("scope") == "meter")["meter_id"])
    shards = pl.read_parquet(str(reference / "shards" / "*" / "train" / "*.parquet"), columns=["meter_id"])
    assert set(shards["meter_id"]) == set(tables["silver.meters"]["meter_id"]) - {virtual}


def test_a_registered_version_has_its_card(reference: Path) -> None:
    (card,) = (reference / "mlflow" / "artifacts").glob("*/artifacts/model_card.md")
    text = card.read_text()
    assert "## Scores of the origins 2024-02-17 to 2024-02-19" in text
    assert "| electricity | dense v1 |" in text, "its scores"
    assert "| electricity | seasonal_naive_24h  |" in text, "naive beside"
    assert "% of the actuals lay within p10 … p90" in text
    seconds, energy = re.findall(r"([\d.,]+) s, ([\d.]+) kWh", text)[0]
    assert float(seconds.replace(",", "")) > 1
    assert float(energy) > 0
    importance = json.loads((card.parent / "importance.json").read_text())
    assert max(importance.values()) > 0.01
    with sqlite3.connect(reference / "mlflow" / "mlflow.db") as store:
        assert store.execute("select description from model_versions where version = 1").fetchone() == (text,)


def test_every_raw_row_ends_in_exactly_one_place(reference: Path) -> None:
    tables = tables_of(reference)
    key = ["file_id", "row_number"]
    bronze = tables["bronze.readings"].select(key)
    clean, rejected = tables["silver.readings"].select(key), tables["silver.quarantine"].select(key)
    assert bronze.join(clean, on=key, how="anti").join(rejected, on=key, how="anti").height == 0
    assert clean.join(rejected, on=key, how="inner").height == 0
    assert clean.unique().height == clean.height


@pytest.mark.long
def test_two_nights_again_at_once_one_runs_and_changes_nothing(
    utility: Utility, reference: Path, tmp_path: Path
) -> None:
    again = tmp_path / "lake"
    shutil.copytree(reference, again)
    run_two_at_once(utility, again)
    assert differences(reference, again) == []


@pytest.mark.long
def test_two_first_nights_at_once_one_wins_and_nothing_is_lost(
    utility: Utility, reference: Path, tmp_path: Path
) -> None:
    run_two_at_once(utility, tmp_path / "lake")
    assert differences(reference, tmp_path / "lake") == []


def run_two_at_once(utility: Utility, lake: Path) -> None:
    """One ends with 0, the other with 75."""
    first = utility.start("nightly", lake, "--date", "2024-02-20")
    time.sleep(1.5)
    second = utility.start("nightly", lake, "--date", "2024-02-20")
    outputs = {p.pid: p.communicate(timeout=900)[0] for p in (first, second)}
    codes = sorted((first.returncode, second.returncode))
    assert codes == [0, 75], [text[-3000:] for text in outputs.values()]

"""The same jobs on a real standalone cluster: one master, two workers, on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from frameworks import needs_torch
from lake_content import differences
from small_utility import NIGHT, REPOSITORY, Utility, environment
from standalone_cluster import LOOPBACK, standalone_cluster

FEW = ("--conf", "spark.executor.memory=1500m", "--conf", "spark.ui.enabled=false")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    with standalone_cluster(tmp_path, environment(), REPOSITORY) as master:
        yield master


@pytest.mark.long
def test_a_cluster_gives_the_same_tables_as_one_machine(
    utility: Utility, reference: Path, cluster: str, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    utility.night(lake, submit=("--master", cluster, *LOOPBACK, *FEW))
    assert differences(reference, lake) == []


@needs_torch
@pytest.mark.long
def test_a_night_on_a_cluster_trains_by_pytorch(utility: Utility, cluster: str, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    by_torch = ("--date", NIGHT, "--set", "training.framework=torch")
    said = utility.run("nightly", lake, *by_torch, submit=("--master", cluster, *LOOPBACK, *FEW))
    (described,) = lake.glob("checkpoints/*/model/model.json")
    assert json.loads(described.read_text())["framework"] == "torch"
    forecasts = pl.read_delta(str(lake / "gold" / "forecasts"))
    backtested = forecasts.filter((pl.col("model_name") == "dense") & (pl.col("run_kind") == "backtest"))
    assert len(backtested) > 0, said[-6000:]
    assert backtested["fallback"].null_count() == len(backtested)

"""What `make package` makes runs a night on a cluster from an empty folder, with no checkout at hand."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
import zipfile
from pathlib import Path

import polars as pl
import pytest
from small_utility import NIGHT, REPOSITORY, SMALL
from standalone_cluster import LOOPBACK, daemon, free_port, standalone_cluster, wait_for

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = ["make", "package", f"DIST={folder}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def home(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with the archive's environment in it."""
    home = tmp_path_factory.mktemp("empty")
    (home / "environment").mkdir()
    subprocess.run(["tar", "-xzf", str(dist / "environment.tar.gz"), "-C", str(home / "environment")], check=True)
    return home


def shell(home: Path) -> dict[str, str]:
    """The environment's programs first, and nothing of the checkout or of this test's own process."""
    kept = {name: os.environ[name] for name in ("JAVA_HOME", "HOME", "LANG") if name in os.environ}
    path = f"{home / 'environment' / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    return {**kept, "PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3", "GX_ANALYTICS_ENABLED": "false"}


def run(home: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=home, env=shell(home), capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout


def test_the_wheel_has_what_jobs_read(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, ends in (
        ("conf", (".yaml", ".csv")),
        ("expectations", (".json",)),
        ("deploy/pytorch_serving", (".py",)),
    ):
        shipped = {
            str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / folder).rglob("*") if path.suffix in ends
        }
        assert shipped, folder
        assert shipped - names == set()
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "docs"))]


def test_a_night_runs_on_a_cluster_from_the_archive_alone(home: Path, dist: Path, tmp_path: Path) -> None:
    events, lake = tmp_path / "events", tmp_path / "lake"
    events.mkdir()
    settings = [f"lake={lake}", f"landing={tmp_path / 'landing'}", *SMALL]
    config = ["--config", "conf/demo.yaml", *(word for each in settings for word in ("--set", each))]
    run(home, "energy-simulate", *config)
    with standalone_cluster(tmp_path, shell(home), home) as master:
        run(
            home, "spark-submit", "--master", master, *LOOPBACK,
            "--archives", f"{dist / 'environment.tar.gz'}#environment",
            "--conf", "spark.pyspark.python=./environment/bin/python", "--conf", "spark.executor.memory=1500m",
            "--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir={events}",
            "environment/lib/python3.11/site-packages/jobs/nightly.py", *config, "--date", NIGHT,
        )  # fmt: skip
    forecasts = pl.read_delta(str(lake / "gold" / "forecasts")).filter(pl.col("run_kind") == "live")
    assert forecasts["meter_id"].n_unique() >= 6
    runs = pl.read_delta(str(lake / "ops" / "runs"))
    assert set(runs["status"]) == {"succeeded"}
    port, log = free_port(), tmp_path / "history.log"
    options = f"-Dspark.history.fs.logDirectory={events} -Dspark.history.ui.port={port}"
    with daemon("history.HistoryServer", log, environment={**shell(home), "SPARK_HISTORY_OPTS": options}, cwd=home):
        wait_for(port, log)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/applications", timeout=60) as answer:
            (application,) = json.load(answer)
    assert application["attempts"][0]["completed"]

"""The same jobs on a real standalone cluster: one master, two workers, on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from frameworks import needs_torch
from lake_content import differences
from small_utility import NIGHT, REPOSITORY, Utility, environment

LOOPBACK = ("--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1")
FEW = ("--conf", "spark.executor.memory=1500m", "--conf", "spark.ui.enabled=false")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def daemon(kind: str, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as sink:
        return subprocess.Popen(
            ["spark-class", f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1", *arguments],
            cwd=REPOSITORY,
            env={**environment(), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"},
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    port, ui = free_port(), free_port()
    master = f"spark://127.0.0.1:{port}"
    daemons = [daemon("master.Master", tmp_path / "master.log", "--port", str(port), "--webui-port", str(ui))]
    for _ in range(60):
        if listening(port):
            break
        time.sleep(0.5)
    for number in range(2):
        work = ("--work-dir", str(tmp_path / f"work-{number}"), "--webui-port", str(free_port()))
        log = tmp_path / f"worker-{number}.log"
        daemons.append(daemon("worker.Worker", log, "--cores", "1", "--memory", "2g", *work, master))
    yield master
    for process in daemons:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


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

"""The whole live demo: readings reach the lake, and Ctrl-C leaves nothing running."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import psutil
import pytest
import yaml
from kafka_brokers import skip_without_broker

from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import bronze

ROOT = Path(__file__).parents[2]
IN_THE_LAKE = re.compile(r"([\d,]+) in the lake")


@pytest.mark.slow
def test_readings_flow_until_it_is_interrupted_and_then_nothing_runs(tmp_path: Path) -> None:
    skip_without_broker()
    SmallTables(str(tmp_path / "lake")).create_empty(bronze.READINGS, {})
    config = {
        "extends": str(ROOT / "conf" / "demo.yaml"),
        "lake": str(tmp_path / "lake"),
        "landing": str(tmp_path / "landing"),
        "simulate": {"meters": 10, "days": 3, "first_date": "2024-05-27", "history_days": 0},
    }
    (tmp_path / "demo.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "energy_lib.streaming.demo", "--config", str(tmp_path / "demo.yaml")]
    # A second time on the same data, as someone who runs it again.
    for _ in range(2):
        demo = subprocess.Popen([*command, "--speed", "7200"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert demo.stdout is not None
        read, deadline = 0, time.monotonic() + 240
        while read < 100 and time.monotonic() < deadline and (said := demo.stdout.readline()):
            found = IN_THE_LAKE.search(said)
            read = int(found[1].replace(",", "")) if found else read
        programs = psutil.Process(demo.pid).children(recursive=True)
        demo.send_signal(signal.SIGINT)
        rest, _ = demo.communicate(timeout=90)
        assert demo.returncode == 0, rest
        assert "All is stopped" in rest
        assert read >= 100
        assert len(programs) >= 4
        assert not [program for program in programs if program.is_running() and program.status() != "zombie"]
    rows = pl.read_delta(str(tmp_path / "lake" / "bronze" / "readings"))
    assert rows.filter(pl.col("rule_id").is_null()).height >= 200
    assert rows.select("file_id", "row_number").is_unique().all()

"""A stream as a process of its own: killed, without its broker, and beside nights that write to the same lake."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import polars as pl
import pytest
from pyspark.sql import SparkSession
from small_utility import environment
from streamed_utility import DAY, StreamedUtility, content, readings

from energy_lib.entry import run_with_lease
from energy_lib.lake import Lake
from energy_lib.simulation.live.broker import Broker
from energy_lib.streaming.topics import describe_topic, ends
from jobs import maintain

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("ENERGY_STREAM_KILLS", "6"))
SEED = int(os.environ.get("ENERGY_KILL_SEED", "1"))
WAIT_SECONDS = 240


@pytest.fixture
def utility(broker: Broker, tmp_path: Path) -> StreamedUtility:
    topic = f"beside-{tmp_path.name}"
    broker.create_topic(topic, partitions=2)
    return StreamedUtility(broker, topic, tmp_path)


def start(utility: StreamedUtility, lake: str, log: Path) -> subprocess.Popen[bytes]:
    command = [
        str(Path(sys.executable).with_name("spark-submit")),
        "--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC",
        str(ROOT / "jobs" / "ingest_stream.py"), "--config", utility.config_file, "--set", f"lake={lake}",
        "--set", "stream.max_messages=150", "--source", "live",
    ]  # fmt: skip
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, cwd=ROOT, env=environment()
        )


def kill(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGKILL) -> None:
    if process.poll() is None:
        os.killpg(process.pid, by)
    process.wait(timeout=60)


@contextmanager
def running(utility: StreamedUtility, lake: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = start(utility, lake, log)
    try:
        yield process
    finally:
        kill(process)


def sent_count(utility: StreamedUtility) -> int:
    stream = utility.config("unused").stream
    return sum(ends(stream, utility.topic, describe_topic(stream, utility.topic).partitions).values())


def read_count(lake: str) -> int:
    """Messages in bronze; what came as files is not counted."""
    table = f"{lake}/bronze/readings"
    if not Path(table, "_delta_log").is_dir():
        return 0
    messages = pl.scan_delta(table).filter(pl.col("file_id").str.starts_with("kafka:"))
    return int(messages.select(pl.len()).collect().item())


def wait_for(utility: StreamedUtility, lake: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while read_count(lake) < sent_count(utility):
        assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        assert time.monotonic() < until, log.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.5)


def kept_once(utility: StreamedUtility, lake: str) -> None:
    """Each message of the topic is one row of bronze."""
    rows = pl.read_delta(f"{lake}/bronze/readings").select("path", "row_number")
    stream = utility.config("unused").stream
    topic = describe_topic(stream, utility.topic)
    for partition, end in ends(stream, topic.name, topic.partitions).items():
        numbers = rows.filter(pl.col("path") == f"{topic.name}/{partition}")["row_number"].to_list()
        twice = [number for number, count in Counter(numbers).items() if count > 1]
        assert not twice, f"partition {partition}: {twice[:5]} came twice"
        assert sorted(numbers) == list(range(1, end + 1)), f"partition {partition}: {len(numbers)} of {end}"


def test_a_stream_killed_at_random_points_and_its_broker_too_loses_and_doubles_nothing(
    utility: StreamedUtility, broker: Broker, tmp_path: Path
) -> None:
    chance, lake, log = random.Random(SEED), str(tmp_path / "lake"), tmp_path / "stream.log"
    values = readings(3, 24 * 60)
    over = threading.Event()

    def produce() -> None:
        for place in cycle(range(0, len(values), 10)):
            if over.is_set():
                break
            # A producer that sends again what it has sent is one of the things that happen.
            utility.send([*values[place : place + 10], values[place]])
            time.sleep(0.5)

    producer = threading.Thread(target=produce)
    producer.start()
    for number in range(KILLS):
        before = read_count(lake)
        process = start(utility, lake, log)
        # One in five while it starts, the others among its batches.
        until = time.monotonic() + (chance.uniform(2, 10) if number % 5 == 4 else WAIT_SECONDS)
        while read_count(lake) == before and time.monotonic() < until:
            assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
            time.sleep(0.05)
        time.sleep(chance.uniform(0, 3))
        if number % 3 == 2:
            broker.kill()
            broker.start()
            time.sleep(chance.uniform(0, 3))
        kill(process)
    over.set()
    producer.join(timeout=300)
    # What it reads shows that it has started.
    utility.send(values[:10])
    with running(utility, lake, log) as process:
        wait_for(utility, lake, process, log)
        kill(process, signal.SIGTERM)
        # What the shell says of SIGTERM, as spark-submit has it; the job has told what it read.
        assert process.returncode in (0, 128 + signal.SIGTERM), log.read_text(encoding="utf-8")[-3000:]
        assert "this is a bug" not in log.read_text(encoding="utf-8")
    assert "live: " in log.read_text(encoding="utf-8").splitlines()[-1]
    kept_once(utility, lake)


def test_a_stream_outlives_the_restart_of_its_broker(utility: StreamedUtility, broker: Broker, tmp_path: Path) -> None:
    lake, log = str(tmp_path / "lake"), tmp_path / "stream.log"
    utility.send(readings(2, 10))
    with running(utility, lake, log) as process:
        wait_for(utility, lake, process, log)
        broker.stop()
        time.sleep(5)
        broker.start()
        utility.send(readings(2, 20)[20:])
        wait_for(utility, lake, process, log)
    kept_once(utility, lake)


def test_a_week_of_nights_beside_a_stream_ends_where_files_alone_end(
    spark: SparkSession, utility: StreamedUtility, tmp_path: Path
) -> None:
    lake, log = Lake(spark, str(tmp_path / "lake")), tmp_path / "stream.log"
    values = readings(3, 24 * 7)
    with running(utility, lake.root, log) as process:
        for day in range(7):
            today = values[day * 72 : (day + 1) * 72]
            # Half of the day comes as a file that the night ingests while messages come.
            utility.land(today[::2], name=f"day-{day}.jsonl")
            sender = threading.Thread(target=trickle, args=(utility, today[1::2]))
            sender.start()
            utility.night(spark, lake)
            sender.join()
            if day == 4:
                run_with_lease("maintain", spark, utility.config(lake.root), DAY, maintain.run)
        wait_for(utility, lake.root, process, log)
    utility.night(spark, lake)
    kept = pl.read_delta(f"{lake.root}/bronze/readings")
    assert kept.select("file_id", "row_number").unique().height == kept.height == len(values)

    alone = Lake(spark, str(tmp_path / "alone"))
    for day in range(7):
        utility.land(values[day * 72 : (day + 1) * 72], name=f"day-{day}.jsonl")
    utility.night(spark, alone)
    for table in ("silver.readings", "silver.hourly_readings"):
        assert content(lake.root, table).equals(content(alone.root, table)), table


def trickle(utility: StreamedUtility, values: list[bytes]) -> None:
    for place in range(0, len(values), 6):
        utility.send(values[place : place + 6])
        time.sleep(0.5)

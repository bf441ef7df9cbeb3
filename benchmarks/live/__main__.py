"""Streams on a real broker, beside peers on the same messages.

    python -m benchmarks.live [--peers <Python that has bytewax, quixstreams, confluent-kafka>]

Prints readings a second from a backlog through online detection and into silver, seconds from a reading to its alert at
a steady rate, and seconds from a SIGKILL until the stream is live again. Needs `make install-kafka`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.live.latency import measured
from benchmarks.live.peers import PEERS
from benchmarks.live.utility import FIRST, HOUR, SOURCE, LiveUtility
from benchmarks.measure import machine
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period
from energy_lib.lake import Lake, open_session
from energy_lib.simulation.live.broker import Broker
from energy_lib.streaming.pipeline.detect import detect_stream
from energy_lib.streaming.pipeline.ingest import ingest_stream
from jobs import clean, ingest

BACKLOG, LIVE = "bench.backlog", "bench.live"


def backlog(utility: LiveUtility, messages: int, day: date) -> None:
    """Through online detection, and Kafka to bronze to silver, each once over the whole backlog.

    Detection comes first: it begins where bronze ends, which is before the first message.
    """
    config = utility.config()
    spark = open_session(config.spark)
    lake = Lake(spark, config.lake)
    spark.range(1000).count()  # The session's own start is none of a stream that runs.
    begun = time.perf_counter()
    told = detect_stream(lake, utility.config("stream.max_messages=100000"), [SOURCE], once=True).rows_out
    line(f"online detection with its sinks ({told:,} rows of alerts)", messages, time.perf_counter() - begun)
    begun = time.perf_counter()
    ingest_stream(lake, config, [SOURCE], once=True)
    in_bronze = time.perf_counter()
    run_with_lease("ingest", spark, config, Period.day(day), ingest.run)
    run_with_lease("clean", spark, config, Period.day(day), clean.run)
    in_silver = time.perf_counter()
    line("Kafka to bronze", messages, in_bronze - begun)
    line("Kafka to silver, cleaned", messages, in_silver - begun)
    spark.stop()


def line(name: str, messages: int, seconds: float) -> None:
    print(f"{name:<60} {messages / seconds:>10,.0f} readings/s  {seconds:>7.1f} s", flush=True)


def peers(python: str, utility: LiveUtility, messages: int) -> None:
    program = str(Path(__file__).with_name("peers.py"))
    for peer in PEERS:
        command = [python, program, peer, utility.broker.bootstrap, BACKLOG, str(messages)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode != 0:
            print(f"{peer}: {done.stderr.strip().splitlines()[-1]}")
            continue
        told = json.loads(done.stdout.strip().splitlines()[-1])
        line(f"{peer}, no sink ({told['alarms']:,} alarms)", messages, told["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meters", type=int, default=10_000)
    parser.add_argument("--hours", type=int, default=96, help="hours of the backlog")
    parser.add_argument("--per-second", type=int, default=2_000, help="readings a second while alerts are timed")
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long they are timed")
    parser.add_argument("--peers", default=sys.executable, help="Python that has the peers")
    chosen = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as scratch, Broker(Path(scratch) / "kafka") as broker:
        utility = LiveUtility(broker, Path(scratch) / "utility", chosen.meters)
        utility.prepare(BACKLOG)
        messages = utility.send_hours(BACKLOG, range(chosen.hours))
        print(f"{messages:,} messages of {chosen.meters:,} meters")
        peers(chosen.peers, utility, messages)
        backlog(utility, messages, (FIRST + chosen.hours * HOUR).date())
        live = LiveUtility(broker, Path(scratch) / "live", chosen.meters)
        live.prepare(LIVE)
        steady, again = measured(live, LIVE, chosen.per_second, chosen.seconds)
        p50, p99 = np.percentile(steady, [50, 99])
        print(
            f"reading to alert at {chosen.per_second:,} readings/s: p50 {p50:.2f} s, p99 {p99:.2f} s, of "
            f"{len(steady):,} alerts; from SIGKILL to live again {again:.1f} s"
        )


if __name__ == "__main__":
    main()

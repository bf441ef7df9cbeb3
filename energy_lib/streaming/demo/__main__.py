"""`make demo-live`: readings flow from a simulated utility through a real broker into the demo's lake, until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.live import Live

from energy_lib.config import Config, StreamConfig
from energy_lib.errors import EnergyError, InputMissing
from energy_lib.models.config import load_config
from energy_lib.simulation.live.broker import Broker
from energy_lib.streaming.demo.programs import Programs
from energy_lib.streaming.demo.view import line, screen
from energy_lib.streaming.demo.watching import AlertFeed, TopicWatch
from energy_lib.streaming.signals import stopped_by_signal

SOURCE, READINGS, ALERTS = "live_readings", "energy.readings", "energy.alerts"
LOOK_SECONDS = 0.5
LINE_SECONDS = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    arguments = argparse.ArgumentParser(prog="make demo-live", description="Readings live, from Kafka into the lake.")
    arguments.add_argument("--config", default="conf/demo.yaml", help="config of the demo (default conf/demo.yaml)")
    arguments.add_argument("--set", action="append", default=[], metavar="key=value", help="override a config key")
    arguments.add_argument("--speed", type=float, default=600.0, help="utility's seconds a second (default 600)")
    arguments.add_argument("--days", type=int, default=7, help="days that are sent (default 7)")
    arguments.add_argument("--seconds", type=float, help="stop after so long (default: on Ctrl-C)")
    options = arguments.parse_args(argv)
    try:
        config, _ = load_config(options.config, options.set)
        if not (Path(config.lake) / "bronze" / "readings").is_dir():
            raise InputMissing(f"There is no lake at {config.lake}: run make demo, then this again.")
        with stopped_by_signal() as stop:
            if options.seconds is not None:
                threading.Timer(options.seconds, stop.set).start()
            show(config, options, stop)
    except EnergyError as error:
        print(f"demo-live: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def show(config: Config, options: argparse.Namespace, stop: threading.Event) -> None:
    """Start all, look at it until `stop`, and stop all."""
    console = Console()
    folder = Path(config.lake).resolve().parent / "live"
    broker = Broker(folder / "kafka")
    console.print("Kafka's broker starts …")
    with Programs(folder, broker) as programs:
        for topic in (READINGS, ALERTS):
            broker.ensure_topic(topic)
        stream = StreamConfig(bootstrap_servers=broker.bootstrap)
        shared = ["--config", options.config, *(part for item in options.set for part in ("--set", item))]
        shared += ["--set", f"stream.bootstrap_servers={broker.bootstrap}"]
        first = config.simulate.first_date + timedelta(days=config.simulate.days)
        span = ["--from", str(first), "--to", str(first + timedelta(days=options.days - 1))]
        programs.start_job("alerts", "detect_stream", [*shared, "--source", SOURCE], spark=True)
        programs.start_job("stream", "ingest_stream", [*shared, "--source", SOURCE], spark=True)
        programs.start_job(
            "producer", "simulate", [*shared, "--live", "--speed", str(options.speed), *span], spark=False
        )
        alerts = AlertFeed(stream, ALERTS)
        try:
            watch(TopicWatch(stream, config.lake, READINGS), alerts, programs, console, stop)
        finally:
            alerts.close()
            console.print("Stopping the producer, the stream and the broker …")
    console.print(f"All is stopped. The readings are in {config.lake}; the logs are in {folder}.")


def watch(topic: TopicWatch, alerts: AlertFeed, programs: Programs, console: Console, stop: threading.Event) -> None:
    """Draw what there is, twice a second on a terminal, as a line now and then elsewhere."""
    said = time.monotonic()
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while not stop.wait(LOOK_SECONDS):
            look, states = topic.look(), programs.states()
            alerts.take()
            if console.is_terminal:
                live.update(screen(look, topic.rates(), alerts, states, topic.flowing_since), refresh=True)
            elif time.monotonic() - said > LINE_SECONDS:
                console.print(line(look, topic.rates(), alerts), soft_wrap=True)
                said = time.monotonic()


if __name__ == "__main__":
    sys.exit(main())

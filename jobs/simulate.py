"""Write the landing files of a small simulated utility, with the usual faults; or send its readings live to a topic."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, period_of, start, start_without_spark
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period, midnight_utc
from energy_lib.lake.outcome import Outcome
from energy_lib.simulation import simulate
from energy_lib.simulation.files import Folder
from energy_lib.simulation.live.live_readings import live_readings
from energy_lib.simulation.live.sending import Pace, Sender, send_readings
from energy_lib.simulation.live.truth_files import write_live_truth
from energy_lib.streaming.connection import client_options
from energy_lib.streaming.signals import stopped_by_signal
from energy_lib.streaming.topics import describe_topic

JOB = "simulate"
TOPIC = "energy.readings"


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Simulate `simulate.days` days from `simulate.first_date`; the period and the lake are not used."""
    written = simulate(config.simulate, config.landing)
    faults = ", ".join(f"{kind} {count:,}" for kind, count in written.faults.items()) or "none"
    return Outcome(
        rows_out=written.rows,
        lines=[
            f"{written.rows:,} readings of {config.simulate.meters:,} meters "
            f"in {written.files:,} files in {config.landing}.",
            f"Dirt: {faults}.",
        ],
    )


def send_live(config: Config, period: Period, topic: str, speed: float, now: datetime) -> Outcome:
    """Send the period's readings to the topic until all are sent or a signal comes."""
    describe_topic(config.stream, topic)
    live = live_readings(config.simulate, period)
    poison_seed = config.simulate.seed if config.simulate.dirt else None
    write_live_truth(_local(config.landing), live, poison_seed)
    # In real time a day that goes on is met where it is.
    goes_on = speed == 1 and period.first <= now.date() <= period.last
    pace = Pace(now if goes_on else midnight_utc(period.first), speed)
    sender = Sender(client_options(config.stream), topic)
    with stopped_by_signal() as stop:
        send_readings(live, sender, pace, poison_seed, stop.is_set)
    sent = sender.sent
    return Outcome(
        rows_out=sent.readings,
        lines=[
            f"{sent.readings:,} of {len(live.rows):,} readings of {period} sent to {topic}, and {sent.poison:,} poison "
            f"messages; {sent.refused:,} were too long for the broker."
        ],
    )


def land_live(config: Config, period: Period) -> Outcome:
    """Write the same readings as landing files, without what only a message can have."""
    live = live_readings(config.simulate, period)
    landing = _local(config.landing)
    write_live_truth(landing, live, None)
    rows = live.write_files(Folder(landing))
    return Outcome(rows_out=rows, lines=[f"{rows:,} readings of {period} in {landing}."])


def _local(landing: str) -> Path:
    if "://" in landing:
        raise BadConfig(f"landing is {landing}: the simulator writes to a local folder; simulate there and copy it.")
    return Path(landing)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Write a simulated utility's landing files, or send its readings live.")
    arguments.add_argument("--live", action="store_true", help="send the readings of --date or --from/--to to a topic")
    arguments.add_argument("--topic", default=TOPIC, help=f"of --live (default {TOPIC})")
    arguments.add_argument(
        "--speed", type=float, default=1.0, metavar="X",
        help="of --live: the utility's clock runs X times as fast (default 1; 0: as fast as the broker takes)",
    )  # fmt: skip
    arguments.add_argument("--as-files", action="store_true", help="of --live: land the same readings as files instead")
    options = arguments.parse_args(argv)
    if not options.live:
        return start(JOB, options, run, writes=False)

    def live(config: Config) -> Outcome:
        period = period_of(options)
        if options.speed < 0:
            raise BadConfig(f"--speed is {options.speed}: give 0 or more.")
        if options.as_files:
            return land_live(config, period)
        return send_live(config, period, options.topic, options.speed, datetime.now(UTC))

    return start_without_spark(JOB, options, live)


if __name__ == "__main__":
    sys.exit(main())

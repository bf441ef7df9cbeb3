"""The use case of jobs/deliver_alerts.py: each receiver has a thread, a position and a queue of its own."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import ExitStack, contextmanager
from functools import partial

from energy_lib.config import Config
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.lake.outcome import Outcome
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import few_named_sql
from energy_lib.lake.table_lock import only_process
from energy_lib.lake.table_properties import PLAIN
from energy_lib.streaming.delivery.channels import Channel
from energy_lib.streaming.delivery.mail import Email
from energy_lib.streaming.delivery.mail_text import Meters
from energy_lib.streaming.delivery.webhook import Webhook
from energy_lib.streaming.metrics import DeliveryMetrics, served
from energy_lib.streaming.pipeline.delivery import Delivery
from energy_lib.streaming.signals import stopped_by_signal
from energy_lib.tables import silver
from energy_lib.tables.answers.advice import ADVICE
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.ops import ALERT_DELIVERIES

JOB = "deliver_alerts"
PLACES = ("meter_id", "fuel", "zone", "building_id", "site_id")

log = logging.getLogger(__name__)


def deliver_alerts(config: Config, *, once: bool, dead: bool = False) -> Outcome:
    """Tell the receivers of `alerts` what gold.alerts and gold.advice say, until a signal comes.

    `once`: what they say now. `dead`: what was given up is tried again first.

    At least once: what was sent and not yet kept when the run is killed is sent again with the same id. Raises
    BadConfig without a receiver, for one that cannot be spoken to and for a lake in an object store, InputMissing
    without gold.alerts, TryAgain if another process delivers this lake's alerts.
    """
    if "://" in config.lake:
        raise BadConfig(f"lake {config.lake}: alerts are delivered from a lake on a disk, which has locks.")
    tables = SmallTables(config.lake)
    with ExitStack() as open_ones, stopped_by_signal() as stop:
        channels = [open_ones.enter_context(_closing(channel)) for channel in _channels(config, tables)]
        if not channels:
            raise BadConfig("Nobody is to be told of alerts: set alerts.webhooks or alerts.email.")
        if tables.version(ALERTS) < 0 and tables.version(ADVICE) < 0:
            raise InputMissing(f"There is no {ALERTS.full_name} in {config.lake}: start jobs/detect_stream.py first.")
        open_ones.enter_context(only_process(config.lake, JOB))
        for table in (ALERT_DELIVERIES, ADVICE):
            tables.create_empty(table, PLAIN)
        runs = [
            Delivery.begin(tables, table, config.alerts, channel)
            for channel in channels
            for table in (ALERTS, ADVICE)
            if table.name in channel.receiver.tells and tables.version(table) >= 0
        ]
        open_ones.enter_context(served(DeliveryMetrics(runs), config.alerts.metrics_port, "alerts.metrics_port"))
        for run in runs if dead else ():
            run.take_dead()
        _run(runs, stop, config.alerts.timeout_seconds, once=once)
    counts = {name: sum(run.counts[name] for run in runs) for name in ("delivered", "dead")}
    lines = []
    for channel in channels:
        own = sum((Counter(run.counts) for run in runs if run.channel is channel), Counter())
        lines.append(f"{channel.name}: {own['delivered']:,} delivered, {own['dead']:,} given up.")
    return Outcome(rows_in=sum(counts.values()), rows_out=counts["delivered"], lines=lines)


def _run(runs: list[Delivery], stop: threading.Event, timeout_seconds: float, *, once: bool) -> None:
    """Each in a thread, so that a receiver that is slow keeps no other waiting; raises what the first one failed by."""
    ended: list[Future[None]] = [Future() for _ in runs]
    some_failed = threading.Event()

    def work(run: Delivery, end: Future[None]) -> None:
        try:
            run.run(stop, once=once)
            end.set_result(None)
        except BaseException as error:
            end.set_exception(error)
            some_failed.set()

    for run, end in zip(runs, ended, strict=True):
        # Not waited for at the end of the process: a receiver may answer a byte an hour, and what it was sent is sent
        # again.
        threading.Thread(target=work, args=(run, end), daemon=True).start()
    while not all(end.done() for end in ended) and not stop.is_set() and not some_failed.is_set():
        stop.wait(0.1)
    stop.set()
    for run, end in zip(runs, ended, strict=True):
        try:
            end.result(2 * timeout_seconds + 5)
        except FutureTimeout:
            log.warning("%s: not waited for any longer; what it was sent last is sent again", run.channel.name)


def _channels(config: Config, tables: SmallTables) -> Iterator[Channel]:
    for webhook in config.alerts.webhooks:
        yield Webhook.open(webhook, config.alerts)
    if config.alerts.email is not None:
        yield Email.open(config.alerts.email, config.alerts, partial(_meters, tables))


def _meters(tables: SmallTables, name: str, ids: set[str]) -> Meters:
    """Rows of silver.meters by meter_id or, one of each, by site_id."""
    return {row[name]: row for row in tables.read(silver.METERS, PLACES, few_named_sql(name, ids)).to_pylist()}


@contextmanager
def _closing(channel: Channel) -> Iterator[Channel]:
    try:
        yield channel
    finally:
        channel.close()

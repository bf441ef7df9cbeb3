"""Messages against the hours' limits as they come: alerts into gold.alerts, then to the topic of alerts.

What a run keeps of its meters follows from tables (insights/anomalies/online/state.py). It begins with those of the
hours before its first message, so that nothing is lost by a kill, and nothing is told twice.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from energy_lib.config import Config
from energy_lib.insights.anomalies.online.advance import advance
from energy_lib.insights.anomalies.online.intake import COLUMNS
from energy_lib.insights.anomalies.online.limits_in import with_limits
from energy_lib.insights.anomalies.online.recall import with_alerts
from energy_lib.insights.anomalies.online.state import KEPT_HOURS, Settings, State, empty_state
from energy_lib.insights.anomalies.online.telling import Places
from energy_lib.insights.anomalies.statistics import RULE_VERSION
from energy_lib.lake import Lake
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.lake.stream_appends import append_rows
from energy_lib.landing.parsing.messages import MESSAGES, next_offsets, parse_messages
from energy_lib.landing.sources.source import Source
from energy_lib.streaming.alert_topic import AlertTopic
from energy_lib.streaming.metrics import StreamMetrics
from energy_lib.streaming.spark.kafka_reader import messages_of
from energy_lib.streaming.topics import Topic
from energy_lib.tables import bronze, references, silver
from energy_lib.tables.answers.alerts import ALERTS, DAY_LIMITS

# Alerts of about so long ago decide whether a new one is within the month's budget.
RECALLED = timedelta(days=62)
LIMITS_REACH = timedelta(days=4)
# A commit of every batch would leave a version a second.
QUIET_COMMIT_SECONDS = 60.0
READING_COLUMNS = [*COLUMNS, "rule_id"]

log = logging.getLogger(__name__)


def query_name(source: Source) -> str:
    """What a source's online detection is called by Spark, its metrics and gold.alerts."""
    return f"{source.name}.alerts"


@dataclass
class Detection:
    """One run of a source's online detection. `next_offsets`: where its first batch begins.

    `told_to`: sequence -> position up to which gold.alerts tells. `counts`: readings and alerts over all runs.
    """

    lake: Lake
    config: Config
    source: Source
    topic: Topic
    next_offsets: dict[int, int]
    alerts: AlertTopic
    metrics: StreamMetrics
    told_to: dict[str, int]
    counts: Counter[str]
    state: State | None = None
    places: Places = field(default_factory=Places)
    limits_version: int = -1
    next_origin: datetime | None = None
    committed_at: float = 0.0

    @property
    def name(self) -> str:
        return query_name(self.source)

    @classmethod
    def begin(
        cls,
        lake: Lake,
        config: Config,
        source: Source,
        topic: Topic,
        alerts: AlertTopic,
        metrics: StreamMetrics,
        counts: Counter[str],
    ) -> Detection:
        """Go on behind the last batch whose alerts are told, or where bronze ends if that is earlier.

        The first run of all tells of what comes from then on.
        """
        for table in (ALERTS, bronze.READINGS):
            lake.ensure(table)
        told, read = (topic.read_to(lake.root, table) for table in (ALERTS, bronze.READINGS))
        begin = {partition: min(told.get(partition, offset), offset) for partition, offset in (told | read).items()}
        told_to = {topic.sequence(partition): offset for partition, offset in told.items()}
        return cls(lake, config, source, topic, begin, alerts, metrics, told_to, counts)

    def take(self, batch: DataFrame, batch_id: int) -> None:
        """Judge a micro-batch; for foreachBatch."""
        started = time.monotonic()
        self.metrics.waits(self.name)
        messages = messages_of(batch, self.topic).toArrow().cast(MESSAGES)
        if messages.num_rows == 0:
            return
        parsed = parse_messages(messages, self.source)
        newest = pc.max(parsed["landed_at_utc"]).as_py().astimezone(UTC)
        first = pc.min(parsed["landed_at_utc"]).as_py().astimezone(UTC)
        state, rows = self._ready(first)
        rows += advance(state, _readings(parsed), newest, self.places).alerts
        self._publish(rows, messages, batch_id)
        self.counts.update(readings=messages.num_rows, alerts=len(rows))
        seconds = time.monotonic() - started
        self.metrics.published(self.name, messages.num_rows, seconds, (datetime.now(UTC) - newest).total_seconds())
        self.metrics.state_bytes.labels(self.name).set(state.bytes_per_meter * len(state.meters))
        log.info("%s: %d readings, %d alerts told, in %.1f s", self.name, messages.num_rows, len(rows), seconds)

    def _ready(self, now: datetime) -> tuple[State, list[dict[str, Any]]]:
        """The state with the newest night's limits, at the begin with what was read and told before.

        With it come alerts of the hours before the first message that nobody has told yet.
        """
        begun = self.state is None
        if self.state is None:
            settings = Settings(
                parts=self.config.stream.parts_of_hour,
                silent_after_minutes=self.config.stream.silent_after_minutes,
                alarms_per_meter_month=self.config.detect.alarms_per_meter_month,
            )
            self.state = empty_state(now - timedelta(hours=KEPT_HOURS), settings)
        tables = self.lake.small_tables
        has_news = begun or tables.has_version(DAY_LIMITS, self.limits_version + 1)
        if has_news or (self.next_origin is not None and now >= self.next_origin):
            self.limits_version = tables.version(DAY_LIMITS)
            self._take_limits(self.state, now)
        if not begun:
            return self.state, []
        return self.state, advance(self.state, self._read_before(now), now, self.places).alerts

    def _take_limits(self, state: State, now: datetime) -> None:
        """What the nights of the last days said of the days ahead, and what they made of the alerts.

        Nights of later days are there if messages of an earlier time are read: they are taken when it is their time.
        """
        tables = self.lake.small_tables
        limits = tables.read(DAY_LIMITS, where=f"origin_utc >= {instant_sql(now - LIMITS_REACH)}")
        later = pc.greater(limits["origin_utc"], pa.scalar(now, limits["origin_utc"].type))
        self.next_origin = pc.min(limits.filter(later)["origin_utc"]).as_py()
        with_limits(state, limits.filter(pc.invert(later)).to_pandas(timestamp_as_object=False))
        told = tables.read(ALERTS, where=f"told_at_utc >= {instant_sql(now - RECALLED)}")
        with_alerts(state, told.to_pandas(timestamp_as_object=False))
        meters = {row["meter_id"]: row for row in tables.rows(silver.METERS)}
        self.places = Places(meters, tables.rows(references.EVENTS))
        log.info("%s: limits of %d meters, %d alerts told before", self.name, len(state.meters), told.num_rows)

    def _read_before(self, now: datetime) -> pd.DataFrame:
        """Readings of the hours that the state keeps, from bronze, whichever source they came by.

        What of them comes again as a message changes nothing.
        """
        since = now - timedelta(hours=KEPT_HOURS + 1)
        where = (
            "rule_id IS NULL AND landed_month >= "
            f"CAST('{(since - timedelta(days=31)).date().replace(day=1)}' AS DATE) "
            f"AND interval_start_utc >= {instant_sql(since)} AND landed_at_utc <= {instant_sql(now)}"
        )
        return _readings(self.lake.small_tables.read(bronze.READINGS, READING_COLUMNS, where))

    def _publish(self, rows: Sequence[dict[str, Any]], messages: pa.Table, batch_id: int) -> None:
        """Alerts and how far the topic was read in one commit; then the topic of alerts."""
        read_to = {self.topic.sequence(partition): offset for partition, offset in next_offsets(messages).items()}
        moved = {name: offset for name, offset in read_to.items() if offset > self.told_to.get(name, 0)}
        complete = [{**row, "query": self.name, "batch_id": batch_id, "rule_version": RULE_VERSION} for row in rows]
        now = time.monotonic()
        # A batch without alerts may be read again: it would tell of nothing then, too.
        if complete or (moved and now - self.committed_at > QUIET_COMMIT_SECONDS):
            self._commit(complete, moved)
            self.committed_at = now
        self.alerts.send(complete)

    def _commit(self, rows: Sequence[dict[str, Any]], moved: dict[str, int]) -> None:
        begun = {name: self.told_to[name] for name in moved if name in self.told_to}
        append_rows(self.lake.root, ALERTS, rows, begun, moved)
        self.told_to |= moved


def _readings(parsed: pa.Table) -> pd.DataFrame:
    """The interval reads that parsed, as online detection takes them."""
    whole = pc.and_(pc.is_null(parsed["rule_id"]), pc.is_valid(parsed["energy_kwh"]))
    readings: pd.DataFrame = parsed.filter(whole).select(list(COLUMNS)).to_pandas(timestamp_as_object=False)
    return readings

"""The use case of jobs/ingest_stream.py: messages into bronze.readings.

Each batch is one commit, with how far the topic has been read.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame

from energy_lib.config import Config
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.stream_appends import append_files
from energy_lib.lake.table_files import FileSink
from energy_lib.landing.sources.source import Source
from energy_lib.privacy.lakes_keys import require_lakes_keys
from energy_lib.streaming.metrics import StreamMetrics
from energy_lib.streaming.pipeline.streams import run_streams
from energy_lib.streaming.spark.kafka_reader import messages_of
from energy_lib.streaming.spark.message_files import Written, write_messages
from energy_lib.streaming.topics import Topic
from energy_lib.tables import bronze

log = logging.getLogger(__name__)


def ingest_stream(lake: Lake, config: Config, names: Sequence[str], *, once: bool) -> Outcome:
    """Read the topics of these sources into bronze.readings until stopped: see run_queries."""

    def begin(source: Source, topic: Topic, metrics: StreamMetrics, counts: Counter[str]) -> Ingest:
        return Ingest.begin(lake, source, topic, metrics, counts)

    seconds = config.stream.trigger_seconds
    total = run_streams(lake, config, names, begin, lambda source: source.name, seconds, once=once)
    line = f"{', '.join(names)}: {total['readings']:,} readings, of which {total['broken']:,} could not be parsed."
    return Outcome(rows_in=total["readings"], rows_out=total["readings"], lines=[line])


@dataclass
class Ingest:
    """What one run of a source's stream knows. `counts`: readings, and the broken among them, over all runs."""

    lake: Lake
    source: Source
    topic: Topic
    next_offsets: dict[int, int]
    metrics: StreamMetrics
    counts: Counter[str]

    @classmethod
    def begin(cls, lake: Lake, source: Source, topic: Topic, metrics: StreamMetrics, counts: Counter[str]) -> Ingest:
        """Where the lake says that the topic has been read to; no checkpoint is needed for it."""
        lake.ensure(bronze.READINGS)
        return cls(lake, source, topic, topic.read_to(lake.root, bronze.READINGS), metrics, counts)

    def take(self, batch: DataFrame, batch_id: int) -> None:
        """Publish a micro-batch; for foreachBatch."""
        started, source = time.monotonic(), self.source.name
        if self.source.keys is not None:
            # They may have been renewed while this stream ran.
            require_lakes_keys(self.lake.small_tables, self.source.keys)
        self.metrics.waits(source)
        sink = FileSink(bronze.READINGS, self.lake.path(bronze.READINGS))
        written = write_messages(messages_of(batch, self.topic), self.source, sink)
        if not written.next_offsets:
            return
        sequence = self.topic.sequence
        read_to = {sequence(partition): offset for partition, offset in written.next_offsets.items()}
        # A partition that nothing has come from yet may begin anywhere: its first messages may be gone.
        known = {sequence(p): self.next_offsets[p] for p in written.next_offsets if p in self.next_offsets}
        version = append_files(self.lake.root, bronze.READINGS, written.files, known, read_to)
        self.next_offsets |= written.next_offsets
        broken = sum(written.broken.values())
        self.counts.update(readings=written.rows, broken=broken)
        seconds = time.monotonic() - started
        self._tell(written, seconds)
        log.info("%s: %d readings, %d broken, as version %d in %.1f s", source, written.rows, broken, version, seconds)

    def _tell(self, written: Written, seconds: float) -> None:
        source, metrics = self.source.name, self.metrics
        age = (datetime.now(UTC) - written.newest_utc).total_seconds()
        metrics.published(source, written.rows, seconds, age)
        metrics.late.labels(source).inc(written.late)
        for rule_id, count in written.broken.items():
            metrics.quarantined.labels(source, rule_id).inc(count)

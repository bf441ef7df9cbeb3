"""Spark's own reports of its queries, for the metrics: how far each is behind its topic."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pyspark.sql.streaming.listener import (
    QueryIdleEvent,
    QueryProgressEvent,
    QueryStartedEvent,
    QueryTerminatedEvent,
    StreamingQueryListener,
)

from energy_lib.streaming.metrics import StreamMetrics


class ProgressListener(StreamingQueryListener):
    """Queries are named after what they are of: the label of their figures."""

    def __init__(self, metrics: StreamMetrics) -> None:
        self._metrics = metrics
        self._names: dict[str, str] = {}

    def onQueryStarted(self, event: QueryStartedEvent) -> None:  # noqa: N802
        self._names[str(event.runId)] = event.name or ""

    def onQueryProgress(self, event: QueryProgressEvent) -> None:  # noqa: N802
        for source in event.progress.sources:
            self._metrics.lags(event.progress.name or "", behind(source.endOffset, source.latestOffset))

    def onQueryIdle(self, event: QueryIdleEvent) -> None:  # noqa: N802
        self._metrics.lags(self._names.get(str(event.runId), ""), 0)

    def onQueryTerminated(self, event: QueryTerminatedEvent) -> None:  # noqa: N802
        self._names.pop(str(event.runId), None)


def behind(end: str | None, latest: str | None) -> int:
    """Messages between two offsets as Spark's Kafka source writes them: {topic: {partition: offset}}.

    >>> behind('{"t": {"0": 5, "1": 7}}', '{"t": {"0": 9, "1": 7, "2": 1}}')
    5
    """
    there: Mapping[str, Mapping[str, int]] = json.loads(latest or "null") or {}
    read: Mapping[str, Mapping[str, int]] = json.loads(end or "null") or {}
    return sum(
        max(offset - read.get(topic, {}).get(partition, 0), 0)
        for topic, partitions in there.items()
        for partition, offset in partitions.items()
    )

"""The use case of jobs/detect_stream.py: messages against what the nights expect, alerts as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from energy_lib.config import Config
from energy_lib.lake import Lake, Outcome
from energy_lib.landing.sources.source import Source
from energy_lib.streaming.alert_topic import AlertTopic
from energy_lib.streaming.metrics import StreamMetrics
from energy_lib.streaming.pipeline.detection import Detection, query_name
from energy_lib.streaming.pipeline.streams import run_streams
from energy_lib.streaming.topics import Topic


def detect_stream(lake: Lake, config: Config, names: Sequence[str], *, once: bool) -> Outcome:
    """Hold the messages of these sources against the hours' limits, and tell alerts until stopped: see run_queries."""
    alerts = AlertTopic(config.stream)

    def begin(source: Source, topic: Topic, metrics: StreamMetrics, counts: Counter[str]) -> Detection:
        return Detection.begin(lake, config, source, topic, alerts, metrics, counts)

    seconds = config.stream.alert_trigger_seconds
    total = run_streams(lake, config, names, begin, query_name, seconds, once=once)
    line = f"{', '.join(names)}: {total['readings']:,} readings, {total['alerts']:,} alerts told."
    return Outcome(rows_in=total["readings"], rows_out=total["alerts"], lines=[line])

"""What jobs of streams have in common: a query for each source, figures told, and what all runs of them counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from energy_lib.config import Config
from energy_lib.lake import Lake
from energy_lib.landing.sources.source import Source
from energy_lib.streaming.kafka_sources import kafka_sources
from energy_lib.streaming.metrics import StreamMetrics
from energy_lib.streaming.pipeline.queries import Query, Work, measured, run_queries
from energy_lib.streaming.topics import Topic

# Begins the work on a source's topic anew; what it counts is kept over all runs.
Begin = Callable[[Source, Topic, StreamMetrics, "Counter[str]"], Work]


def run_streams(
    lake: Lake,
    config: Config,
    names: Sequence[str],
    begin: Begin,
    query_name: Callable[[Source], str],
    trigger_seconds: float,
    *,
    once: bool,
) -> Counter[str]:
    """Do a work on the topics of these sources until stopped, and return what was counted: see run_queries."""
    counts: dict[str, Counter[str]] = {}
    with measured(lake.spark, config.stream) as metrics:

        def begun(source: Source, topic: Topic) -> Work:
            return begin(source, topic, metrics, counts.setdefault(source.name, Counter()))

        queries = [
            Query(query_name(source), topic, partial(begun, source), trigger_seconds)
            for source, topic in kafka_sources(lake.root, config, names)
        ]
        run_queries(lake.spark, config.stream, queries, metrics, once=once)
    return sum(counts.values(), Counter())

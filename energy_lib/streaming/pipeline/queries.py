"""Spark's queries over topics: started where the lake says that they go on, tried again, stopped by a signal."""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from energy_lib.config import StreamConfig
from energy_lib.errors import InputMissing, TryAgain
from energy_lib.landing.formats.avro_schemas import REGISTRY_AWAY
from energy_lib.streaming.metrics import StreamMetrics, served
from energy_lib.streaming.signals import stopped_by_signal
from energy_lib.streaming.spark.kafka_reader import read_stream
from energy_lib.streaming.spark.progress_listener import ProgressListener
from energy_lib.streaming.topics import Topic, away, describe_topic

LOOK_EVERY_SECONDS = 0.5
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
# What Spark's reader says, in many words, of messages that were deleted before they were read.
LOST = ("data may have been lost", "KAFKA_DATA_LOSS", "data was aged out", "offset was changed")

log = logging.getLogger(__name__)


class Work(Protocol):
    """What is done with a topic's batches. `next_offsets`: where the first one begins."""

    next_offsets: dict[int, int]

    def take(self, batch: DataFrame, batch_id: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Query:
    """A query by name: its topic, what begins its work anew, and the seconds between its batches."""

    name: str
    topic: str
    begin: Callable[[Topic], Work]
    trigger_seconds: float


def run_queries(
    spark: SparkSession, stream: StreamConfig, queries: Sequence[Query], metrics: StreamMetrics, *, once: bool
) -> None:
    """Run the queries until a signal stops them; `once`: up to what their topics hold now.

    A broker that is away, or a commit that was lost, is tried again after a pause; `once` raises TryAgain instead.
    Raises InputMissing for a topic that is not there, or whose messages were deleted before they were read.
    """
    with stopped_by_signal() as stop:
        running = [_Running(spark, stream, query, once) for query in queries]
        pause = FIRST_PAUSE_SECONDS
        while not stop.is_set():
            try:
                for each in running:
                    each.start()
                pause = FIRST_PAUSE_SECONDS
                _wait(running, stop)
                return
            except TryAgain as error:
                if once:
                    raise
                log.warning("%s Next try in %.0f s.", error, pause)
                for query in queries:
                    metrics.waits(query.name)
                stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            finally:
                for each in running:
                    each.stop()


class _Running:
    """A query that may be started anew; where it goes on, the lake says."""

    def __init__(self, spark: SparkSession, stream: StreamConfig, query: Query, once: bool) -> None:
        self._spark, self._stream, self._query, self._once = spark, stream, query, once
        self._running: StreamingQuery | None = None
        self._error: Exception | None = None
        self._folder = ""

    def start(self) -> None:
        topic = describe_topic(self._stream, self._query.topic)
        work = self._query.begin(topic)
        self._error = None
        # Spark asks for a checkpoint. Nothing is read from it: each start has a new one.
        self._folder = tempfile.mkdtemp(prefix="energy_stream_")
        reader = read_stream(self._spark, self._stream, topic, work.next_offsets)
        writer = reader.writeStream.queryName(self._query.name).foreachBatch(partial(self._take, work))
        writer = writer.option("checkpointLocation", self._folder)
        every = f"{self._query.trigger_seconds} seconds"
        trigger = writer.trigger(availableNow=True) if self._once else writer.trigger(processingTime=every)
        self._running = trigger.start()

    def over(self) -> bool:
        """Whether the query has read all, for a query that does so; raises what it failed by."""
        assert self._running is not None
        if self._running.isActive:
            return False
        failure = self._running.exception()
        if failure is not None:
            raise _mendable(self._stream, self._query, self._error or failure) from failure
        return True

    def _take(self, work: Work, batch: DataFrame, batch_id: int) -> None:
        """Spark tells of an error in a batch in its own words: it is kept as it was."""
        try:
            work.take(batch, batch_id)
        except Exception as error:
            self._error = error
            raise

    def stop(self) -> None:
        """End the query, in the middle of a batch if need be: a batch is published as a whole, or not."""
        if self._running is not None:
            # A signal to the whole group of processes has ended Spark already: then there is nothing to stop.
            with suppress(Py4JError):
                self._running.stop()
            self._running = None
        shutil.rmtree(self._folder, ignore_errors=True)


def _wait(running: Sequence[_Running], stop: threading.Event) -> None:
    """Until all queries have read what there is, or the signal comes; raises what one of them failed by."""
    while not stop.wait(LOOK_EVERY_SECONDS):
        over = [each.over() for each in running]  # Each is asked, so that none fails unheard.
        if all(over):
            return


def _mendable(stream: StreamConfig, query: Query, error: Exception) -> Exception:
    """What a query failed by, as an error of this house where it is known."""
    if not isinstance(error, PySparkException | Py4JJavaError):
        return error
    text = str(error)
    registry = re.search(REGISTRY_AWAY, text)
    if registry is not None:
        return TryAgain(registry[0])
    if any(word in text for word in LOST):
        return InputMissing(
            f"Messages of {query.topic} were deleted before {query.name} read them: to go on with those that are "
            "there, set stream.fail_on_data_loss: false."
        )
    if "org.apache.kafka" in text or "TimeoutException" in text:
        return away(stream, text.strip().splitlines()[0][:200])
    return error


@contextmanager
def measured(spark: SparkSession, stream: StreamConfig) -> Iterator[StreamMetrics]:
    """The metrics of this process's queries, told on `stream.metrics_port` if there is one."""
    metrics = StreamMetrics(stream.stalled_after_seconds)
    listener = ProgressListener(metrics)
    with served(metrics, stream.metrics_port, "stream.metrics_port"):
        spark.streams.addListener(listener)
        try:
            yield metrics
        finally:
            with suppress(Py4JError):
                spark.streams.removeListener(listener)

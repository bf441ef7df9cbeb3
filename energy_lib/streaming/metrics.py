"""What streams and the delivery of alerts tell Prometheus, and whether they are well, on a port of their own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from energy_lib.errors import BadConfig

log = logging.getLogger(__name__)

SECONDS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)


@dataclass
class StreamMetrics:
    """Figures of a process's streams, each labelled with its source.

    A stream is well while it has nothing to do, or has had it for less than `stalled_after_seconds`.
    """

    stalled_after_seconds: float
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"energy_stream_{name}", text, ["source"], registry=self.registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"energy_stream_{name}", text, ["source", *labels], registry=self.registry)

        self.messages = counter("messages", "Messages read and published")
        self.quarantined = counter("quarantined", "Messages that broke a rule", "rule_id")
        self.late = counter("late", "Readings that came more than an hour after their interval's end")
        self.batches = Histogram(
            "energy_stream_batch_seconds", "From a batch's begin to its commit", ["source"],
            registry=self.registry, buckets=SECONDS,
        )  # fmt: skip
        self.rate = gauge("messages_per_second", "Messages of the last batch over its time")
        self.lag = gauge("lag_messages", "Messages that the topic holds beyond those published")
        self.lag_seconds = gauge("lag_seconds", "Age of the newest message when its batch was published")
        self.state_bytes = gauge("state_bytes", "Memory that online detection keeps of its meters")
        self.healthy = gauge("healthy", "1: nothing to read, or a batch was published lately; 0: it stands still")
        # Since when a source has had something to do, by the monotonic clock; None: it has nothing.
        self._waiting_since: dict[str, float | None] = {}

    def waits(self, source: str) -> None:
        """There is something to do: a batch has begun, messages wait, or the brokers are away."""
        if self._waiting_since.get(source) is None:
            self._waiting_since[source] = time.monotonic()

    def published(self, source: str, messages: int, seconds: float, newest_age_seconds: float) -> None:
        self._waiting_since[source] = None
        self.messages.labels(source).inc(messages)
        self.batches.labels(source).observe(seconds)
        self.rate.labels(source).set(messages / seconds if seconds else 0.0)
        self.lag_seconds.labels(source).set(max(newest_age_seconds, 0.0))

    def lags(self, source: str, messages: int) -> None:
        """How many messages the topic holds beyond those published."""
        self.lag.labels(source).set(messages)
        if messages:
            self.waits(source)

    def stalled(self) -> list[str]:
        """A sentence for each source that stands still."""
        now, told = time.monotonic(), []
        for source, since in sorted(self._waiting_since.items()):
            still = since is not None and now - since > self.stalled_after_seconds
            self.healthy.labels(source).set(0 if still else 1)
            if still and since is not None:
                told.append(f"{source} has something to read and has published nothing for {now - since:,.0f} s")
        return told


class Told(Protocol):
    """What one receiver is told of one table: see pipeline/delivery.py."""

    @property
    def receiver_name(self) -> str: ...

    @property
    def table_name(self) -> str: ...

    @property
    def counts(self) -> Mapping[str, int]: ...

    def waiting(self) -> tuple[int, float]:
        """How many things wait, and how long the oldest has, seconds."""
        ...


class DeliveryMetrics(Collector):
    """Figures of the delivery of alerts and advice, as they are when they are asked for."""

    def __init__(self, runs: Sequence[Told]) -> None:
        self._runs = runs
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def collect(self) -> Iterator[Metric]:
        labels = ["receiver", "table"]
        texts = {
            "delivered": "What was delivered",
            "retried": "Attempts that failed and are made again",
            "dead": "What was given up",
        }
        for name, text in texts.items():
            counter = CounterMetricFamily(f"energy_delivery_{name}", text, labels=labels)
            for run in self._runs:
                counter.add_metric([run.receiver_name, run.table_name], run.counts[name])
            yield counter
        waiting = GaugeMetricFamily("energy_delivery_waiting", "What waits to be delivered", labels=labels)
        oldest = GaugeMetricFamily(
            "energy_delivery_oldest_waiting_seconds", "How long the oldest of it has waited", labels=labels
        )
        for run in self._runs:
            count, seconds = run.waiting()
            waiting.add_metric([run.receiver_name, run.table_name], count)
            oldest.add_metric([run.receiver_name, run.table_name], seconds)
        yield from (waiting, oldest)

    def stalled(self) -> list[str]:
        """Nothing: a receiver that is away is no fault of this process."""
        return []


class Measured(Protocol):
    """Figures, and a sentence for each thing that is not well."""

    registry: CollectorRegistry

    def stalled(self) -> list[str]: ...


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Each scrape would be a line."""


@contextmanager
def served(metrics: Measured, port: int | None, key: str) -> Iterator[None]:
    """The figures at the port that the config `key` names, while this is open; of no port, nothing."""
    server = serve(metrics, port, key) if port is not None else None
    try:
        if server is not None:
            log.info("metrics at http://127.0.0.1:%d/metrics", server.server_port)
        yield
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()


def serve(metrics: Measured, port: int, key: str, address: str = "127.0.0.1") -> WSGIServer:
    """Answer /metrics (Prometheus's text) and /health (200, or 503 with a sentence a line) in a thread.

    Port 0 takes a free one (`server_port` of what is returned). Raises BadConfig if the port is taken.
    """
    figures = make_wsgi_app(metrics.registry)

    def app(environ: dict[str, Any], respond: Callable[..., Any]) -> Iterable[bytes]:
        told = metrics.stalled()
        if environ.get("PATH_INFO") == "/metrics":
            text: Iterable[bytes] = figures(environ, respond)
            return text
        if environ.get("PATH_INFO") != "/health":
            respond("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics and /health are here\n"]
        respond("503 Service Unavailable" if told else "200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return ["\n".join([*told, ""]).encode() if told else b"well\n"]

    try:
        server = make_server(address, port, app, handler_class=_Quiet)
    except OSError as error:
        raise BadConfig(f"{key} {port} cannot be had ({error.strerror}): name another.") from None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

"""What the API tells Prometheus, at /metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class ServingMetrics:
    """Figures of one worker process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "energy_api_seconds", "From a request's begin to its answer's end", ["route", "status"],
            registry=self.registry, buckets=SECONDS,
        )  # fmt: skip
        self._forecasts = Counter(
            "energy_api_forecasts", "Forecasts of a meter that were computed, by the model that made them",
            ["model", "version", "fallback"], registry=self.registry,
        )  # fmt: skip
        self.loads = Counter("energy_api_model_loads", "Models that were loaded", ["outcome"], registry=self.registry)
        self.tables_read = Gauge(
            "energy_api_tables_read_at_seconds", "When the tables were last read", registry=self.registry
        )
        # Looking a series up by its labels takes a tenth of a forecast's time.
        self._labelled: dict[tuple[str, str], Histogram] = {}
        self._forecasts_of: dict[tuple[str, str, bool], Counter] = {}

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request that was answered; `route` is the address as a template, so that ids make no series."""
        key = (route, f"{status // 100}xx")
        labelled = self._labelled.get(key)
        if labelled is None:
            labelled = self._labelled[key] = self._seconds.labels(*key)
        labelled.observe(seconds)

    def forecast(self, model: str, version: str, groups: int, *, by_fallback: bool) -> None:
        """Forecasts that a model made, or a fallback in its place."""
        key = (model, version, by_fallback)
        counter = self._forecasts_of.get(key)
        if counter is None:
            counter = self._forecasts_of[key] = self._forecasts.labels(model, version, str(by_fallback).lower())
        counter.inc(groups)

    def text(self) -> bytes:
        """Prometheus's text format."""
        return generate_latest(self.registry)

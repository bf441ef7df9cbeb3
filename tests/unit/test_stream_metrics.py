"""What a stream tells of itself over HTTP: figures for Prometheus, and whether it stands still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from energy_lib.errors import BadConfig
from energy_lib.streaming.metrics import StreamMetrics, serve


@pytest.fixture
def metrics() -> StreamMetrics:
    return StreamMetrics(stalled_after_seconds=0.2)


@pytest.fixture
def address(metrics: StreamMetrics) -> Iterator[str]:
    server = serve(metrics, 0, "stream.metrics_port")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def health(address: str) -> tuple[int, str]:
    try:
        with urlopen(f"{address}/health") as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_figures_are_told_in_the_words_of_prometheus(metrics: StreamMetrics, address: str) -> None:
    metrics.published("live", 200, 0.5, newest_age_seconds=1.5)
    metrics.quarantined.labels("live", "unknown_version").inc(3)
    metrics.lags("live", 40)
    with urlopen(f"{address}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
        told = {
            (each.name, *sorted(each.labels.values())): each.value for family in families for each in family.samples
        }
    assert told["energy_stream_messages_total", "live"] == 200
    assert told["energy_stream_messages_per_second", "live"] == 400
    assert told["energy_stream_lag_messages", "live"] == 40
    assert told["energy_stream_lag_seconds", "live"] == 1.5
    assert told["energy_stream_batch_seconds_bucket", "0.5", "live"] == 1
    assert told["energy_stream_quarantined_total", "live", "unknown_version"] == 3


def test_health_is_red_while_messages_wait_and_nothing_is_published(metrics: StreamMetrics, address: str) -> None:
    assert health(address) == (200, "well\n")
    metrics.lags("live", 0)
    time.sleep(0.3)
    assert health(address) == (200, "well\n"), "there was nothing to read"
    metrics.lags("live", 7)
    assert health(address)[0] == 200, "it has had no time yet"
    time.sleep(0.3)
    code, text = health(address)
    assert code == 503
    assert text.startswith("live has something to read and has published nothing for")
    metrics.published("live", 7, 0.1, 0.1)
    assert health(address)[0] == 200


def test_a_port_that_is_taken_is_one_sentence(metrics: StreamMetrics, address: str) -> None:
    with pytest.raises(BadConfig, match=r"stream.metrics_port \d+ cannot be had .* name another"):
        serve(metrics, int(address.rsplit(":", 1)[1]), "stream.metrics_port")


def test_nothing_else_is_answered(address: str) -> None:
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{address}/admin")

"""Requests over keep-alive connections to a server in a process of its own, and what they cost it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import numpy as np
import psutil

START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one kind of request: server's CPU a request, and latency as the client saw it, in milliseconds."""

    requests: int
    failed: int
    cpu_ms: float
    median_ms: float
    p99_ms: float
    per_second: float

    def __str__(self) -> str:
        return (
            f"{self.cpu_ms:6.2f} ms CPU, median {self.median_ms:6.2f} ms, p99 {self.p99_ms:6.2f} ms, "
            f"{self.per_second:7,.0f}/s, {self.failed} of {self.requests:,} failed"
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that is sent again and again."""

    method: str
    url: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(command: list[str], ready: str, environment: dict[str, str]) -> Iterator[psutil.Process]:
    """A server that answers `ready` with 200."""
    process = subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(ready).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def cost(
    process: psutil.Process, asks: list[Ask], requests: int, *, connections: int, per_second: float | None
) -> Cost:
    """Send `asks` in turn, on so many connections, at so many a second in all (None: as fast as they are answered)."""
    share = requests // connections

    def one_connection(number: int) -> list[tuple[float, int]]:
        seen = []
        with httpx.Client(timeout=30) as client:
            begun = time.perf_counter()
            for i in range(share):
                if per_second is not None:
                    time.sleep(max(0.0, begun + i * connections / per_second - time.perf_counter()))
                ask = asks[(number + i * connections) % len(asks)]
                started = time.perf_counter()
                answer = client.request(ask.method, ask.url, content=ask.body, headers=dict(ask.headers))
                seen.append((1000 * (time.perf_counter() - started), answer.status_code))
        return seen

    before, begun = process.cpu_times(), time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        seen = [each for part in pool.map(one_connection, range(connections)) for each in part]
    seconds, after = time.perf_counter() - begun, process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    latency = [ms for ms, _ in seen]
    failed = sum(status != 200 for _, status in seen)
    p99 = float(np.percentile(latency, 99))
    return Cost(len(seen), failed, 1000 * spent / len(seen), float(np.median(latency)), p99, len(seen) / seconds)

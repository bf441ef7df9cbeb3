"""Requests over keep-alive connections to a server in processes of its own, and what they cost it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import httpx
import numpy as np
import psutil

START_SECONDS, ANSWER_SECONDS = 60, 30
RECEIVED_BYTES = 1 << 20
JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one kind of request: the server's CPU a request, and latency as the client saw it, in milliseconds."""

    requests: int
    failed: int
    cpu_ms: float
    median_ms: float
    p99_ms: float
    per_second: float

    def __str__(self) -> str:
        return (
            f"{self.cpu_ms:7.3f} ms CPU, median {self.median_ms:6.2f} ms, p99 {self.p99_ms:6.2f} ms, "
            f"{self.per_second:7,.0f}/s, {self.failed} of {self.requests:,} failed"
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that is sent again and again."""

    method: str
    url: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def as_sent(self) -> bytes:
        """The request in HTTP/1.1."""
        parts = urlsplit(self.url)
        lines = [f"{self.method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in (JSON, *self.headers)]
        return "\r\n".join([*lines, "\r\n"]).encode() + self.body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(command: Sequence[str], ready: Ask, environment: dict[str, str], log: Path) -> Iterator[psutil.Process]:
    """A server, once it answers `ready` with 200; what it says is in the file `log`."""
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
    seen = psutil.Process(process.pid)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(ready):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"{command[0]} did not start: {_last_line(log)}")
            time.sleep(0.1)
        yield seen
    finally:
        _end(seen)


def _answers(ready: Ask) -> bool:
    try:
        headers = {JSON[0]: JSON[1], **dict(ready.headers)}
        return httpx.request(ready.method, ready.url, content=ready.body, headers=headers).status_code == 200
    except httpx.TransportError:
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _end(process: psutil.Process) -> None:
    family = [process, *process.children(recursive=True)] if process.is_running() else []
    for each in family[:1]:
        each.terminate()
    _, left = psutil.wait_procs(family, timeout=15)
    for each in left:
        each.kill()
    psutil.wait_procs(left, timeout=15)


def tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def cpu_seconds(process: psutil.Process) -> float:
    """Of a server and all its processes, user and system."""
    return float(sum(times.user + times.system for times in (each.cpu_times() for each in tree(process))))


def memory(process: psutil.Process) -> str:
    """Of a server's processes together; pages that several use count once in `pss`."""
    found = [each.memory_full_info() for each in tree(process)]
    resident, shared, own = (sum(getattr(each, name) for each in found) / 1e6 for name in ("rss", "pss", "uss"))
    return f"{own:,.0f} MB its own, {shared:,.0f} MB with its part of what is shared, {resident:,.0f} MB resident"


def cost(
    process: psutil.Process,
    asks: Sequence[Ask],
    requests: int,
    *,
    connections: int,
    per_second: float | None = None,
    stopped: Event | None = None,
) -> Cost:
    """Send `asks` in turn, on so many connections, at so many a second in all (None: as fast as they are answered).

    Ends after `requests`, or once `stopped` is set. A request that was not answered by 200, or not at all, has failed.
    """
    share = requests // connections
    sent = [each.as_sent() for each in asks]
    address = urlsplit(asks[0].url)

    def one_connection(number: int) -> list[tuple[float, bool]]:
        seen: list[tuple[float, bool]] = []
        connection = Connection(str(address.hostname), int(address.port or 80))
        begun = time.perf_counter()
        for i in range(share):
            if stopped is not None and stopped.is_set():
                break
            if per_second is not None:
                time.sleep(max(0.0, begun + i * connections / per_second - time.perf_counter()))
            started = time.perf_counter()
            done = connection.succeeds(sent[(number + i * connections) % len(sent)])
            seen.append((1000 * (time.perf_counter() - started), done))
        connection.close()
        return seen

    before, begun = cpu_seconds(process), time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        seen = [each for part in pool.map(one_connection, range(connections)) for each in part]
    seconds, spent = time.perf_counter() - begun, cpu_seconds(process) - before
    latency = [ms for ms, _ in seen]
    failed = sum(not done for _, done in seen)
    p99 = float(np.percentile(latency, 99))
    return Cost(len(seen), failed, 1000 * spent / len(seen), float(np.median(latency)), p99, len(seen) / seconds)


class Connection:
    """One of a client that costs little itself: it runs on the cores of the server that it measures."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def succeeds(self, sent: bytes) -> bool:
        """Whether the request is answered by 200; after a failure the next one takes a new connection."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=ANSWER_SECONDS)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(sent)
            return self._received(self._socket).startswith(b"HTTP/1.1 200")
        except OSError:
            self.close()
            return False

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @staticmethod
    def _received(connection: socket.socket) -> bytes:
        answer = b""
        while True:
            part = connection.recv(RECEIVED_BYTES)
            if not part:
                raise ConnectionError("the server hung up")
            answer += part
            head, found, body = answer.partition(b"\r\n\r\n")
            if found and _is_whole(head.lower(), body):
                return answer


def _is_whole(head: bytes, body: bytes) -> bool:
    _, found, rest = head.partition(b"content-length:")
    if found:
        return len(body) >= int(rest.partition(b"\r\n")[0])
    return b"chunked" in head and body.endswith(b"0\r\n\r\n")

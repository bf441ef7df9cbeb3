"""A real standalone cluster on loopback: one master and workers of one core, while a test runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

LOOPBACK = ("--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(port: int, log: Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not listening(port):
        assert time.monotonic() < until, log.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.2)


@contextmanager
def daemon(
    kind: str, log: Path, *arguments: str, environment: Mapping[str, str], cwd: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon of Spark, by the spark-class of the environment's PATH."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            ["spark-class", f"org.apache.spark.deploy.{kind}", *arguments], cwd=cwd, stdout=sink,
            env={**environment, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"},
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@contextmanager
def standalone_cluster(folder: Path, environment: Mapping[str, str], cwd: Path, workers: int = 2) -> Iterator[str]:
    """The master's address; logs and the workers' folders lie in `folder`."""
    port, here = free_port(), ("--host", "127.0.0.1")
    master, log = f"spark://127.0.0.1:{port}", folder / "master.log"
    with daemon(
        "master.Master", log, *here, "--port", str(port), "--webui-port", str(free_port()),
        environment=environment, cwd=cwd,
    ):  # fmt: skip
        wait_for(port, log)
        started = [
            daemon(
                "worker.Worker", folder / f"worker-{number}.log", *here, "--cores", "1", "--memory", "2g",
                "--work-dir", str(folder / f"work-{number}"), "--webui-port", str(free_port()), master,
                environment=environment, cwd=cwd,
            )
            for number in range(workers)
        ]  # fmt: skip
        with ExitStack() as stack:
            for each in started:
                stack.enter_context(each)
            yield master

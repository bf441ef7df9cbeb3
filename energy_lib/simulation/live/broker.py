"""A real Kafka broker on this machine: one process (KRaft), on free ports of the loopback, its data in a folder."""

from __future__ import annotations

import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from energy_lib.errors import TryAgain
from energy_lib.lake.maven_jars import java
from energy_lib.simulation.live.broker_jars import classpath
from energy_lib.simulation.live.broker_settings import LOOPBACK, Ports, Secured, properties
from energy_lib.simulation.live.children import Child

START_SECONDS = 60.0
# Small and quick to start.
JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")


class Broker:
    """A broker that runs within a `with`, and again on the same data after `stop` or `kill` and `start`.

    `folder` keeps its settings, data and log. Its ports stay the same, so clients find it again. Nothing of it runs on
    when the program that started it ends, however it ends.

        with Broker(folder) as broker:
            broker.create_topic("energy.readings")
            producer = Producer(broker.client())
    """

    def __init__(self, folder: Path, secured: Secured | None = None, message_mb: int = 8) -> None:
        self._folder = folder
        self._secured = secured
        self._ports = Ports.free()
        self._settings = folder / "server.properties"
        self._child: Child | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(properties(folder, self._ports, secured, message_mb), encoding="utf-8")

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{LOOPBACK}:{self._ports.client}"

    def client(self, user: str | None = None) -> dict[str, str]:
        """How a client of confluent-kafka connects, as this user where the broker is secured."""
        secrets = self._secured.client(user) if self._secured and user else {}
        return {"bootstrap.servers": self.bootstrap, **secrets}

    @property
    def admin(self) -> AdminClient:
        """By the broker's own listener, which needs no user."""
        return AdminClient({"bootstrap.servers": f"{LOOPBACK}:{self._ports.internal}", "log_level": "0"})

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.is_running

    def start(self) -> None:
        """Start it and wait until it answers; raises TryAgain with its last words if it does not."""
        if not (self._folder / "data" / "meta.properties").exists():
            self._format()
        self._child = Child(
            "Kafka's broker", self._java("kafka.Kafka", str(self._settings)), self._folder / "broker.log"
        )
        admin, deadline = self.admin, time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._child.is_running:
            try:
                if admin.list_topics(timeout=1).brokers:
                    return
            except KafkaException:
                time.sleep(0.1)
        self._child.kill()
        raise TryAgain(f"Kafka's broker does not start, see {self._child.log}: {self._child.last_words()}")

    def create_topic(self, topic: str, partitions: int = 3) -> None:
        """Raises KafkaException if it is there."""
        admin = self.admin  # Its requests end with it.
        for created in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
            created.result(timeout=30)

    def ensure_topic(self, topic: str) -> None:
        """Create it unless it is there."""
        if topic not in self.admin.list_topics(timeout=10).topics:
            self.create_topic(topic)

    def stop(self) -> None:
        """End it in order, as a planned restart does."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._child is not None:
            self._child.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _java(self, program: str, *arguments: str) -> list[str]:
        return [java(), *JVM, "-cp", classpath(), program, *arguments]

    def _format(self) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        users = [
            f"--add-scram=SCRAM-SHA-512=[name={user},password={password}]"
            for user, password in (self._secured.passwords.items() if self._secured else ())
        ]
        # With an equals sign: an id may begin with a dash, which would be read as an option.
        format_it = ("format", f"--cluster-id={cluster}", "-c", str(self._settings))
        command = self._java("kafka.tools.StorageTool", *format_it, *users)
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode != 0:
            raise TryAgain(f"Kafka's broker cannot use {self._folder}: {(done.stderr or done.stdout).strip()}")

"""What a broker of one process is told: its ports, its users, and to cost little."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Secured:
    """SASL_SSL with SCRAM-SHA-512 for clients.

    `keystore`: a PEM file with the broker's private key (PKCS 8) and its certificate. `authority`: the PEM file of the
    authority that signed it, which clients trust. `passwords` by user.
    """

    keystore: Path
    authority: Path
    passwords: Mapping[str, str] = field(repr=False)

    def client(self, user: str) -> dict[str, str]:
        """How this user's confluent-kafka client connects."""
        return {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": self.passwords[user],
            "ssl.ca.location": str(self.authority),
        }


@dataclass(frozen=True, slots=True)
class Ports:
    """Of clients, of the broker with itself, of its controller."""

    client: int
    internal: int
    controller: int

    @staticmethod
    def free() -> Ports:
        sockets = [socket.socket() for _ in range(3)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        ports = Ports(*(each.getsockname()[1] for each in sockets))
        for each in sockets:
            each.close()
        return ports


def properties(folder: Path, ports: Ports, secured: Secured | None, message_mb: int) -> str:
    """server.properties of a broker that keeps its data in `folder`, and takes messages up to this size."""
    keys = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{LOOPBACK}:{ports.controller}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "INTERNAL",
        "listeners": f"CLIENT://{LOOPBACK}:{ports.client},INTERNAL://{LOOPBACK}:{ports.internal},"
        f"CONTROLLER://{LOOPBACK}:{ports.controller}",
        "listener.security.protocol.map": f"CLIENT:{'SASL_SSL' if secured else 'PLAINTEXT'},"
        "INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": folder / "data",
        # A simulated year is long ago by the messages' own times.
        "log.retention.ms": -1,
        "message.max.bytes": message_mb * 1024 * 1024,
        "auto.create.topics.enable": "false",
        "num.network.threads": 2,
        "num.io.threads": 2,
        "background.threads": 2,
        "offsets.topic.num.partitions": 1,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.num.partitions": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        # A broker that was killed may register again when its session is over.
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
    }
    if secured:
        keys |= {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.client.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram."
            "ScramLoginModule required;",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": secured.keystore,
        }
    return "".join(f"{key}={value}\n" for key, value in keys.items())

"""How Kafka's brokers are spoken to, for Spark's reader and for the client; the password comes from outside."""

from __future__ import annotations

from pathlib import Path

from energy_lib.config import StreamConfig
from energy_lib.errors import BadConfig
from energy_lib.security.secrets import secret

PASSWORD_VARIABLE = "ENERGY_KAFKA_PASSWORD"  # noqa: S105 the name of a variable
JAAS = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


def password(stream: StreamConfig) -> str:
    """The password of `stream.username`; raises BadConfig without one."""
    missing = f"stream.security {stream.security} needs a password: set {PASSWORD_VARIABLE}, or stream.password_file."
    return secret("stream.username", PASSWORD_VARIABLE, stream.password_file, missing)


def reader_options(stream: StreamConfig) -> dict[str, str]:
    """Options of Spark's Kafka source."""
    options = {"kafka.bootstrap.servers": stream.bootstrap_servers, "kafka.security.protocol": stream.security}
    if stream.truststore_pem is not None:
        options |= {"kafka.ssl.truststore.type": "PEM", "kafka.ssl.truststore.location": _certificates(stream)}
    if stream.security == "SASL_SSL":
        name, word = (_quoted(text) for text in (stream.username or "", password(stream)))
        options["kafka.sasl.mechanism"] = stream.mechanism
        options["kafka.sasl.jaas.config"] = f"{JAAS[stream.mechanism]} required username={name} password={word};"
    return options


def client_options(stream: StreamConfig) -> dict[str, str]:
    """Settings of librdkafka, for the client that looks at topics and sends alerts."""
    options = {"bootstrap.servers": stream.bootstrap_servers, "security.protocol": stream.security}
    if stream.truststore_pem is not None:
        options["ssl.ca.location"] = _certificates(stream)
    if stream.security == "SASL_SSL":
        options |= {
            "sasl.mechanism": stream.mechanism,
            "sasl.username": stream.username or "",
            "sasl.password": password(stream),
        }
    return options


def _certificates(stream: StreamConfig) -> str:
    path = Path(stream.truststore_pem or "")
    if not path.is_file():
        raise BadConfig(f"stream.truststore_pem {path} is no file: name the certificates that brokers are trusted by.")
    return str(path.resolve())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

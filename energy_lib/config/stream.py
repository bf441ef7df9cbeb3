"""Config keys of streams: where the brokers are, how they are spoken to, how much is read at once."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from energy_lib.config.section import Section


class StreamConfig(Section):
    """`password_file` or the environment's ENERGY_KAFKA_PASSWORD holds the password: it stands in no config."""

    bootstrap_servers: str = Field("localhost:9092", description="Kafka's brokers, host:port, with commas")
    security: Literal["PLAINTEXT", "SSL", "SASL_SSL"] = "PLAINTEXT"
    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field("SCRAM-SHA-512", description="Of SASL_SSL")
    username: str | None = Field(None, description="Of SASL_SSL")
    password_file: str | None = Field(
        None, description="File that holds the password; null: the environment's ENERGY_KAFKA_PASSWORD"
    )
    truststore_pem: str | None = Field(None, description="Certificates (PEM) that brokers are trusted by")
    max_messages: int = Field(200_000, ge=1, description="Messages that a batch reads at most (maxOffsetsPerTrigger)")
    trigger_seconds: float = Field(
        10.0, ge=0, description="A batch into bronze begins so long after the last one, or later: each leaves a version"
    )
    alert_trigger_seconds: float = Field(0.5, ge=0, description="The same of online detection")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port of /metrics and /health on this machine's loopback; 0: a free one"
    )
    stalled_after_seconds: float = Field(
        120.0, gt=0, description="So long without a published batch, with messages to read, /health is red"
    )
    schema_registry: str | None = Field(
        None,
        description="URL that is asked for schemas of Avro messages, where a source has no kafka.schemas_dir",
    )
    registry_username: str | None = Field(
        None, description="Login of the registry (HTTP basic), for https:// and this machine alone; null: none"
    )
    registry_password_env: str | None = Field(None, description="Environment variable that holds its password")
    registry_password_file: str | None = Field(None, description="File that holds it instead")
    alert_topic: str | None = Field("energy.alerts", description="Topic that alerts are sent to; null: none")
    parts_of_hour: Literal[1, 2, 4, 12] = Field(4, description="Readings that an hour is made of at most")
    silent_after_minutes: int = Field(
        60, ge=1, description="So long after its end an hour that was not read is missing to online detection"
    )
    fail_on_data_loss: bool = Field(
        True, description="Whether messages that the brokers have deleted unread end the stream (exit 4)"
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.security == "SASL_SSL" and self.username is None:
            raise ValueError("security SASL_SSL needs username")
        given = (self.registry_password_env is not None) + (self.registry_password_file is not None)
        if given != (self.registry_username is not None):
            raise ValueError(
                "registry_username goes with registry_password_env or registry_password_file: give it and one of them"
            )
        return self

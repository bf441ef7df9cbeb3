"""Config keys of alert delivery: who is told of alerts outside of Kafka, of which, and how often it is tried."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from energy_lib.config.section import Section

Severity = Literal["low", "medium", "high"]
Event = Literal[
    "raised", "updated", "recovered", "withdrawn", "expired", "confirmed_by_night", "withdrawn_by_night",
    "planned_by_night",
]  # fmt: skip
ALL_EVENTS: tuple[Event, ...] = get_args(Event)
# With nothing in it that could end a header's line.
Address = Annotated[str, StringConstraints(pattern=r"^[^\s@<>,;]+@[^\s@<>,;]+$")]


class Receiver(Section):
    min_severity: Severity = Field("low", description="Alerts below it are not told, unless it was told of them before")
    events: tuple[Event, ...] = Field(ALL_EVENTS, min_length=1, description="Events that are told")
    tells: tuple[Literal["alerts", "advice"], ...] = Field(
        ("alerts", "advice"), min_length=1, description="Of gold.alerts, of gold.advice, or of both"
    )


class WebhookConfig(Receiver):
    """A receiver of signed webhooks. Its secret stands in no config."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Its name in ops.alert_deliveries and logs")
    url: str = Field(description="http:// or https://, without a user or password in it")
    secret_env: str | None = Field(None, description="Environment variable that holds the secret: whsec_ and base64")
    secret_file: str | None = Field(None, description="File that holds it instead")

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret_env is None) == (self.secret_file is None):
            raise ValueError("give secret_env or secret_file, one of them")
        if self.name == "email":
            raise ValueError("email is the name of the e-mail: give this webhook another")
        return self


class EmailConfig(Receiver):
    """A mail server, and who gets the mails. The password stands in no config."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    security: Literal["STARTTLS", "TLS", "PLAIN"] = Field(
        "STARTTLS", description="TLS from the first byte is port 465's. PLAIN: nothing is encrypted, and no login"
    )
    username: str | None = Field(None, description="Login; null: none")
    password_env: str | None = Field(None, description="Environment variable that holds its password")
    password_file: str | None = Field(None, description="File that holds it instead")
    sender: Address
    recipients: tuple[Address, ...] = Field(min_length=1)
    digest_above: int = Field(10, ge=1, description="More alerts than this at once are one mail, a line each")

    @model_validator(mode="after")
    def _login(self) -> Self:
        given = (self.password_env is not None) + (self.password_file is not None)
        if given != (self.username is not None):
            raise ValueError("username goes with password_env or password_file: give it and one of them, or none")
        if self.username is not None and self.security == "PLAIN":
            raise ValueError("a password is not sent in clear: set security to STARTTLS or TLS, or leave username out")
        return self


class AlertsConfig(Section):
    """What `deliver_alerts` tells to whom. Secrets come from the environment or files."""

    webhooks: tuple[WebhookConfig, ...] = Field((), description="Receivers of signed webhooks")
    email: EmailConfig | None = Field(None, description="The e-mail; null: none")
    poll_seconds: float = Field(2.0, gt=0, description="So often gold.alerts is looked at")
    attempts: int = Field(16, ge=1, description="So often an alert is tried before it is a dead letter")
    first_retry_seconds: float = Field(
        5.0, gt=0, description="Pause after the first failure; each next one is twice it"
    )
    longest_retry_seconds: float = Field(3600.0, gt=0, description="No pause is longer; each is cut by up to half")
    timeout_seconds: float = Field(10.0, gt=0, description="So long a receiver may be silent")
    first_hours: float = Field(
        24.0, ge=0, description="A new receiver is told what was told in so many hours before the newest alert"
    )
    truststore_pem: str | None = Field(
        None, description="Certificates (PEM) that receivers are trusted by; null: those of this environment"
    )

    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port of /metrics and /health on this machine's loopback; 0: a free one"
    )

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [webhook.name for webhook in self.webhooks]
        if len(set(names)) < len(names):
            raise ValueError("two webhooks have one name: name each differently")
        return self

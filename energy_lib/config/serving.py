"""Config keys of the API: where it listens, who may ask, how much at once, and which share a challenger answers."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from energy_lib.config.section import Section
from energy_lib.security.settings import LOOPBACK


class ServingConfig(Section):
    """`python -m energy_lib.serving`. Without authentication it serves this machine alone."""

    host: str = Field("127.0.0.1", description="Address that it listens on")
    port: int = Field(8322, ge=0, le=65535, description="Port; 0: a free one")
    workers: int = Field(1, ge=1, description="Processes that answer, each with its own model and rate limits")
    authentication: Literal["none", "security"] = Field(
        "none",
        description="How those who ask are recognised; none: nobody is asked, on the loopback address alone; "
        "security: by the tokens and API keys of the section security, and each request stands in ops.audit",
    )
    requests_per_second: float = Field(200.0, gt=0, description="Requests that one asker may send a second, on average")
    burst: int = Field(400, ge=1, description="Requests that it may send at once")
    max_body_bytes: int = Field(16 << 20, ge=1024, description="Longest body of a request")
    page_rows: int = Field(1000, ge=1, description="Rows of a page of JSON, where limit does not say")
    max_page_rows: int = Field(10_000, ge=1, description="Highest limit of a page of JSON")
    look_seconds: float = Field(2.0, gt=0, description="So often the model store is looked at for a new champion")
    challenger: str | None = Field(
        None, description="Version of the registry that answers a share of forecasts beside the champion; null: none"
    )
    canary_share: float = Field(0.05, ge=0, le=1, description="Share of meters that the challenger answers")
    readings_source: str | None = Field(
        None,
        description="Source (format json_lines) in whose landing folder posted readings are kept for ingest, for "
        "instance posted_readings; null: none are taken",
    )
    tls_certificate: str | None = Field(None, description="File of the certificate chain (PEM); null: plain HTTP")
    tls_key: str | None = Field(None, description="File of its private key (PEM)")

    @model_validator(mode="after")
    def _served_safely(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together: give both, or neither")
        if self.authentication == "none" and self.host not in LOOPBACK:
            raise ValueError("authentication none answers anyone, so host must be 127.0.0.1, ::1 or localhost")
        return self

"""What the YAML of a Kafka source says of its topic, and what a message, which stands alone, cannot be told by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from energy_lib.landing.sources.allowed_values import DoubledHour, Format, Layout
from energy_lib.landing.sources.yaml_sections import Spec

if TYPE_CHECKING:
    from energy_lib.landing.sources.source import Source

# Without a user or a password, which would stand in errors.
REGISTRY_URL = r"^https?://[^\s/@]+(/[^\s@]*)?$"


class RegistryLogin(Spec):
    """Login of a schema registry (HTTP basic); the password stands in the environment or a file of each machine."""

    username: str = Field(pattern=r"^[^:\s]+$")
    password_env: str | None = None
    password_file: str | None = None

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if (self.password_env is None) == (self.password_file is None):
            raise ValueError("give password_env or password_file, one of them")
        return self


class Kafka(Spec):
    """The topic of a source, and what its messages are: one reading each, as a JSON object or an Avro record.

    `payload: avro` is the wire format of schema registries. `schemas_dir` holds its schemas as `<id>.avsc`; without it
    `schema_registry` is asked, for which stream.schema_registry stands where a source says none.

    With `version_field`, a message in which this field holds none of `versions` is not read: what its other fields
    mean is not known.
    """

    topic: str = Field(min_length=1)
    payload: Literal["json", "avro"] = "json"
    schemas_dir: str | None = Field(None, description="Folder of <id>.avsc, which all machines of the stream see")
    schema_registry: str | None = Field(None, pattern=REGISTRY_URL)
    registry_login: RegistryLogin | None = Field(None, description="Of this source's schema_registry")
    version_field: str | None = None
    versions: tuple[str, ...] = ()
    largest_bytes: int = Field(65_536, ge=100, description="A longer message is no reading")

    @field_validator("versions", mode="before")
    @classmethod
    def _as_texts(cls, versions: Any) -> Any:
        """YAML reads 1 as a number, and so does JSON."""
        return [str(version) for version in versions] if isinstance(versions, list) else versions

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.version_field is None) != (not self.versions):
            raise ValueError("version_field and versions go together: give both, or none")
        if self.payload == "json" and (self.schemas_dir, self.schema_registry) != (None, None):
            raise ValueError("schemas_dir and schema_registry are for payload avro: remove them, or say payload: avro")
        if self.registry_login is not None and self.schema_registry is None:
            raise ValueError("registry_login is of schema_registry: give both, or set stream.registry_username")
        if self.schemas_dir is not None and self.schema_registry is not None:
            raise ValueError("schemas come from schemas_dir or from schema_registry: give one of them")
        return self

    @property
    def schemas(self) -> str:
        """Where schemas of Avro messages come from."""
        place = self.schemas_dir or self.schema_registry
        assert place is not None, "require_schemas_of has seen to it"
        return place


def message_faults(source: Source, *, readings: bool) -> Iterator[str]:
    """A sentence for each key of a Kafka source that needs the other rows of a file, or a file."""
    if source.format is not Format.KAFKA:
        return
    if not readings:
        yield f"format kafka is for readings: land {source.kind.value} as files"
    if source.layout is not Layout.LONG:
        yield "a message holds one reading: registers, value.day_columns and value.stamp_columns are for files"
    time, value, meter = source.time, source.value, source.meter
    if time is not None and "infer" in (time.interval_minutes, time.interval_column):
        yield "time.interval_minutes infer needs the meter's other rows: give a number, or time.interval_column"
    if time is not None and time.doubled_hour is not DoubledHour.REFUSE:
        yield "time.doubled_hour needs the meter's other rows: send stamps in UTC or with an offset, and remove it"
    if value is not None and ("*" in value.column or value.sum_over is not None):
        yield "value.column of a message is the name of its field, and value.sum_over is for files"
    if meter is not None and meter.column is None:
        yield "meter of a message is {column}: the file's name and the lines above its header are for files"

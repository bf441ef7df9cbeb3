"""A source: what its YAML may say about the files of one landing folder. Data, never code."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from energy_lib.landing.sources.checked_values import (
    Encoding,
    Length,
    Pattern,
    Separator,
    StampFormat,
    Zone,
    long_columns,
)
from energy_lib.landing.sources.geography import country_fault
from energy_lib.landing.sources.words import SELF_DESCRIBING, DoubledHour, Format, Stamp, Unit
from energy_lib.vocabulary import Fuel, Quality


class Spec(BaseModel):
    """Base of all parts: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(StrEnum):
    READINGS = "readings"
    WEATHER = "weather"
    CARBON_INTENSITY = "carbon_intensity"
    PRICES = "prices"
    METERS = "meters"
    BUILDINGS = "buildings"


class Meter(Spec):
    """Where the meter's id stands: a column, the file's name (first group of a regex), or a constant."""

    column: str | None = None
    file_name: Pattern | None = None
    constant: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(v is not None for v in (self.column, self.file_name, self.constant)) != 1:
            raise ValueError("give exactly one of column, file_name, constant")
        return self


class Time(Spec):
    """`column` (several are joined by a space) holds the stamp; `format` is strptime's, epoch_s, epoch_ms or ISO."""

    column: str | tuple[str, ...]
    format: StampFormat | None = None
    zone: Zone = "UTC"
    stamp: Stamp = Stamp.START
    interval_minutes: Length | None = None
    interval_column: str | None = None
    doubled_hour: DoubledHour = DoubledHour.REFUSE
    offset_column: str | None = None
    offsets: dict[str, str] = Field(default_factory=dict, description="Text of offset_column → ±HH:MM")

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,) if isinstance(self.column, str) else self.column


class Value(Spec):
    """`column` may be a pattern (`*_MW`): the one column that matches, or in a wide file all that do."""

    column: str = "*"
    unit: Unit | None = None
    unit_column: str | None = None
    units: dict[str, Unit] = Field(default_factory=dict, description="Text of unit_column → unit")
    decimal: str = Field(".", min_length=1)
    thousands: str | None = Field(None, min_length=1)
    missing: tuple[str, ...] = ()
    register_reads: bool = Field(False, description="Cumulative register instead of energy per interval")
    use_is: Literal["positive", "negative"] = "positive"
    calorific_value_mj_per_m3: float | None = Field(None, gt=0)
    correction_factor: float = Field(1.0, gt=0, description="Volume correction of gas")


class FuelColumn(Spec):
    column: str
    mapping: dict[str, Fuel] = Field(default_factory=dict)


class QualityColumn(Spec):
    column: str
    mapping: dict[str, Quality] = Field(default_factory=dict)
    default: Quality = Quality.MEASURED


class Available(Spec):
    """When a reading counts as known: a column of the file, or so long after its interval's end (archives)."""

    column: str | None = None
    after_interval_end_minutes: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.after_interval_end_minutes is None):
            raise ValueError("give exactly one of column, after_interval_end_minutes")
        return self


class FromReadings(Spec):
    """What is said of a meter first seen in the readings."""

    zone: Zone
    country: str | None = None
    subdivision: str | None = None
    site_id: str | None = None
    weather_location_id: str | None = None
    use: str | None = None
    capacity_kw: float | None = Field(None, gt=0, description="Physical limit of each meter's connection")

    @model_validator(mode="after")
    def _known_country(self) -> Self:
        fault = country_fault(self.country, self.subdivision)
        if fault is not None:
            raise ValueError(fault)
        return self


class Reference(Spec):
    """One column of a reference table: a column of the file (scaled, or mapped), or a constant."""

    column: str | None = None
    constant: str | float | int | None = None
    scale: float = 1.0
    mapping: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("give exactly one of column, constant")
        return self


class Source(Spec):
    """One YAML: one kind of data, in one format, in the folders named after it (or in `folder`)."""

    name: str
    description: str = ""
    kind: Kind = Kind.READINGS
    folder: str | tuple[str, ...] | None = None
    glob: str = "*"
    format: Format
    encoding: Encoding = "utf-8"
    separator: Separator = ","
    skip_rows: int = Field(0, ge=0)
    comment: str | None = None
    column_names: tuple[str, ...] = Field((), description="Where the file has no header")
    meter: Meter | None = None
    building: str | None = Field(None, description="Column of the building")
    time: Time | None = None
    value: Value | None = None
    fuel: Fuel | FuelColumn | None = None
    quality: Quality | QualityColumn = Quality.MEASURED
    available: Literal["landed"] | Available = "landed"
    channels: tuple[str, ...] = Field(("*",), description="NEM12 suffixes or Green Button flows that are use")
    meters: Literal["registry"] | FromReadings = "registry"
    columns: Annotated[dict[str, Reference], BeforeValidator(long_columns)] = Field(
        default_factory=dict, description="Reference kinds: table column → where"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = _needed(self)
        missing = [key for key, value in needed.items() if value is None or value == {}]
        if missing:
            raise ValueError(f"a {self.format.value} source of {self.kind.value} needs {', '.join(missing)}")
        for key in _of_readings_only(self):
            raise ValueError(f"{key} is for readings, and says nothing of {self.kind.value}: remove it")
        if self.value is not None and self.value.unit is Unit.M3 and self.value.calorific_value_mj_per_m3 is None:
            raise ValueError("value.unit m3 needs value.calorific_value_mj_per_m3")
        return self

    @property
    def folders(self) -> tuple[str, ...]:
        if self.folder is None:
            return (self.name,)
        return (self.folder,) if isinstance(self.folder, str) else self.folder


def _needed(source: Source) -> dict[str, object]:
    """The keys this kind and format cannot do without, with what was given for them."""
    if source.kind is not Kind.READINGS:
        needed: dict[str, object] = {"columns": source.columns}
        if source.kind in (Kind.WEATHER, Kind.CARBON_INTENSITY, Kind.PRICES):
            needed["time"] = source.time
        return needed
    if source.format in SELF_DESCRIBING:
        return {}
    needed = {"time": source.time, "value": source.value, "fuel": source.fuel}
    if source.format is not Format.WIDE_CSV:
        needed["meter"] = source.meter
    if source.value is not None:
        needed["value.unit or value.unit_column"] = source.value.unit or source.value.unit_column
        if source.time is not None and not source.value.register_reads:
            given = source.time.interval_minutes or source.time.interval_column
            needed["time.interval_minutes (a number or infer) or time.interval_column"] = given
    return needed


def _of_readings_only(source: Source) -> list[str]:
    """Keys that were given and that other kinds than readings do not heed."""
    if source.kind is Kind.READINGS or source.time is None:
        return []
    time = source.time
    given = {
        "time.offset_column": time.offset_column is not None,
        "time.interval_column (columns.interval_minutes does it)": time.interval_column is not None,
        "time.interval_minutes infer": time.interval_minutes == "infer",
        "time.doubled_hour split": time.doubled_hour is DoubledHour.SPLIT,
    }
    return [key for key, there in given.items() if there]

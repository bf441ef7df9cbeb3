"""A source: what its YAML may say about the files of one landing folder. Data, never code."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from energy_lib.landing.sources.allowed_values import SELF_DESCRIBING, VOLUMES, DoubledHour, Format, Layout
from energy_lib.landing.sources.checked_values import Encoding, Separator, long_columns
from energy_lib.landing.sources.ignored_keys import ignored_keys
from energy_lib.landing.sources.layout_keys import layout_faults
from energy_lib.landing.sources.layout_sections import Ignore, Register
from energy_lib.landing.sources.messages import Kafka, message_faults
from energy_lib.landing.sources.yaml_sections import (
    Available,
    FlowOfRegister,
    FromReadings,
    FuelColumn,
    Meter,
    Nem12,
    QualityColumn,
    Reference,
    Spec,
    Time,
    Value,
)
from energy_lib.privacy.pseudonyms import KeyRing
from energy_lib.vocabulary import Flow, Fuel, Quality


class Kind(StrEnum):
    """What the rows of a source are: readings (bronze.readings), or rows of one table of reference data in silver."""

    READINGS = "readings"
    WEATHER = "weather"
    CARBON_INTENSITY = "carbon_intensity"
    PRICES = "prices"
    METERS = "meters"
    BUILDINGS = "buildings"
    VIRTUAL_METERS = "virtual_meters"
    EMISSION_FACTORS = "emission_factors"
    TARIFFS = "tariffs"
    PROJECTS = "projects"
    ASSETS = "assets"
    EVENTS = "events"
    AREAS = "areas"


class Source(Spec):
    """One YAML: one kind of data, in one format, in the folders named after it (or in `folder`).

    The fields are the YAML's keys; docs/sources.md says what each means, and a test holds the two together. Which keys
    a source needs depends on its kind and format: a wrong or missing one is a ValueError that names it.

    >>> Source.model_validate({
    ...     "name": "vienna", "format": "csv", "separator": ";", "meter": {"column": "Zähler"},
    ...     "time": {"column": "Zeit", "zone": "Europe/Vienna", "stamp": "end", "interval_minutes": 15},
    ...     "value": {"column": "Verbrauch", "unit": "kWh", "decimal": ","}, "fuel": "electricity",
    ... }).folders
    ('vienna',)
    """

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
    registers: tuple[Register, ...] = Field((), description="Registers in columns of their own")
    ignore: Ignore = Ignore()
    fuel: Fuel | FuelColumn | None = None
    flow: Flow | FlowOfRegister | None = Field(None, description="None: import, or what the format says")
    quality: Quality | QualityColumn = Quality.MEASURED
    available: Literal["landed"] | Available = "landed"
    channels: tuple[str, ...] = Field(("*",), description="NEM12 suffixes or Green Button flows that are read")
    nem12: Nem12 = Nem12()
    kafka: Kafka | None = Field(None, description="Of the format kafka: the topic, and what its messages are")
    meters: Literal["registry"] | FromReadings = "registry"
    pseudonymize: bool = Field(False, description="Whether ids of meters and buildings come in as pseudonyms")
    columns: Annotated[dict[str, Reference], BeforeValidator(long_columns)] = Field(
        default_factory=dict, description="Reference kinds: table column → where"
    )
    _keys: KeyRing | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = _needed(self)
        missing = [key for key, value in needed.items() if value is None or value == {}]
        if missing:
            raise ValueError(f"a {self.format.value} source of {self.kind.value} needs {', '.join(missing)}")
        of_value = self.value.model_fields_set if self.value else ()
        for key in ignored_keys(self.format, self.model_fields_set, of_value):
            raise ValueError(f"{key} is ignored by the format {self.format.value}: remove it")
        for sentence in message_faults(self, readings=self.kind is Kind.READINGS):
            raise ValueError(sentence)
        for sentence in layout_faults(self, readings=self.kind is Kind.READINGS):
            raise ValueError(sentence)
        for key in _of_readings_only(self):
            raise ValueError(f"{key} is for readings, and says nothing of {self.kind.value}: remove it")
        unit = self.value.unit if self.value is not None else None
        if self.value is not None and unit in VOLUMES and self.value.calorific_value_mj_per_m3 is None:
            raise ValueError(f"value.unit {unit} needs value.calorific_value_mj_per_m3")
        return self

    def with_keys(self, keys: KeyRing) -> Self:
        """The source with the keys of its pseudonyms, which no YAML and no printed source holds."""
        copied = self.model_copy()
        copied._keys = keys
        return copied

    @property
    def keys(self) -> KeyRing | None:
        """The keys, where it asks for pseudonyms; None where it does not."""
        if not self.pseudonymize:
            return None
        assert self._keys is not None, f"{self.name} was loaded without the keys of its pseudonyms"
        return self._keys

    @property
    def layout(self) -> Layout:
        if self.format is Format.WIDE_CSV:
            return Layout.METER_COLUMNS
        if self.registers:
            return Layout.REGISTER_COLUMNS
        if self.value is not None and self.value.stamp_columns is not None:
            return Layout.STAMP_COLUMNS
        return Layout.DAY_ROWS if self.value is not None and self.value.day_columns is not None else Layout.LONG

    @property
    def folders(self) -> tuple[str, ...]:
        if self.format is Format.KAFKA:
            return ()
        if self.folder is None:
            return (self.name,)
        return (self.folder,) if isinstance(self.folder, str) else self.folder


def _needed(source: Source) -> dict[str, object]:
    """The keys this kind and format cannot do without, with their values."""
    if source.kind is not Kind.READINGS:
        needed: dict[str, object] = {"columns": source.columns}
        if source.kind in (Kind.WEATHER, Kind.CARBON_INTENSITY, Kind.PRICES):
            needed |= {"time": source.time, **_needed_stamp(source)}
        return needed
    if source.format in SELF_DESCRIBING:
        return {}
    each_has_fuel = bool(source.registers) and all(register.fuel for register in source.registers)
    needed = {"time": source.time, "value": source.value, "fuel": source.fuel or each_has_fuel or None}
    needed |= _needed_stamp(source)
    if source.format is Format.KAFKA:
        needed["kafka"] = source.kafka
    if source.format is not Format.WIDE_CSV:
        needed["meter"] = source.meter
    if source.value is not None:
        each_has_unit = bool(source.registers) and all(register.unit for register in source.registers)
        units = source.value.unit or source.value.unit_column
        needed["value.unit or value.unit_column"] = units or each_has_unit or None
        if source.time is not None and not source.value.register_reads:
            time = source.time
            length = time.interval_minutes or time.interval_column or time.range_separator
            needed["time.interval_minutes (a number or infer) or time.interval_column"] = length
    return needed


def _needed_stamp(source: Source) -> dict[str, object]:
    """A column of stamps, unless the header holds them."""
    if source.time is None or source.layout is Layout.STAMP_COLUMNS:
        return {}
    return {"time.column": source.time.columns or None}


def _of_readings_only(source: Source) -> list[str]:
    """Keys that are set, and that have no meaning for other kinds than readings."""
    if source.kind is Kind.READINGS or source.time is None:
        return []
    time = source.time
    is_set = {
        "time.offset_column": time.offset_column is not None,
        "time.interval_column (columns.interval_minutes does it)": time.interval_column is not None,
        "time.interval_minutes infer": time.interval_minutes == "infer",
        "time.doubled_hour split": time.doubled_hour is DoubledHour.SPLIT,
    }
    return [key for key, set_ in is_set.items() if set_]

"""The sections of a source's YAML: `meter`, `time`, `value` and what else has keys of its own."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator

from energy_lib.landing.sources.allowed_values import DoubledHour, Stamp, Unit
from energy_lib.landing.sources.checked_values import (
    EPOCHS,
    Length,
    Offset,
    Pattern,
    StampFormat,
    Zone,
    require_no_truth_value,
)
from energy_lib.landing.sources.geography import country_fault
from energy_lib.vocabulary import Flow, Fuel, Quality


class Spec(BaseModel):
    """Base of all sections: frozen, and a key it does not know is an error.

    YAML reads NO, Off and such as truth values; where a text is meant, that is an error too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _texts_are_quoted(cls, section: Any) -> Any:
        for key, value in section.items() if isinstance(section, dict) else ():
            field = cls.model_fields.get(str(key))
            is_section = isinstance(value, dict) and field is not None and get_origin(field.annotation) is not dict
            may_be_true = field is not None and bool in (field.annotation, *get_args(field.annotation))
            if field is not None and not may_be_true and not is_section:
                require_no_truth_value(str(key), value)
        return section


class Meter(Spec):
    """Where the meter's id stands: a column, the file's name, the lines above the header, or a constant.

    `file_name` and `above_header` are regexes, whose first group is the id.
    """

    column: str | None = None
    file_name: Pattern | None = None
    above_header: Pattern | None = Field(None, description="Searched in the lines that skip_rows leaves out")
    constant: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(v is not None for v in (self.column, self.file_name, self.above_header, self.constant)) != 1:
            raise ValueError("give exactly one of column, file_name, above_header, constant")
        return self


class Time(Spec):
    """When an interval was: `column` holds the stamp (the texts of several columns are joined by a blank).

    `format` is strptime's, `epoch_s` or `epoch_ms`; none is ISO 8601. `zone` is the clock's IANA zone, `stamp` what the
    stamp marks, and `doubled_hour` or `offset_column` tells the two passages of the autumn hour apart. With
    `period_column` the stamp is a day, and the column numbers its intervals. With `range_separator` a stamp is two: the
    interval's start and its end. No column is needed where the header holds the stamps (`value.stamp_columns`).
    """

    column: str | tuple[str, ...] = ()
    format: StampFormat | None = None
    zone: Zone = "UTC"
    stamp: Stamp = Stamp.START
    interval_minutes: Length | None = None
    interval_column: str | None = None
    doubled_hour: DoubledHour = DoubledHour.REFUSE
    offset_column: str | None = None
    offsets: dict[str, str] = Field(default_factory=dict, description="Text of offset_column, or of %Z → ±HH:MM")
    period_column: str | None = Field(None, description="Number of the interval in its local day, from 1")
    range_separator: str | None = Field(None, min_length=1, description="What parts the start from the end in a stamp")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.range_separator is not None:
            self._require_nothing_beside_ranges()
        hours_only = self.format not in (None, *EPOCHS) and not re.search("%[MTRXcs]", str(self.format))
        if hours_only and re.search("%[HI]", str(self.format)) and _below_an_hour(self.interval_minutes):
            raise ValueError(
                f"format {self.format} has no minutes, but the intervals have {self.interval_minutes}: if a column "
                "numbers the periods of the day, name it as time.period_column"
            )
        if self.period_column is None:
            return self
        if self.stamp is not Stamp.START:
            raise ValueError(
                "stamp says nothing beside period_column, whose first period starts at midnight: remove it"
            )
        if self.interval_minutes == "infer":
            raise ValueError("period_column needs interval_minutes as a number, as periods have no stamps to tell it")
        return self

    def _require_nothing_beside_ranges(self) -> None:
        """A range says where its interval starts and ends."""
        given = self.model_fields_set & {"stamp", "interval_minutes", "interval_column", "period_column"}
        if given:
            raise ValueError(
                f"{sorted(given)[0]} says nothing beside range_separator, whose stamps say both: remove it"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,) if isinstance(self.column, str) else self.column


def _below_an_hour(minutes: int | str | None) -> bool:
    return isinstance(minutes, int) and minutes < 60


class Value(Spec):
    """What was measured, in which unit, and how numbers are written.

    `column` may be a pattern (`*_MW`): the one column that matches, or in a wide file all that do. `day_columns` are
    the intervals of the row's day, and the names of `stamp_columns` are stamps. `sum_over` tells tariffs of one
    register apart. Power (W, kW, MW) is the average
    over the interval; volumes of fuel become kWh by m³ × factor × calorific value / 3.6.
    """

    column: str = "*"
    day_columns: str | tuple[str, ...] | None = Field(None, description="A row is a day: its intervals' columns")
    stamp_columns: str | tuple[str, ...] | None = Field(None, description="A row is a meter: its stamps' columns")
    sum_over: str | None = Field(None, description="Column of tariffs whose rows are summed")
    unit: Unit | None = None
    unit_column: str | None = None
    units: dict[str, Unit] = Field(default_factory=dict, description="Text of unit_column → unit")
    decimal: str = Field(".", min_length=1)
    thousands: str | None = Field(None, min_length=1)
    missing: tuple[str, ...] = ()
    register_reads: bool | Literal["at_interval_end"] = Field(
        False, description="Cumulative register instead of energy per interval"
    )
    use_is: Literal["positive", "negative"] = "positive"
    calorific_value_mj_per_m3: float | None = Field(None, gt=0)
    correction_factor: float = Field(1.0, gt=0, description="Volume correction of gas")


class FuelColumn(Spec):
    column: str
    mapping: dict[str, Fuel] = Field(default_factory=dict)


class FlowOfRegister(Spec):
    """Where the direction of what a register counts stands: a column, or a constant.

    `meter_names_register`: the meter's id tells import and export apart already, and gets no suffix.
    """

    column: str | None = None
    constant: Flow | None = None
    mapping: dict[str, Flow] = Field(default_factory=dict, description="Text of the column → flow")
    meter_names_register: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("give exactly one of column, constant")
        return self


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


class Nem12(Spec):
    """What a sender of NEM12 files does otherwise than AEMO's specification says."""

    needs_100: bool = Field(True, description="Whether a file without its 100 record is refused")
    needs_900: bool = Field(True, description="Whether a file without its 900 record is refused as cut off")
    utc_offset: Offset = Field("+10:00", description="The clock of all its times, all year")


class FromReadings(Spec):
    """What is true of every meter that is first seen in the source's readings (columns of silver.meters)."""

    zone: Zone
    country: str | None = None
    subdivision: str | None = None
    site_id: str | None = None
    weather_location_id: str | None = None
    use: str | None = None
    capacity_kw: float | None = Field(None, gt=0, description="Physical limit of each meter's connection")
    agreed_capacity_kw: float | None = Field(None, gt=0, description="Capacity that each connection's contract allows")
    tariff_id: str | None = None
    carbon_region: str | None = None
    supply_contract_id: str | None = None
    area_id: str | None = None
    payment: Literal["prepay", "credit"] | None = None

    @model_validator(mode="after")
    def _known_country(self) -> Self:
        fault = country_fault(self.country, self.subdivision)
        if fault is not None:
            raise ValueError(fault)
        return self


class Reference(Spec):
    """One column of a reference table: a column of the file (scaled, or mapped), or a constant."""

    column: str | None = None
    constant: str | float | int | date | None = None
    scale: float = 1.0
    mapping: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("give exactly one of column, constant")
        return self

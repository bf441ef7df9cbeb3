"""Keys that a source's layout or kind would not heed: each is refused by name, and never ignored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from energy_lib.landing.sources.allowed_values import AT_INTERVAL_END, SELF_DESCRIBING, VOLUMES, Layout, Stamp

if TYPE_CHECKING:
    from energy_lib.landing.sources.source import Source
    from energy_lib.landing.sources.yaml_sections import Time

# Each of them names the columns of values.
NAMING_VALUES = ("registers", "value.day_columns", "value.stamp_columns")


def layout_faults(source: Source, *, readings: bool) -> Iterator[str]:
    """A sentence for each key that is set and would not be heeded."""
    if not readings or source.format in SELF_DESCRIBING:
        what = source.kind.value if not readings else source.format.value
        for key in _layout_keys(source):
            yield f"{key} is for tables of readings, and says nothing of {what}: remove it"
        return
    if source.layout is Layout.METER_COLUMNS:
        yield from _of_meter_columns(source)
    yield from _of_columns(source)
    yield from _of_registers(source)
    yield from _of_register_reads(source)
    if source.meter is not None and source.meter.above_header is not None and not source.skip_rows:
        yield "meter.above_header looks into the lines above the header, and there are none: give skip_rows"


def _layout_keys(source: Source) -> list[str]:
    value = source.value
    is_set = {
        "registers": bool(source.registers),
        "ignore": "ignore" in source.model_fields_set,
        "value.day_columns": value is not None and value.day_columns is not None,
        "value.stamp_columns": value is not None and value.stamp_columns is not None,
        "value.sum_over": value is not None and value.sum_over is not None,
    }
    return [key for key, set_ in is_set.items() if set_]


def _of_meter_columns(source: Source) -> Iterator[str]:
    if source.meter is not None:
        yield (
            "meter is ignored in wide_csv, where the header names the meters: remove it; or write format csv, with "
            "value.day_columns if the columns are times of the day, or with registers if they are registers of a meter"
        )
    for key in _layout_keys(source):
        if key in ("registers", "value.day_columns", "value.stamp_columns"):
            yield f"{key} needs format csv: in wide_csv each column is a meter"


def _of_columns(source: Source) -> Iterator[str]:
    """Which columns hold values is said once."""
    value, layout = source.value, source.layout
    if source.ignore.columns and layout is Layout.LONG:
        yield "ignore.columns is for files with several columns of values: here value.column names the one that counts"
    if value is None:
        return
    naming = [key for key in NAMING_VALUES if key in _layout_keys(source)]
    if "column" in value.model_fields_set and naming:
        yield f"value.column and {naming[0]} both name the columns of values: remove value.column"
    if len(naming) > 1:
        yield f"{naming[0]} and {naming[1]} exclude each other: the columns of values are one or the other"
    if source.time is not None:
        yield from _of_times(source.time, layout)
    if value.units and value.unit_column is None:
        yield "value.units says what the texts of value.unit_column mean: name that column, or write value.unit"


def _of_times(time: Time, layout: Layout) -> Iterator[str]:
    if layout is Layout.DAY_ROWS and time.interval_column is not None:
        yield "time.interval_column says nothing of value.day_columns: give time.interval_minutes (a number or infer)"
    if layout is Layout.DAY_ROWS and time.range_separator is not None:
        yield "time.range_separator says nothing of value.day_columns, whose stamps are days: remove it"
    if layout is Layout.STAMP_COLUMNS:
        of_rows = {
            "time.column": time.columns,
            "time.period_column": time.period_column,
            "time.offset_column": time.offset_column,
            "time.range_separator": time.range_separator,
        }
        for key in (key for key, given in of_rows.items() if given):
            yield f"{key} says nothing beside value.stamp_columns, where the header holds the stamps: remove it"


def _of_registers(source: Source) -> Iterator[str]:
    if source.registers and source.flow is not None:
        yield "flow is said in each of registers: remove it"
    ids = Counter((register.suffix(source.fuel), register.flow) for register in source.registers)
    if any(count > 1 for count in ids.values()):
        yield "two registers have one flow and one fuel: list the columns of one register together, or give each a name"
    volumes = [register.unit for register in source.registers if register.unit in VOLUMES]
    if volumes and source.value is not None and source.value.calorific_value_mj_per_m3 is None:
        yield f"unit {volumes[0]} of a register needs value.calorific_value_mj_per_m3"


def _of_register_reads(source: Source) -> Iterator[str]:
    """A read of an interval's end needs an interval that starts at the stamp."""
    value, time = source.value, source.time
    if value is None or time is None or value.register_reads != AT_INTERVAL_END:
        return
    if not isinstance(time.interval_minutes, int) or time.stamp is not Stamp.START:
        yield "value.register_reads at_interval_end needs time.interval_minutes as a number, and stamps that are starts"

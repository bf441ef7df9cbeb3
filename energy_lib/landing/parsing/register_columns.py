"""Registers in columns: each row holds one reading of each register, a sum where a register has several columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.formats import Chunk, RawReadings
from energy_lib.landing.parsing.melting import Cells
from energy_lib.landing.parsing.row_columns import RowColumns, value_of
from energy_lib.landing.parsing.summed_values import Sums, summed
from energy_lib.landing.sources.layout_sections import Register
from energy_lib.landing.sources.source import Source
from energy_lib.vocabulary import Flow, Fuel


def register_columns(chunk: Chunk, source: Source, path: str) -> RawReadings:
    """The readings of a row stand together, in the order of the YAML's `registers`."""
    row, value, registers = RowColumns(chunk, source, path), value_of(source), source.registers
    sums = []
    for register in registers:
        names = row.matching(register.columns)
        sums.append(summed([row.column(name) for name in names], names, value))
    width = len(registers)
    cells = Cells(
        pa.array(_by_row([one.values for one in sums])),
        np.repeat(np.arange(row.rows), width),
        np.tile(np.arange(width), row.rows),
    )
    beside = cells.of_rows(row.beside())
    rule, reason = _faults(sums, beside)
    beside |= {"rule": rule, "reason": reason, **_said(registers, source, cells, beside)}
    return RawReadings(
        pc.binary_join_element_wise(
            cells.of_rows({"meter": row.meter().cast(pa.string())})["meter"],
            _each([register.suffix(source.fuel) for register in registers], cells),
            "",
        ),
        row.stamps().take(pa.array(cells.row_of)),
        cells.values,
        raw_value=pa.array(_by_row([one.texts for one in sums]), pa.string()),
        broken=chunk.broken,
        **beside,
    )


def _said(
    registers: tuple[Register, ...], source: Source, cells: Cells, beside: dict[str, pa.Array]
) -> dict[str, pa.Array]:
    """Flow, fuel and unit of each reading, as its register or else the source says."""
    said = {"flow": _each([(register.flow or Flow.IMPORT).value for register in registers], cells)}
    if any(register.fuel for register in registers):
        of_source = source.fuel.value if isinstance(source.fuel, Fuel) else None
        fuels = _each([register.fuel.value if register.fuel else of_source for register in registers], cells)
        said["fuel"] = pc.coalesce(fuels, beside["fuel"].cast(pa.string())) if "fuel" in beside else fuels
    unit = value_of(source).unit
    if any(register.unit for register in registers):
        of_source = unit.value if unit else None
        units = _each([register.unit.value if register.unit else of_source for register in registers], cells)
        said["unit"] = pc.coalesce(units, beside["unit"].cast(pa.string())) if "unit" in beside else units
    return said


def _faults(sums: list[Sums], beside: dict[str, pa.Array]) -> tuple[pa.Array, pa.Array]:
    """Rule and reason of each reading: the row's own (it is ignored), else its sum's."""
    rule = pa.array(_by_row([one.rule for one in sums]), pa.string())
    reason = pa.array(_by_row([one.reason for one in sums]), pa.string())
    if "rule" not in beside:
        return rule, reason
    of_row = pc.is_valid(beside["rule"])
    return pc.if_else(of_row, beside["rule"], rule), pc.if_else(of_row, beside["reason"], reason)


def _each(texts: list[str | None] | list[str], cells: Cells) -> pa.Array:
    return pa.array(texts, pa.string()).take(pa.array(cells.column_of))


def _by_row(columns: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.array(columns).T.ravel()

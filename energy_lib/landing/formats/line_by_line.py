"""Delimited text whose quotes nobody understands, read line by line: what is no row on its own is set aside."""

from __future__ import annotations

import csv

import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.formats.chunk import BrokenRow


def line_by_line(block: bytes, separator: str, names: list[str], first_line: int) -> tuple[pa.Table, list[BrokenRow]]:
    """Each line that holds a field for each name as a row, all others as broken rows; empty lines are none."""
    rows: list[list[str]] = []
    broken: list[BrokenRow] = []
    for number, line in enumerate(block.decode("utf-8").split("\n"), start=first_line):
        text = line.rstrip("\r")
        if not text:
            continue
        try:
            fields = next(csv.reader([text], delimiter=separator, strict=True))
        except csv.Error as error:
            reason = f"line {number} is not quoted as CSV has it ({error})"
            broken.append(BrokenRow(text, file_faults.RAGGED_ROW, reason))
            continue
        if len(fields) == len(names):
            rows.append(fields)
        else:
            reason = f"line {number} has {len(fields)} fields, the header {len(names)}"
            broken.append(BrokenRow(text, file_faults.RAGGED_ROW, reason))
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=names), broken

"""The format of a file, and the tables of those that hold tables."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.sample import Sample
from energy_lib.landing.proposal.text_table import ROWS, TextTable, read_table
from energy_lib.landing.sources.allowed_values import Format

_NEM12 = re.compile(r"^\s*(100,NEM12|200,[^,]{10,11},([^,]*,){6}\d+)", re.IGNORECASE)


def file_format(sample: Sample) -> tuple[Format, str]:
    """The format and what says so."""
    if sample.data.startswith(b"PAR1"):
        return Format.PARQUET, "the file begins with PAR1"
    head = sample.text.lstrip()[:2000]
    if head.startswith("<") and ("espi" in head.lower() or "<feed" in head or "UsagePoint" in head):
        return Format.GREEN_BUTTON, "the file is an ESPI feed in XML"
    if _NEM12.match(head):
        return Format.NEM12, f"the first record is {head.splitlines()[0][:30]}"
    if head.startswith("{"):
        return Format.JSON_LINES, "each line is a JSON object"
    return Format.CSV, "the lines have fields"


def table_of(sample: Sample, format_: Format, guesses: Guesses) -> TextTable | None:
    """The cells as texts; None if there are none."""
    if format_ is Format.PARQUET:
        return _parquet(sample)
    if format_ is Format.JSON_LINES:
        return _json_lines(sample)
    if sample.encoding != "utf-8":
        why = "the file begins with a mark of UTF-16" if sample.encoding == "utf-16" else "its bytes are not UTF-8"
        guesses.add("encoding", sample.encoding, why, sure=sample.encoding == "utf-16")
    return read_table(sample, guesses)


def _parquet(sample: Sample) -> TextTable | None:
    table = pq.read_table(io.BytesIO(sample.data)).slice(0, ROWS)
    cells = {name: _texts(table.column(name)) for name in table.column_names}
    return TextTable(pd.DataFrame(cells), "", True) if table.num_rows else None


def _texts(column: pa.ChunkedArray) -> pd.Series:
    texts: pd.Series = column.cast(pa.string()).to_pandas().fillna("")
    return texts.str.replace(r"(:\d{2})\.0+(Z?)$", r"\1\2", regex=True) if pa.types.is_timestamp(column.type) else texts


def _json_lines(sample: Sample) -> TextTable | None:
    rows: list[dict[str, str]] = []
    for line in sample.text.splitlines()[:ROWS]:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            rows.append(dict(_fields(found)))
    return TextTable(pd.DataFrame(rows).fillna(""), "", True) if rows else None


def _fields(nested: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Fields by their path: `read.kwh`."""
    fields: list[tuple[str, str]] = []
    for name, value in nested.items():
        if isinstance(value, dict) and before.count(".") < 5:
            fields += _fields(value, f"{before}{name}.")
        elif value is not None:
            fields.append((before + name, value if isinstance(value, str) else json.dumps(value)))
    return fields

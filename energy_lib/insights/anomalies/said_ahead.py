"""Rows of gold.day_limits on their way from the meters of a building to the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from energy_lib.insights.anomalies.statistics import RULE_VERSION
from energy_lib.tables.answers.alerts import DAY_LIMITS
from energy_lib.tables.arrow import arrow_schema

# The days ahead that a night speaks of: the one that begins, and the next, until another night has spoken.
DAYS_AHEAD = 2
VERSION = "readings_version"
ON_THE_WAY = pa.schema([each for each in arrow_schema(DAY_LIMITS) if each.name != VERSION])
Row = dict[str, Any]


def packed(rows: Sequence[Row], as_of: datetime) -> bytes:
    """Rows (`ahead_of`, with meter_id and zone) as Arrow's stream."""
    said = {"origin_utc": as_of, "rule_version": RULE_VERSION}
    plain = [{name: _plain(value) for name, value in row.items()} | said for row in rows]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, ON_THE_WAY) as stream:
        stream.write_table(pa.Table.from_pylist(plain, schema=ON_THE_WAY))
    found: bytes = sink.getvalue().to_pybytes()
    return found


def unpacked(parts: Iterable[bytes], readings_version: int) -> pa.Table:
    """All rows, made of that Delta version of silver.hourly_readings."""
    tables = [pa.ipc.open_stream(part).read_all() for part in parts]
    rows = pa.concat_tables(tables) if tables else ON_THE_WAY.empty_table()
    versions = pa.array([readings_version] * rows.num_rows, pa.int64())
    return rows.append_column(arrow_schema(DAY_LIMITS).field(VERSION), versions)


def _plain(value: Any) -> Any:
    return [None if np.isnan(each) else float(each) for each in value] if isinstance(value, np.ndarray) else value

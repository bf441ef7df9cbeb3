"""Parquet files that are written once and become a table's files: the writer in a worker, and Delta's words for them.

Spark's writer takes one value at a time and Arrow's a column. A batch that is staged in the table's own format needs
no second writing.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from energy_lib.intervals import utc_text
from energy_lib.tables import Table
from energy_lib.tables.arrow import conform_arrow

# So many columns, from the first on, have their least and greatest value in Delta's log, as Delta itself does it.
COLUMNS_WITH_STATISTICS = 32
LONGEST_TEXT = 32
# What a worker tells of a file that it wrote: its path below the sink's folder, and its rows.
WRITTEN_FILE = "file string, rows long"


@dataclass(frozen=True)
class FileSink:
    """Where workers write the files of a batch: a folder that all machines of the job see, for one table."""

    table: Table
    folder: str

    def write(self, rows: pa.Table, partition: tuple[tuple[str, date], ...] = ()) -> str:
        """Write rows of one partition as a file, and return its path below the folder.

        `rows`: the table's columns, of which missing nullable ones become null; those of `partition` stay out of the
        file, since the path names them.
        """
        named = [name for name, _ in partition]
        whole = conform_arrow(rows, self.table).drop_columns(named)
        # Without the schema's nullability: what may not be null is the gate's to say, in words.
        columns = pa.Table.from_arrays(whole.columns, names=whole.column_names)
        parts = [f"{name}={value.isoformat()}" for name, value in partition]
        path = Path(self.folder, *parts, f"part-{uuid.uuid4()}.snappy.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [field.name for field in columns.schema if pa.types.is_string(field.type)]
        pq.write_table(columns, path, compression="snappy", use_dictionary=texts)
        return str(path.relative_to(self.folder))

    def write_frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`write` for a grouped pandas UDF: one row of WRITTEN_FILE; none if there are no rows."""
        if rows.empty:
            return pd.DataFrame({"file": pd.Series([], dtype=str), "rows": pd.Series([], dtype="int64")})
        file = self.write(pa.Table.from_pandas(rows, preserve_index=False))
        return pd.DataFrame({"file": [file], "rows": [len(rows)]})


def add_actions(folder: Path, files: Iterable[str], table: Table) -> list[dict[str, Any]]:
    """Delta's `add` actions of files below `folder`, in the partitions that their paths name.

    Source: Delta protocol, sections "Add File and Remove File" and "Per-file Statistics".
    """
    return [{"add": _add(folder / file, file, table)} for file in files]


def _add(path: Path, file: str, table: Table) -> dict[str, Any]:
    size = path.stat()
    return {
        "path": quote(file, safe="/="),
        "partitionValues": dict(part.split("=", 1) for part in Path(file).parts[:-1]),
        "size": size.st_size,
        "modificationTime": int(size.st_mtime * 1000),
        "dataChange": True,
        "stats": json.dumps(_statistics(pq.read_metadata(path), table), allow_nan=False),
    }


def _statistics(footer: pq.FileMetaData, table: Table) -> dict[str, Any]:
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    names = [name for name in table.column_names if name not in table.partition_by][:COLUMNS_WITH_STATISTICS]
    places = {footer.schema.column(i).path: i for i in range(footer.num_columns)}
    for name in names:
        if name not in places:
            continue
        groups = [footer.row_group(i).column(places[name]).statistics for i in range(footer.num_row_groups)]
        if any(group is None or not group.has_null_count for group in groups):
            continue
        nulls[name] = sum(group.null_count for group in groups)
        low, high = _ends([group for group in groups if group.num_values])
        if low is not None and high is not None:
            least[name], greatest[name] = low, high
    return {"numRecords": footer.num_rows, "minValues": least, "maxValues": greatest, "nullCount": nulls}


def _ends(groups: list[pq.Statistics]) -> tuple[Any, Any]:
    """Bounds of a column's values, in Delta's words; None where there is none."""
    if not groups or not all(group.has_min_max for group in groups):
        return None, None
    try:
        return _as_least(min(group.min for group in groups)), _as_greatest([group.max for group in groups])
    except OverflowError:
        # A stamp beyond the year 9999, which Python's has not.
        return None, None


def _as_least(value: Any) -> Any:
    """A value that is not above `value`, in Delta's words; None where it has none."""
    if isinstance(value, datetime):
        return utc_text(value.replace(microsecond=value.microsecond // 1000 * 1000), "milliseconds")
    return value[:LONGEST_TEXT] if isinstance(value, str) else _plain(value)


def _as_greatest(values: list[Any]) -> Any:
    """A value that is not below any of these, in Delta's words; None where it has none."""
    value = max(values)
    if isinstance(value, datetime):
        return utc_text(value + timedelta(microseconds=-value.microsecond % 1000), "milliseconds")
    if isinstance(value, str):
        # Of texts longer than the footer takes, Arrow gives an empty one as the greatest.
        return value if "" not in values and len(value) <= LONGEST_TEXT else None
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # JSON has no infinity.
    return value if is_number and math.isfinite(value) else None

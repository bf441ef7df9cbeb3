"""A person's data in one file: all rows of their meters over all tables, and what each column means. No Spark."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from energy_lib.data_rights.row_conditions import DELTA_RS, rows_sql
from energy_lib.data_rights.subject import Subject
from energy_lib.errors import BadConfig
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import Table

README = """\
These are the data that this system holds of your meters.

Each file <layer>.<table>.csv is one table: the first line names the columns. columns.csv says of every column what it
means, in which unit, and how personal it is. Times are UTC. Files of bronze hold what was received, those of silver
what was made of it by checks, those of gold what was computed: forecasts, costs, faults, advice.

Meters: {meters}
Rows: {rows}
"""
COLUMNS = ("table", "column", "type", "meaning", "sensitivity")


def require_new_file(output: str) -> Path:
    """The path of the export; raises BadConfig unless it is a new .zip in a folder that is there."""
    path = Path(output)
    if path.suffix != ".zip":
        raise BadConfig(f"--output {output} is no .zip: name one.")
    if not path.parent.is_dir() or path.exists():
        what = "exists already" if path.exists() else "lies in no folder"
        raise BadConfig(f"--output {output} {what}: name a new file in a folder that is there.")
    return path


def export(tables: SmallTables, catalog: Iterable[Table], subject: Subject, ids: Iterable[str], path: Path) -> int:
    """Write the zip, which its owner alone may read; returns how many rows are in it."""
    aside = path.with_name(f".{path.name}.writing")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    counts: dict[str, int] = {}
    meanings: list[tuple[str, ...]] = []
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in catalog:
            where = rows_sql(table, subject, DELTA_RS, tables.column_names(table))
            rows = tables.read(table, where=where).to_pylist() if where is not None else []
            if not rows:
                continue
            counts[table.full_name] = len(rows)
            archive.writestr(f"{table.full_name}.csv", _csv(table.column_names, _texts(rows)))
            meanings += [(table.full_name, c.name, c.type, c.comment, table.sensitivity(c.name)) for c in table.columns]
        archive.writestr("columns.csv", _csv(COLUMNS, meanings))
        told = "\n".join(f"  {name}: {count:,}" for name, count in counts.items())
        archive.writestr("README.txt", README.format(meters=", ".join(ids), rows=f"\n{told}"))
    aside.replace(path)
    return sum(counts.values())


def _csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _texts(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Values as a spreadsheet reads them: times in ISO 8601, lists and mappings as JSON."""
    for row in rows:
        yield [
            value.isoformat()
            if isinstance(value, datetime)
            else json.dumps(value, default=str)
            if isinstance(value, list)
            else value
            for value in row.values()
        ]

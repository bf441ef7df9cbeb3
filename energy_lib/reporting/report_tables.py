"""The lake's tables as a report reads them: by DuckDB, each at one Delta version."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from threading import RLock
from typing import Any

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from energy_lib.catalog import all_tables
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.lake.duckdb_views import create, make_view
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.figure import Figure
from energy_lib.tables import Table
from energy_lib.tables.arrow import arrow_schema

TABLES = {table.full_name: table for table in all_tables()}
NAMED = re.compile(r"\b(?:bronze|silver|gold|ops)\.[a-z_]+\b")
# A column that was declared after a table was made is null, of the type it is declared with.
SQL_TYPES = {
    "string": "VARCHAR", "boolean": "BOOLEAN", "int": "INTEGER", "long": "BIGINT", "float": "DOUBLE",
    "double": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMP", "array<string>": "VARCHAR[]",
    "map<string,long>": "MAP(VARCHAR, BIGINT)", "decimal(18,6)": "DECIMAL(18,6)", "decimal(18,8)": "DECIMAL(18,8)",
    "decimal(28,6)": "DECIMAL(28,6)", "decimal(28,8)": "DECIMAL(28,8)",
}  # fmt: skip
SETTINGS = ("SET TimeZone = 'UTC'", "SET preserve_insertion_order = false")


def is_local(root: str) -> bool:
    """Whether a lake lies in a folder of this machine."""
    return "://" not in root or root.startswith("file://")


class ReportTables:
    """Answers of a lake in a local folder. Each table is opened when a query first names it, and stays as it was then.

    One thread at a time asks; others wait. Raises BadConfig for a lake that is not in a local folder.
    """

    def __init__(self, root: str) -> None:
        if not is_local(root):
            raise BadConfig(f"lake {root}: a report reads a lake in a local folder; mount it and name the folder.")
        self.root = Path(root.removeprefix("file://")).absolute()
        self.versions: dict[str, int] = {}
        self._lock = RLock()
        self._shared: dict[tuple[str, AsOf], Figure] = {}
        self._connection = duckdb.connect()
        for setting in SETTINGS:
            self._connection.execute(setting)

    def figure(self, name: str, query: str, as_of: AsOf, **parameters: Any) -> Figure:
        """The query's rows, with the tables that it names as sources. `$day` and the like are as_of's."""
        given = {**as_of.parameters, **parameters}
        used = {key: value for key, value in given.items() if re.search(rf"\${key}\b", query)}
        names = sorted(set(NAMED.findall(query)))
        with self._lock:
            for each in names:
                self._open(TABLES[each])
            rows = self._connection.execute(query, used).df()
            return Figure(name, rows, {each: self.versions[each] for each in names})

    def shared(self, name: str, query: str, as_of: AsOf) -> Figure:
        """A figure that several pages of a night ask for; it is queried once."""
        key = (query, as_of)
        with self._lock:
            if key not in self._shared:
                self._shared[key] = self.figure(name, query, as_of)
            return self._shared[key]

    def newest_day(self) -> date:
        """The newest date that a forecast was made for; raises InputMissing where there is none."""
        with self._lock:
            self._open(TABLES["gold.forecasts"])
            found = self._connection.execute("SELECT max(origin_utc) FROM gold.forecasts WHERE run_kind = 'live'")
            newest = found.fetchall()[0][0]
        if newest is None:
            raise InputMissing(f"There is no forecast in {self.root}: run jobs/nightly.py first.")
        return date.fromisoformat(str(newest)[:10])

    def is_current(self) -> bool:
        """Whether no table has a version after the one that was read."""
        return not any(
            (self.root / name.replace(".", "/") / "_delta_log" / f"{version + 1:020d}.json").exists()
            for name, version in self.versions.items()
        )

    def _open(self, table: Table) -> None:
        if table.full_name in self.versions:
            return
        try:
            opened = DeltaTable(str(self.root / table.layer / table.name))
        except TableNotFoundError:
            self.versions[table.full_name] = -1
            self._create_empty(table)
            return
        stored = {field.name for field in opened.schema().fields}
        missing = [name for name in table.column_names if name not in stored]
        if missing:
            make_view(self._connection, f"stored_{table.full_name}", opened)
            added = ", ".join(f"CAST(NULL AS {SQL_TYPES[table.column(name).type]}) AS {name}" for name in missing)
            create(self._connection, table.full_name, f"SELECT *, {added} FROM stored_{table.full_name}")
        else:
            make_view(self._connection, table.full_name, opened)
        self.versions[table.full_name] = opened.version()

    def _create_empty(self, table: Table) -> None:
        source = f"empty_{table.layer}_{table.name}"
        self._connection.register(source, arrow_schema(table).empty_table())
        shown = [f"CAST({c.name} AS TIMESTAMP) AS {c.name}" if c.type == "timestamp" else c.name for c in table.columns]
        create(self._connection, table.full_name, f"SELECT {', '.join(shown)} FROM {source}")

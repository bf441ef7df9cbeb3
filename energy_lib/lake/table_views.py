"""A lake's tables as DuckDB reads them without Spark, each at one Delta version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from energy_lib.errors import BadConfig
from energy_lib.lake.duckdb_views import create, make_view
from energy_lib.tables import Table

# A column that was declared after a table was made is null, of the type it is declared with.
SQL_TYPES = {
    "string": "VARCHAR", "boolean": "BOOLEAN", "int": "INTEGER", "long": "BIGINT", "float": "DOUBLE",
    "double": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMP", "array<string>": "VARCHAR[]",
    "array<double>": "DOUBLE[]",
    "map<string,long>": "MAP(VARCHAR, BIGINT)", "decimal(18,6)": "DECIMAL(18,6)", "decimal(18,8)": "DECIMAL(18,8)",
    "decimal(28,6)": "DECIMAL(28,6)", "decimal(28,8)": "DECIMAL(28,8)",
}  # fmt: skip
SETTINGS = ("SET TimeZone = 'UTC'", "SET preserve_insertion_order = false")


def is_local(root: str) -> bool:
    """Whether a lake lies in a folder of this machine."""
    return "://" not in root or root.startswith("file://")


class TableViews:
    """The tables of a lake in a local folder as views `<layer>.<table>`; each stays as it was when it was opened.

    `versions`: of the tables that are open, -1 of one that is not written yet. Threads ask by a cursor of `connection`
    each, and one thread opens tables. Raises BadConfig for a lake that is not in a local folder.
    """

    def __init__(self, root: str, tables: Mapping[str, Table]) -> None:
        if not is_local(root):
            raise BadConfig(f"lake {root}: only a lake in a local folder is read here; mount it and name the folder.")
        self.root = Path(root.removeprefix("file://")).absolute()
        self.versions: dict[str, int] = {}
        self._tables = tables
        self.connection = duckdb.connect()
        for setting in SETTINGS:
            self.connection.execute(setting)

    def open(self, name: str) -> None:
        """Make the view of a table at its newest version; a table that is not written yet has no rows."""
        if name in self.versions:
            return
        table = self._tables[name]
        try:
            opened = DeltaTable(str(self.root / table.layer / table.name))
        except TableNotFoundError:
            self._create_empty(table)
            self.versions[name] = -1
            return
        if opened.file_uris():
            self._create(table, opened)
        else:
            self._create_empty(table)
        self.versions[name] = opened.version()

    def is_current(self) -> bool:
        """Whether no open table has a version after the one that was read."""
        return not any(
            (self.root / name.replace(".", "/") / "_delta_log" / f"{version + 1:020d}.json").exists()
            for name, version in self.versions.items()
        )

    def _create(self, table: Table, opened: DeltaTable) -> None:
        stored = {field.name for field in opened.schema().fields}
        missing = [name for name in table.column_names if name not in stored]
        if not missing:
            make_view(self.connection, table.full_name, opened)
            return
        make_view(self.connection, f"stored_{table.full_name}", opened)
        create(self.connection, table.full_name, f"SELECT *, {_nulls(table, missing)} FROM stored_{table.full_name}")

    def _create_empty(self, table: Table) -> None:
        create(self.connection, table.full_name, f"SELECT {_nulls(table, table.column_names)} WHERE false")


def _nulls(table: Table, names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f'CAST(NULL AS {SQL_TYPES[table.column(name).type]}) AS "{name}"' for name in names)

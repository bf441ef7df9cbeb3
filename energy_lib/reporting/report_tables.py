"""The lake's tables as a report reads them: by DuckDB, each at one Delta version."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from threading import RLock
from typing import Any

from energy_lib.catalog import tables_by_name
from energy_lib.errors import InputMissing
from energy_lib.lake.table_views import TableViews
from energy_lib.reporting.as_of import AsOf
from energy_lib.reporting.figure import Figure

TABLES = tables_by_name()
NAMED = re.compile(r"\b(?:bronze|silver|gold|ops)\.[a-z_]+\b")


class ReportTables:
    """Answers of a lake in a local folder. Each table is opened when a query first names it, and stays as it was then.

    One thread at a time asks; others wait. Raises BadConfig for a lake that is not in a local folder.
    """

    def __init__(self, root: str) -> None:
        self._views = TableViews(root, TABLES)
        self._lock = RLock()
        self._shared: dict[tuple[str, AsOf], Figure] = {}

    @property
    def root(self) -> Path:
        """The lake's folder."""
        return self._views.root

    @property
    def versions(self) -> dict[str, int]:
        """Of the tables that were read."""
        return self._views.versions

    def figure(self, name: str, query: str, as_of: AsOf, **parameters: Any) -> Figure:
        """The query's rows, with the tables that it names as sources. `$day` and the like are as_of's."""
        given = {**as_of.parameters, **parameters}
        used = {key: value for key, value in given.items() if re.search(rf"\${key}\b", query)}
        names = sorted(set(NAMED.findall(query)))
        with self._lock:
            for each in names:
                self._views.open(each)
            rows = self._views.connection.execute(query, used).df()
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
            self._views.open("gold.forecasts")
            found = self._views.connection.execute("SELECT max(origin_utc) FROM gold.forecasts WHERE run_kind = 'live'")
            newest = found.fetchall()[0][0]
        if newest is None:
            raise InputMissing(f"There is no forecast in {self.root}: run jobs/nightly.py first.")
        return date.fromisoformat(str(newest)[:10])

    def is_current(self) -> bool:
        """Whether no table has a version after the one that was read."""
        return self._views.is_current()

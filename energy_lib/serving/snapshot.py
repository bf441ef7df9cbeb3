"""The lake at one moment: every table that the API shows, at the version that it then had."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import Event, Lock

import duckdb

from energy_lib.catalog import tables_by_name
from energy_lib.lake.table_views import TableViews
from energy_lib.serving.asked import Asked
from energy_lib.serving.live_forecasts import LiveForecasts, read_live_forecasts
from energy_lib.serving.queries import Query, newest_query
from energy_lib.serving.resources import BY_NAME, RESOURCES, Resource
from energy_lib.tables import references, silver

TABLES = tables_by_name()
SHOWN = tuple(
    dict.fromkeys((silver.METERS.full_name, references.PROJECTS.full_name, *(r.table.full_name for r in RESOURCES)))
)

# Sorting the forecasts takes memory once: DuckDB gives it back in small pieces, not only when there is much.
SETTINGS = ("SET allocator_flush_threshold = '1MB'", "SET allocator_bulk_deallocation_flush_threshold = '1MB'")


class Snapshot:
    """`at`: when it was read. Threads may ask at once; each has a cursor of its own.

    Raises BadConfig for a lake that is not in a local folder.
    """

    def __init__(self, root: str) -> None:
        self.at = datetime.now(UTC)
        self._views = TableViews(root, TABLES)
        for setting in SETTINGS:
            self._views.connection.execute(setting)
        for name in SHOWN:
            self._views.open(name)
        self._newest: dict[str, date | datetime | None] = {}
        self._lock = Lock()
        self._forecasts_lock = Lock()
        self._forecasts: tuple[LiveForecasts | None] | None = None

    def is_current(self) -> bool:
        """Whether no table has a newer version."""
        return self._views.is_current()

    def prepare(self, stopped: Event) -> None:
        """Look up ahead what the first requests ask for, until it is stopped."""
        for resource in RESOURCES:
            if stopped.is_set():
                return
            self.newest(resource, Asked())
        self.live_forecasts()

    def versions(self, tables: Iterable[str]) -> dict[str, int]:
        """Of these tables; -1 of one that is not written yet."""
        return {name: self._views.versions[name] for name in tables}

    def newest(self, resource: Resource, asked: Asked) -> date | datetime | None:
        """The newest value of `resource.latest`, where it alone is to be shown; looked up once of what stands now."""
        query = newest_query(resource, asked)
        if query is None:
            return None
        with self._lock:
            if asked.as_of is None and resource.name in self._newest:
                return self._newest[resource.name]
        with self.answer(query) as found:
            newest: date | datetime | None = found.fetchall()[0][0]
        if asked.as_of is None:
            with self._lock:
                self._newest[resource.name] = newest
        return newest

    def live_forecasts(self) -> LiveForecasts | None:
        """The newest live forecasts by meter; sorted once, by who asks first or `prepare`."""
        if self._forecasts is None:
            with self._forecasts_lock:
                if self._forecasts is None:
                    origin = self.newest(BY_NAME["forecasts"], Asked())
                    assert origin is None or isinstance(origin, datetime)
                    cursor = self._views.connection.cursor()
                    self._forecasts = (read_live_forecasts(cursor, origin),)
                    cursor.close()
        return self._forecasts[0]

    def forecasts_ready(self) -> LiveForecasts | None:
        """The same if they were sorted already."""
        return None if self._forecasts is None else self._forecasts[0]

    @contextmanager
    def answer(self, query: Query) -> Iterator[duckdb.DuckDBPyRelation]:
        """The answer, on a cursor of its own that is closed at the end."""
        cursor = self._views.connection.cursor()
        try:
            yield cursor.sql(query.sql, params=query.parameters or None)
        finally:
            cursor.close()

    def etag(self, query: Query, form: str) -> str:
        """Names the answer: the same versions, question, asker's scope and form give the same bytes."""
        asked = repr((sorted(self.versions(query.tables).items()), query.sql, sorted(query.parameters.items()), form))
        return f'"{hashlib.blake2b(asked.encode(), digest_size=16).hexdigest()}"'

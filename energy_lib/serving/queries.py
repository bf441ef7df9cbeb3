"""The one function that makes SQL of what is asked: no row leaves the lake by the API but through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from energy_lib.lake.duckdb_views import quoted_name
from energy_lib.security.principal import Scope
from energy_lib.serving.asked import Asked
from energy_lib.serving.resources import Resource
from energy_lib.serving.visibility import TABLES_READ, seen
from energy_lib.tables import Column

# A partition by months that follows a column of time: it prunes files.
MONTHS = {"interval_month": "interval_start_utc"}


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with its parameters, and the tables that it reads."""

    sql: str
    parameters: dict[str, Any]
    tables: tuple[str, ...]


def newest_query(resource: Resource, asked: Asked) -> Query | None:
    """The newest value of `resource.latest`, where one is to be shown alone; None where another is asked for."""
    if resource.latest is None or resource.latest in asked.filters or asked.since or asked.until:
        return None
    known, parameters = _known(resource, asked)
    table = resource.table.full_name
    sql = f"SELECT max({resource.latest}) FROM {table} WHERE {resource.always} AND {known}"
    return Query(sql, parameters, (table,))


def rows_query(resource: Resource, asked: Asked, scope: Scope, newest: date | datetime | None = None) -> Query:
    """Rows of a resource in the order of its key, each within `scope`; `newest`: the answer to `newest_query`."""
    ctes, visible, parameters = seen(resource.rows_of, scope)
    known, of_known = _known(resource, asked)
    conditions = [resource.always, known, f"({visible})"]
    parameters |= of_known
    if newest is not None:
        conditions.append(f"{resource.latest} = $newest")
        parameters["newest"] = bound(newest)
    for number, (name, values) in enumerate(asked.filters.items()):
        conditions.append(_one_of(quoted_name(name), f"filter_{number}", values, parameters))
    if asked.meters:
        conditions.append(_one_of(str(resource.meter), "meters", asked.meters, parameters))
    if asked.sites:
        of_site = _one_of("site_id", "sites", asked.sites, parameters)
        by_meter = f"{resource.meter} IN (SELECT meter_id FROM silver.meters WHERE {of_site})"
        conditions.append(of_site if resource.site else by_meter)
    conditions += _within(resource, asked, parameters)
    if asked.after is not None:
        conditions.append(_after(resource, asked.after, parameters))
    rows = (
        f"SELECT {', '.join(map(quoted_name, resource.table.column_names))} FROM {resource.table.full_name} "
        f"WHERE {' AND '.join(conditions)}"
    )
    if resource.newest_of:
        alike = ", ".join(resource.newest_of)
        # The highest edition is the last of its rows, so that none of them is left behind a page's last row.
        rows += f" QUALIFY row_number() OVER (PARTITION BY {alike} ORDER BY edition DESC) = 1"
    order = ", ".join(_sortable(resource.table.column(name)) for name in resource.table.key)
    limit = "" if asked.limit is None else f" LIMIT {asked.limit + 1}"
    with_ctes = f"WITH {ctes} " if ctes else ""
    read = {resource.table.full_name, "silver.meters", *TABLES_READ.get(resource.rows_of, ())}
    return Query(f"{with_ctes}{rows} ORDER BY {order}{limit}", parameters, tuple(sorted(read)))


def bound(value: Any) -> Any:
    """A value as DuckDB's views have it: instants without a zone, in UTC."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _known(resource: Resource, asked: Asked) -> tuple[str, dict[str, Any]]:
    if asked.as_of is None:
        return resource.stands, {}
    return str(resource.known), {"as_of": bound(asked.as_of)}


def _within(resource: Resource, asked: Asked, parameters: dict[str, Any]) -> list[str]:
    conditions = []
    for sign, name, value in ((">=", "since", asked.since), ("<", "until", asked.until)):
        if value is None or resource.time is None:
            continue
        is_date = resource.table.column(resource.time).type == "date"
        parameters[name] = value.date() if is_date else bound(value)
        conditions.append(f"{resource.time} {sign} ${name}")
        for month in set(MONTHS) & set(resource.table.partition_by):
            parameters[f"{name}_month"] = value.date().replace(day=1)
            conditions.append(f"{month} {'>=' if name == 'since' else '<='} ${name}_month")
    return conditions


def _one_of(column: str, name: str, values: tuple[Any, ...], parameters: dict[str, Any]) -> str:
    """`column` is one of the values: names in SQL, so that files are pruned by them, and values beside it."""
    for number, value in enumerate(values):
        parameters[f"{name}_{number}"] = bound(value)
    return f"{column} IN ({', '.join(f'${name}_{number}' for number in range(len(values)))})"


def _after(resource: Resource, after: tuple[Any, ...], parameters: dict[str, Any]) -> str:
    """Rows behind that key in the order of keys."""
    columns, values = [], []
    for number, (name, value) in enumerate(zip(resource.table.key, after, strict=True)):
        column = resource.table.column(name)
        columns.append(_sortable(column))
        values.append(f"$after_{number}")
        parameters[f"after_{number}"] = bound(value)
    return f"({', '.join(columns)}) > ({', '.join(values)})"


def _sortable(column: Column) -> str:
    """A key's column without nulls, which no comparison sees."""
    return f"coalesce({column.name}, '')" if column.nullable and column.type == "string" else column.name

"""Which rows of a table are of somebody: by columns that name a meter, a building, a site, a project, an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from energy_lib.data_rights.subject import Subject
from energy_lib.lake.sql_literals import text_sql
from energy_lib.tables import Table
from energy_lib.tables.sensitivity import Sensitivity


@dataclass(frozen=True, slots=True)
class Dialect:
    """What engines say differently: a text, and that two lists share something (`overlap`, `list_`)."""

    text: Callable[[str], str]
    overlap: str
    list_: str


DELTA_RS = Dialect(text_sql, "array_has_any", "make_array")
SPARK = Dialect(lambda text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'", "arrays_overlap", "array")


def rows_sql(table: Table, subject: Subject, dialect: Dialect, stored: Collection[str]) -> str | None:
    """SQL for the rows that are of the subject; None where no column says whose a row is. NULL names nobody.

    `stored`: the columns that the table has, which may be older than its declaration.
    """
    named = (
        _names(table, column.name, subject, dialect)
        for column in table.columns
        if column.name in stored
        if table.sensitivity(column.name) in (Sensitivity.IDENTIFIER, Sensitivity.REFERENCE)
    )
    parts = [f"COALESCE({part}, FALSE)" for part in named if part is not None]
    return " OR ".join(parts) if parts else None


def _names(table: Table, name: str, subject: Subject, dialect: Dialect) -> str | None:
    if name == "meters":
        return f"{dialect.overlap}({name}, {dialect.list_}({_list(subject.meters, dialect)}))"
    kind = name.removesuffix("_id") + "_kind"
    if kind in table.column_names:
        groups = {"meter": subject.meters, "building": subject.buildings, "site": subject.sites}
        parts = [f"({kind} = '{which}' AND {name} IN ({_list(ids, dialect)}))" for which, ids in groups.items() if ids]
        return " OR ".join(parts)
    ids = {
        "meter_id": subject.meters,
        "raw_meter_id": subject.meters | subject.points,
        "virtual_meter_id": subject.meters,
        "unit_id": subject.meters | subject.buildings,
        "building_id": subject.buildings,
        "site_id": subject.sites,
        "project_id": subject.projects,
        **dict.fromkeys(("anomaly_id", "alert_id", "advice_id", "recommendation_id"), subject.references),
    }.get(name)
    return f"{name} IN ({_list(ids, dialect)})" if ids else None


def _list(ids: Collection[str], dialect: Dialect) -> str:
    return ", ".join(map(dialect.text, sorted(ids)))

"""Statements of buildings, sites and the portfolio: sums of their meters' statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from energy_lib.insights.accounts.amounts import total_of
from energy_lib.insights.accounts.book import Meter, Row
from energy_lib.insights.accounts.statements import BESIDE
from energy_lib.tables.table import Table

# How a column of a group follows from its meters': by its type, or by its name.
SHARES = ("imputed_share", "stale_share")
TEXTS = ("factors", "tariffs")
OF_A_METER = ("peak_kw",)
VERSION = ("statement", "reported_at_utc", "superseded_at_utc")
SHOWN_TEXTS = 12


def group_key(table: Table) -> tuple[str, ...]:
    """What a statement is about: the table's key without its version."""
    return tuple(name for name in table.key if name not in VERSION)


def groups_of(meter: Meter) -> list[tuple[str, str]]:
    """The portfolio, and the meter's site and building where they are known."""
    ids = {"building": meter.building_id, "site": meter.site_id, "portfolio": "*"}
    return [(kind, name) for kind, name in ids.items() if name is not None]


def group_rows(table: Table, meter_rows: Iterable[Row], meters: Mapping[str, Meter]) -> list[Row]:
    """Rows of gold.emissions or gold.costs for the groups of these meters, whatever the order of the meters' rows.

    A sum is over the meters of which it is known; `meters_missing` and `reason` say how many are not in it.
    """
    members: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(meter_rows, key=lambda row: str(row["group_id"])):
        meter = meters.get(row["group_id"])
        for kind, name in groups_of(meter) if meter is not None else []:
            key = {**row, "group_kind": kind, "group_id": name}
            members.setdefault(tuple(key[each] for each in group_key(table)), []).append(row)
    return [_summed(table, key, rows) for key, rows in sorted(members.items(), key=lambda item: str(item[0]))]


def _summed(table: Table, key: tuple[Any, ...], rows: list[Row]) -> Row:
    named = dict(zip(group_key(table), key, strict=True))
    others = [c for c in table.columns if c.name not in (*named, *VERSION, *OF_A_METER)]
    return named | {column.name: _of_members(column.name, column.type, rows) for column in others}


def _of_members(name: str, kind: str, rows: list[Row]) -> Any:
    values = [row[name] for row in rows]
    if kind.startswith("decimal"):
        return total_of(values)
    if kind in ("int", "long"):
        return sum(values)
    if name in SHARES:
        return _weighted(values, rows)
    if name in TEXTS:
        return _joined(part for value in values if value for part in value.split(BESIDE))
    if name == "reason":
        missing = sum(value is not None for value in values)
        return f"{missing} of {len(rows)} meters say why in their own rows" if missing else None
    return max(values)


def _weighted(values: list[float | None], rows: list[Row]) -> float | None:
    """The mean share, weighted by energy; where no meter has energy, the plain mean."""
    known = [(v, abs(float(row["energy_kwh"] or 0))) for v, row in zip(values, rows, strict=True) if v is not None]
    if not known:
        return None
    total = sum(weight for _, weight in known)
    shares = [v * w / total for v, w in known] if total else [v / len(known) for v, _ in known]
    return min(sum(shares), 1.0)


def _joined(parts: Iterable[str]) -> str | None:
    names = sorted(set(parts))
    more = [f"{len(names) - SHOWN_TEXTS} more"] if len(names) > SHOWN_TEXTS else []
    return BESIDE.join([*names[:SHOWN_TEXTS], *more]) or None

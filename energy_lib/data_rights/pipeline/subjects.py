"""Who is meant by the ids of meters that somebody gives: see Subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from energy_lib.data_rights.subject import Subject, without_flow
from energy_lib.errors import BadConfig, InputMissing
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import text_sql
from energy_lib.privacy.pseudonyms import KeyRing
from energy_lib.tables import Table, bronze, references, silver
from energy_lib.tables.answers.advice import ADVICE
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.answers.recommendations import RECOMMENDATIONS


def subject_of(tables: SmallTables, ids: Iterable[str], keys: KeyRing | None) -> Subject:
    """Everything that is of these meters alone. `ids`: as the sender names them; the lake may have pseudonyms.

    Raises BadConfig if other registers share a point with them: its files cannot be parted.
    """
    given = frozenset(ids)
    meters = _with_pseudonyms(given, keys)
    points = _with_pseudonyms(frozenset(map(without_flow, given)), keys)
    _require_whole_points(tables, meters, points)
    meters |= _made_of(tables, meters)
    registry = tables.read(silver.METERS, ["meter_id", "building_id", "site_id"])
    projects = _held_alone(tables.read(references.PROJECTS, ["meter_id", "project_id"]), "project_id", meters)
    sites = _held_alone(registry, "site_id", meters)
    return Subject(
        meters=meters,
        points=points,
        buildings=_held_alone(registry, "building_id", meters),
        sites=sites,
        projects=projects,
        references=_said_of(tables, meters) | _advised(tables, sites),
    )


def require_known(tables: SmallTables, ids: Iterable[str], keys: KeyRing | None) -> None:
    """Raises InputMissing for an id that neither the registry nor the readings of the lake have."""
    for id_ in ids:
        names = ", ".join(map(text_sql, sorted(_with_pseudonyms(frozenset([id_]), keys))))
        if not any(
            tables.read(table, ["meter_id"], f"meter_id IN ({names})").num_rows
            for table in (silver.METERS, bronze.READINGS)
        ):
            raise InputMissing(f"There is no meter {id_} in {tables.root}: look for it in silver.meters.")


def _with_pseudonyms(ids: frozenset[str], keys: KeyRing | None) -> frozenset[str]:
    return ids if keys is None else ids | {keys.pseudonym(id_) for id_ in ids}


def _require_whole_points(tables: SmallTables, meters: frozenset[str], points: frozenset[str]) -> None:
    names = ", ".join(map(text_sql, sorted(points)))
    rows = tables.read(bronze.READINGS, ["meter_id"], f"raw_meter_id IN ({names}) AND meter_id IS NOT NULL")
    others = sorted(set(rows["meter_id"].to_pylist()) - meters)
    if others:
        raise BadConfig(
            f"Files name the registers {', '.join(others)} like those that are to go: name them, too, by --meter."
        )


def _made_of(tables: SmallTables, meters: frozenset[str]) -> frozenset[str]:
    """Virtual meters of which every term is one of these."""
    terms: dict[str, set[str]] = defaultdict(set)
    for row in tables.read(silver.VIRTUAL_METERS, ["virtual_meter_id", "meter_id"]).to_pylist():
        terms[row["virtual_meter_id"]].add(row["meter_id"])
    return frozenset(name for name, parts in terms.items() if parts <= meters)


def _held_alone(rows: pa.Table, group: str, meters: frozenset[str]) -> frozenset[str]:
    """Groups of which every meter is one of these."""
    held: dict[str, set[str]] = defaultdict(set)
    for row in rows.to_pylist():
        if row[group] is not None:
            held[row[group]].add(row["meter_id"])
    return frozenset(name for name, members in held.items() if members <= meters)


def _advised(tables: SmallTables, sites: frozenset[str]) -> frozenset[str]:
    rows = tables.read(ADVICE, ["advice_id", "site_id"]).to_pylist() if sites else []
    return frozenset(row["advice_id"] for row in rows if row["site_id"] in sites)


def _said_of(tables: SmallTables, meters: frozenset[str]) -> frozenset[str]:
    names = ", ".join(map(text_sql, sorted(meters)))
    found: set[str] = set()
    wanted: tuple[tuple[Table, str], ...] = ((ANOMALIES, "anomaly_id"), (ALERTS, "alert_id"))
    for table, column in wanted:
        found |= set(tables.read(table, [column], f"meter_id IN ({names})")[column].to_pylist())
    for row in tables.read(RECOMMENDATIONS, ["recommendation_id", "meters"]).to_pylist():
        if meters & set(row["meters"]):
            found.add(row["recommendation_id"])
    return frozenset(found)

"""The use case of virtual meters, the last step of jobs/clean.py: judge what is declared, compute what changed.

Progress is recorded last. What a run that was killed published before is keyed, and is published again.
"""

from __future__ import annotations

from datetime import date
from functools import partial

import pyarrow as pa

from energy_lib.cleaning import rules
from energy_lib.cleaning.pipeline.clean import JOB as CLEAN
from energy_lib.cleaning.pipeline.clean import update_hourly_view
from energy_lib.cleaning.spark import virtual_hours as frames
from energy_lib.cleaning.virtual_meters import Refused, Row, VirtualMeter, judged, meter_row
from energy_lib.config import CleaningConfig
from energy_lib.lake import Lake, Outcome, conform, progress, record_progress
from energy_lib.quality import gate
from energy_lib.tables import Table, bronze, silver
from energy_lib.tables.arrow import arrow_schema

JOB = "virtual_meters"
READ = (silver.VIRTUAL_METERS, silver.METERS, silver.HOURLY)
RULES = (rules.METER_ID_TAKEN, rules.VIRTUAL_OF_VIRTUAL, rules.UNKNOWN_REGISTER, rules.MIXED_FUELS)
REFUSED_SHOWN = 5


def counted_meters(lake: Lake) -> list[VirtualMeter]:
    """The declared virtual meters that break no rule."""
    declared = lake.small_tables.rows(silver.VIRTUAL_METERS)
    return judged(declared, lake.small_tables.rows(silver.METERS))[0] if declared else []


def compute_virtual_meters(lake: Lake, settings: CleaningConfig, outcome: Outcome) -> None:
    """Bring the virtual meters of silver.meters and of silver.hourly_readings up to date, and add to the outcome.

    Computed are the hours of which a register's row changed, and all hours of a virtual meter that is new or declared
    anew. Raises GateRefused if a batch fails its suite.
    """
    done, now = ({table: version(table) for table in READ} for version in (partial(progress, lake, JOB), lake.version))
    if not lake.exists(silver.VIRTUAL_METERS) or done == now:
        return
    meters = {row["meter_id"]: row for row in lake.small_tables.rows(silver.METERS)}
    virtual, refused = judged(lake.small_tables.rows(silver.VIRTUAL_METERS), meters.values())
    if any(done[table] != now[table] for table in (silver.VIRTUAL_METERS, silver.METERS)):
        _publish_refusals(lake, refused)
        _give_back_hours(lake, refused, settings, outcome)
    known = {meter_id: row for meter_id, row in meters.items() if row["registered_by"] == silver.VIRTUAL}
    if lake.exists(silver.HOURLY):
        _publish_hours(lake, virtual, known, done, outcome)
    _publish_meters(lake, [meter_row(each, meters) for each in virtual], known, outcome)
    # Own commits are no news, here and to the validation: they hold no register and no register's hour.
    record_progress(lake, JOB, {table: lake.version(table) for table in READ})
    if progress(lake, CLEAN, silver.METERS) == now[silver.METERS]:
        record_progress(lake, CLEAN, {silver.METERS: lake.version(silver.METERS)})
    outcome.versions_written |= {table.full_name: lake.version(table) for table in READ[1:]}
    outcome.lines += _lines(virtual, refused)


def _publish_hours(
    lake: Lake, virtual: list[VirtualMeter], known: dict[str, Row], done: dict[Table, int], outcome: Outcome
) -> None:
    declared_anew = _declared_since(lake, done[silver.VIRTUAL_METERS])
    anew = [
        each
        for each in virtual
        if each.meter_id in declared_anew or _named(known.get(each.meter_id)) != (each.fuel, each.flow)
    ]
    ids = {each.meter_id for each in anew}
    others = [each for each in virtual if each.meter_id not in ids]
    # What had hours and counts no more, or otherwise, loses them.
    ended = sorted(set(known) - {each.meter_id for each in others})
    has_news = done[silver.HOURLY] < lake.version(silver.HOURLY)
    changed = lake.changes(silver.HOURLY, done[silver.HOURLY], deleted=True) if has_news else None
    wanted = frames.wanted_hours(lake.read(silver.HOURLY), changed, anew, others, ended)
    if wanted is None:
        return
    wanted = wanted.persist()
    hourly = frames.in_time_of(lake.read(silver.HOURLY), wanted)
    if hourly is not None:
        with lake.staged(silver.HOURLY, frames.virtual_rows(hourly, wanted, virtual), "virtual") as hours:
            outcome.gates.append(gate(hours.rows, silver.HOURLY))
            outcome.rows_out += hours.count
            obsolete = conform(frames.obsolete_rows(hourly, wanted, hours.frame), silver.HOURLY)
            with lake.materialized("clean.obsolete_virtual_hours", obsolete) as gone:
                lake.upsert(silver.HOURLY, hours.rows, gone=gone.rows)
    wanted.unpersist()


def _give_back_hours(lake: Lake, refused: list[Refused], settings: CleaningConfig, outcome: Outcome) -> None:
    """Compute from readings the hours of registers whose id a virtual meter has, or had before they were registered."""
    taken = {each.row["virtual_meter_id"] for each in refused if each.rule is rules.METER_ID_TAKEN}
    if taken and lake.exists(silver.HOURLY):
        changed = frames.hours_of(lake.read(silver.HOURLY), sorted(taken))
        update_hourly_view(lake, changed, settings, outcome, first_run=False)


def _declared_since(lake: Lake, version: int) -> set[str]:
    """Virtual meters of which a term came, changed or went since the version; a file that repeats them is no news."""
    if version == lake.version(silver.VIRTUAL_METERS):
        return set()
    changed = lake.changes(silver.VIRTUAL_METERS, version, deleted=True)
    return {row[0] for row in changed.select("virtual_meter_id").distinct().collect()}


def _named(row: Row | None) -> tuple[str, str] | None:
    return None if row is None else (row["fuel"], row["flow"])


def _publish_meters(lake: Lake, rows: list[Row], known: dict[str, Row], outcome: Outcome) -> None:
    ids = {row["meter_id"] for row in rows}
    ended = [row for meter_id, row in known.items() if meter_id not in ids]
    if rows or ended:
        of_table = partial(pa.Table.from_pylist, schema=arrow_schema(silver.METERS))
        batch = of_table(rows)
        outcome.gates.append(gate(batch, silver.METERS))
        lake.upsert(silver.METERS, batch, gone=of_table(ended))


def _publish_refusals(lake: Lake, refused: list[Refused]) -> None:
    """Terms that break a rule now are in quarantine; those that did, and do not any more, leave it."""
    files = lake.small_tables.read(bronze.FILES, ["file_id", "source", "path"]).to_pylist() if refused else []
    origin = {row["file_id"]: (row["source"], row["path"]) for row in files}
    rows = [_quarantined(each, *origin.get(each.row["file_id"], ("", ""))) for each in refused]
    keys = {(row["file_id"], row["row_number"]) for row in rows}
    ids = ", ".join(f"'{rule.id}'" for rule in RULES)
    there = lake.small_tables.read(silver.QUARANTINE, where=f"rule_id IN ({ids})").to_pylist()
    gone = [row for row in there if (row["file_id"], row["row_number"]) not in keys]
    if rows or gone:
        of_table = partial(pa.Table.from_pylist, schema=arrow_schema(silver.QUARANTINE))
        lake.upsert(silver.QUARANTINE, of_table(rows), gone=of_table(gone))


def _quarantined(refused: Refused, source: str, path: str) -> Row:
    row, landed_at_utc = refused.row, refused.row["landed_at_utc"]
    return {
        **dict.fromkeys(silver.QUARANTINE.column_names),
        **{name: row[name] for name in ("file_id", "row_number", "landed_at_utc")},
        "source": source,
        "path": path,
        "rule_id": refused.rule.id,
        "reason": refused.reason,
        "raw_row": f"{row['virtual_meter_id']},{row['meter_id']},{row['sign']:g}",
        "meter_id": row["virtual_meter_id"],
        "landed_month": date(landed_at_utc.year, landed_at_utc.month, 1),
    }


def _lines(virtual: list[VirtualMeter], refused: list[Refused]) -> list[str]:
    reasons = {each.row["virtual_meter_id"]: each.reason for each in refused}
    lines = [f"virtual meters: {len(virtual)} count, {len(reasons)} break a rule"]
    lines += [f"  {meter_id} has no hours: {reason}" for meter_id, reason in list(reasons.items())[:REFUSED_SHOWN]]
    return lines

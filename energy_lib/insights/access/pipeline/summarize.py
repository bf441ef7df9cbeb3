"""The use case of jobs/summarize_areas.py: tell of each month that is over, once, and once more when it is settled.

What is said is made of ops.area_releases, which is written first and whole. A run that was killed says what it was
about to say, whatever was corrected since: a third version could tell of a home.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from energy_lib.config import AccessConfig, Config
from energy_lib.errors import InputMissing
from energy_lib.insights.access.editions import Released, first_edition, second_edition
from energy_lib.insights.access.pipeline import month as of_month
from energy_lib.insights.access.pipeline.inputs import HOMES, Inputs, read_inputs
from energy_lib.insights.access.pipeline.ledger import Name, read_released, write_released
from energy_lib.insights.access.pipeline.private import tell_privately
from energy_lib.insights.access.privacy import AreaTree, Limits
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.quality import gate
from energy_lib.tables import references, silver
from energy_lib.tables.answers.access import (
    ACCESS_INDICATORS,
    AREA_RELEASES,
    AREA_SUMMARIES,
    PRIVACY_BUDGET,
    PRIVATE_AREA_STATISTICS,
)
from energy_lib.tables.answers.accounts import COSTS, EMISSIONS, HOURLY_ACCOUNTS
from energy_lib.tables.answers.recommendations import RECOMMENDATIONS
from energy_lib.tables.arrow import arrow_schema
from energy_lib.tables.table import Table

JOB = "summarize_areas"
READ = (
    *(HOURLY_ACCOUNTS, EMISSIONS, COSTS, RECOMMENDATIONS, references.AREAS, references.EVENTS),
    *(silver.METERS, silver.BUILDINGS, silver.WEATHER),
)
WRITTEN = (AREA_RELEASES, ACCESS_INDICATORS, AREA_SUMMARIES, PRIVATE_AREA_STATISTICS, PRIVACY_BUDGET)
# What a second edition does not say anew: it is no sum.
KEPT = ("peak_kw", "coincidence")
Row = dict[str, Any]
Due = tuple[date, int, bool]


def summarize_areas(lake: Lake, config: Config, period: Period) -> Outcome:
    """Publish the editions that are due at the period's origins. Without areas, or a month that is over, nothing is.

    Raises InputMissing if nothing is accounted yet, and GateRefused if a batch fails its suite.
    """
    outcome = Outcome(versions_read={table.full_name: lake.version(table) for table in READ})
    if lake.small_tables.empty(references.AREAS):
        return outcome
    if not lake.exists(EMISSIONS):
        raise InputMissing(f"There is no table {EMISSIONS.full_name} in {lake.root}: run account first.")
    for origin in period.origins(config.features.origin_hour_utc):
        due = due_editions(lake, config.access, origin.date())
        if due:
            _publish(lake, config.access, due, origin, outcome)
    outcome.versions_written = {table.full_name: lake.version(table) for table in WRITTEN}
    return outcome


def due_editions(lake: Lake, settings: AccessConfig, today: date) -> list[Due]:
    """(month, edition, whether it is the last), by month. One settled before its first edition has no second."""
    where = "group_kind = 'portfolio' AND superseded_at_utc IS NULL"
    months = set(lake.small_tables.read(EMISSIONS, ["month"], where)["month"].to_pylist())
    there = lake.small_tables.read(AREA_SUMMARIES, ["month", "edition", "is_final"])
    made: dict[date, int] = {}
    for row in there.group_by(there.column_names).aggregate([]).to_pylist():
        made[row["month"]] = max(made.get(row["month"], 0), 2 if row["is_final"] else row["edition"])
    found = []
    for month in sorted(months):
        settled = of_month.is_over(month, today, settings.settle_days)
        if month not in made and (settled or of_month.is_over(month, today, settings.close_days)):
            found.append((month, 1, settled))
        elif made.get(month) == 1 and settled:
            found.append((month, 2, True))
    return found


def _publish(lake: Lake, settings: AccessConfig, due: list[Due], origin: datetime, outcome: Outcome) -> None:
    """All editions that are due, a commit a table. The summaries come last: they say that the editions are made."""
    inputs = read_inputs(lake, settings, [month for month, _, _ in due], origin)
    made = {(month, edition): _made(lake, settings, inputs[month], edition) for month, edition, _ in due}
    write_released(lake, {key: each.released for key, each in made.items() if not each.was_written}, outcome)
    indicators: list[Row] = []
    summaries: list[Row] = []
    for month, edition, is_final in due:
        each = made[month, edition]
        stamp = {"edition": edition, "is_final": is_final, "reported_at_utc": origin}
        indicators += of_month.stamped(of_month.indicator_rows(each.tree, each.released), month, stamp)
        rows = of_month.area_rows(inputs[month], each.tree, each.released, settings, with_peak=edition == 1)
        summaries += of_month.stamped(_with_kept(rows, each.said), month, stamp)
        outcome.rows_in += len(inputs[month].hours.meters)
    told = sum("energy_kwh" not in row["withheld"] for row in summaries)
    months = {month for month, _, _ in due}
    outcome.lines.append(f"summarize_areas: {told} of {len(summaries)} cells told, for {len(months)} months")
    _write(lake, ACCESS_INDICATORS, indicators, outcome)
    if settings.epsilon is not None:
        for month in (month for month, edition, _ in due if edition == 1):
            outcome.lines.append(tell_privately(lake, settings, inputs[month], origin, outcome))
    _write(lake, AREA_SUMMARIES, summaries, outcome)


@dataclass(frozen=True)
class _Made:
    """An edition before it is told; `said`: rows of the first one, if this is the second."""

    tree: AreaTree
    released: dict[Name, Released]
    was_written: bool
    said: list[Row]


def _made(lake: Lake, settings: AccessConfig, inputs: Inputs, edition: int) -> _Made:
    written = read_released(lake, inputs.month, edition)
    if edition == 1:
        return _Made(inputs.tree, _first(inputs, settings, written), bool(written), [])
    said = _rows(lake, AREA_SUMMARIES, inputs.month)
    told = of_month.told_areas(said, _rows(lake, ACCESS_INDICATORS, inputs.month))
    before = {name: replace(r, areas=told(name)) for name, r in read_released(lake, inputs.month, 1).items()}
    # An area that came or moved since the first edition is in no second one.
    tree = AreaTree({row["area_id"]: row["parent_area_id"] for row in said})
    return _Made(tree, _second(inputs, settings, tree, before, written), bool(written), said)


def _first(inputs: Inputs, settings: AccessConfig, written: dict[Name, Released]) -> dict[Name, Released]:
    values = (
        {name: (r.values, r.area_of) for name, r in written.items()}
        if written
        else of_month.values_of(inputs, settings)
    )
    return {
        name: first_edition(inputs.tree, area_of, told, _limits(name, settings), flags=name[1] == of_month.FLAG)
        for name, (told, area_of) in values.items()
    }


def _second(
    inputs: Inputs,
    settings: AccessConfig,
    tree: AreaTree,
    before: dict[Name, Released],
    written: dict[Name, Released],
) -> dict[Name, Released]:
    if written:
        return {name: replace(released, areas=before[name].areas) for name, released in written.items()}
    values = of_month.values_of(inputs, settings)
    return {
        name: second_edition(
            tree, first, values[name][0] if name in values else {}, _limits(name, settings),
            flags=name[1] == of_month.FLAG,
        )
        for name, first in before.items()
    }  # fmt: skip


def _limits(name: Name, settings: AccessConfig) -> Limits:
    category = HOMES if name[1] == of_month.FLAG else name[0].split()[0]
    return of_month.limits_of(category, name[1], settings)


def _with_kept(rows: list[Row], said: list[Row]) -> list[Row]:
    key = ("area_id", "category", "fuel", "flow")
    before = {tuple(row[name] for name in key): row for row in said}
    return [row | {name: b[name] for name in KEPT if (b := before.get(tuple(row[k] for k in key)))} for row in rows]


def _rows(lake: Lake, table: Table, month: date) -> list[Row]:
    """The first edition's."""
    rows: list[Row] = lake.small_tables.read(table, where=f"month = DATE '{month}' AND edition = 1").to_pylist()
    return rows


def _write(lake: Lake, table: Table, rows: list[Row], outcome: Outcome) -> None:
    batch = pa.Table.from_pylist(rows, schema=arrow_schema(table))
    outcome.gates.append(gate(batch, table))
    lake.upsert(table, batch)
    outcome.rows_out += batch.num_rows

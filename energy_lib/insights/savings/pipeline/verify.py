"""Measure what projects saved: new days and corrected ones, then the totals up to the night.

Progress is recorded last; what a killed run published before is keyed, and is published again.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby

from energy_lib.config import Config
from energy_lib.insights.savings.correction import Correction
from energy_lib.insights.savings.measured import ALL, MeterProject, Row, day_rows, meter_total
from energy_lib.insights.savings.pipeline.baselines import model_of, new_baselines, refusal
from energy_lib.insights.savings.pipeline.changed_days import EVER, Days, changed_days
from energy_lib.insights.savings.pipeline.inputs import (
    Declared,
    Key,
    declared_projects,
    last_whole_day,
    local_days_of,
)
from energy_lib.insights.savings.pipeline.published import Books
from energy_lib.insights.savings.pipeline.rates import rates_of
from energy_lib.insights.savings.shipped_correction import SHIPPED
from energy_lib.insights.savings.together import together
from energy_lib.intervals import DAY, HOUR, Period, midnight_utc
from energy_lib.lake import Lake, Outcome, progress, record_progress
from energy_lib.tables import Table, references, silver
from energy_lib.tables.answers import savings as tables
from energy_lib.tables.references import landed_by

JOB = "verify_savings"
# What is declared anew is measured anew.
DECLARED = (silver.METERS, references.PROJECTS, references.EVENTS, references.TARIFFS, references.EMISSION_FACTORS)
# Of these a night knows what had landed by its origin.
LANDED = (references.PROJECTS, references.EVENTS)
READ = (silver.HOURLY, silver.WEATHER, *DECLARED)


def verify_savings(lake: Lake, config: Config, period: Period) -> Outcome:
    """Bring gold.savings and gold.savings_baselines up to what is known at the origin of the period's last day.

    Only meters with news are computed: hours or weather that changed, a project, meter or event declared anew. A night
    before one that was measured already adds its own totals, as known then, and changes nothing else.
    Raises GateRefused if a batch fails its suite.
    """
    known_at = midnight_utc(period.last) + HOUR * config.features.origin_hour_utc
    projects = declared_projects(lake, known_at) if lake.exists(references.PROJECTS) else []
    if not projects:
        return Outcome(lines=["No project is declared in silver.projects: nothing to measure."])
    now = {table: lake.version(table) for table in READ}
    outcome = Outcome(versions_read={table.full_name: version for table, version in now.items()})
    stamp = {"known_at_utc": known_at, "hourly_version": now[silver.HOURLY], "interval_by": SHIPPED.learnt_from}
    books = Books(lake, known_at, config.cleaning, stamp, outcome)
    done = {table: progress(lake, JOB, table) for table in READ}
    since = books.last_known_at
    if books.replay or since is None or _is_declared_anew(lake, done, now, since, known_at):
        changed = {found.key: EVER for found in projects}
    else:
        changed = changed_days(lake, projects, done, since, set(books.baselines()))
    totals = _measure(books, projects, changed, SHIPPED)
    books.publish(tables.SAVINGS, totals, insert_only=books.replay)
    if not books.replay:
        record_progress(lake, JOB, now)
    outcome.lines += [_line(row) for row in totals if row["meter_id"] == ALL]
    return outcome


def _is_declared_anew(
    lake: Lake, done: dict[Table, int], now: dict[Table, int], since: datetime, known_at: datetime
) -> bool:
    """Whether a declaration changed in the lake, or was in it already and had not landed by the last night's origin."""
    if any(done[table] != now[table] for table in DECLARED):
        return True
    rows = [row for table in LANDED for row in landed_by(lake.small_tables.rows(table), known_at)]
    return len(landed_by(rows, since)) < len(rows)


def _measure(books: Books, projects: list[Declared], changed: dict[Key, Days], correction: Correction) -> list[Row]:
    """Publish days and baselines with news, and return the totals: of meters, projects and all projects."""
    baselines, totals = _baselines(books, projects, changed), []
    for project_id, group in groupby(projects, key=lambda found: found.key[0]):
        parts = []
        rows: list[Row] = []
        for found in group:
            meter = _with_model(found, baselines.get(found.key))
            rows += _new_days(books, found, meter, changed.get(found.key), correction)
            parts.append((meter, last_whole_day(meter.zone, books.known_at)))
        first, last = min(meter.reporting_start for meter, _ in parts), max(last for _, last in parts)
        there = rows if books.replay else books.days_of(project_id, first, last)
        _publish_project_days(books, project_id, rows, there, correction)
        of_meters = [_total(meter, there, last, correction) for meter, last in parts]
        totals += [*of_meters, together(of_meters, project_id, correction)]
    return [*totals, together([row for row in totals if row["meter_id"] != ALL], ALL, correction)]


def _baselines(books: Books, projects: list[Declared], changed: dict[Key, Days]) -> dict[Key, Row]:
    """The rows of gold.savings_baselines; those without one, or with a day of the baseline that changed, are fitted."""
    rows = books.baselines()
    asked = [found for found in projects if found.wrong is None and _may_change(found, rows, changed.get(found.key))]
    for fitted in new_baselines(books.lake, asked, dict(rows), books.known_at, books.cleaning):
        if not books.replay:
            books.publish(tables.BASELINES, fitted)
        rows |= {(row["project_id"], row["meter_id"]): row for row in fitted}
    return rows


def _may_change(found: Declared, rows: dict[Key, Row], changed: Days | None) -> bool:
    first, end = found.baseline
    return found.key not in rows or (changed is not None and changed[0] < end and changed[1] >= first)


def _with_model(found: Declared, row: Row | None) -> MeterProject:
    """The meter with its baseline's model, or with why it has none."""
    first, end = found.baseline
    model, refused = (None, []) if row is None else (model_of(row), refusal(found, row))
    if found.wrong is not None:
        model, refused = None, [found.wrong]
    return MeterProject(
        *found.key, found.meter.get("fuel"), found.meter.get("zone", "UTC"), first, end,
        found.project["reporting_start"], model, refused, found.project["expected_saving_kwh_per_year"], found.events,
    )  # fmt: skip


def _new_days(
    books: Books, found: Declared, meter: MeterProject, changed: Days | None, correction: Correction
) -> list[Row]:
    """Compute and publish the meter's days with news; all of them if the baseline may have changed."""
    if changed is None:
        return []
    last = last_whole_day(meter.zone, books.known_at)
    first, end = max(meter.reporting_start, changed[0]), min(last, changed[1])
    all_anew = changed[0] < meter.baseline_end
    if all_anew:
        first, end = meter.reporting_start, last
    rows: list[Row] = []
    if meter.model is not None and first <= end:
        local = local_days_of(books.lake, found, first, end + DAY, books.known_at, books.cleaning)
        books.outcome.rows_in += len(local.hours)
        rows = day_rows(meter, local, *rates_of(books.lake, meter.meter_id, first, end), correction)
    if not books.replay:
        gone = books.obsolete_days(*found.key, rows) if all_anew else None
        books.publish(tables.SAVINGS, rows, gone)
    return rows


def _publish_project_days(
    books: Books, project_id: str, rows: list[Row], there: list[Row], correction: Correction
) -> None:
    """The project's own rows of the days on which a meter's row is new, from all its meters' rows."""
    dates = {row["first_date"] for row in rows}
    if books.replay or not dates:
        return
    by_day: dict[date, list[Row]] = {}
    for row in there:
        by_day.setdefault(row["first_date"], []).append(row)
    books.publish(tables.SAVINGS, [together(by_day[day], project_id, correction) for day in sorted(dates)])


def _total(meter: MeterProject, days: list[Row], last: date, correction: Correction) -> Row:
    mine = [
        row for row in days if row["meter_id"] == meter.meter_id and meter.reporting_start <= row["first_date"] <= last
    ]
    return meter_total(meter, mine, last, correction)


def _line(row: Row) -> str:
    name = "all projects" if row["project_id"] == ALL else f"project {row['project_id']}"
    if row.get("avoided_kwh") is None:
        return f"{name}: {row['state']}. {' '.join(row['reasons'][:1])}"
    low, high = row["avoided_kwh_low"], row["avoided_kwh_high"]
    return f"{name}: {row['avoided_kwh']:,.0f} kWh avoided since {row['first_date']} (90 %: {low:,.0f} to {high:,.0f})"

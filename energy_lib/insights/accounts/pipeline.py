"""The use case of jobs/account.py: account the months that the news touches, restate what differs, price tomorrow.

Progress is recorded last. What a run that was killed published before is keyed, and comes out the same again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.config import Config
from energy_lib.errors import InputMissing
from energy_lib.insights.accounts import news
from energy_lib.insights.accounts.book import Book, Row
from energy_lib.insights.accounts.groups import group_rows
from energy_lib.insights.accounts.hour_grid import month_hours
from energy_lib.insights.accounts.hours import COLUMNS, hours_of
from energy_lib.insights.accounts.month import account_month
from energy_lib.insights.accounts.references import READ, References, book_at, read_references
from energy_lib.insights.accounts.restatement import restated
from energy_lib.insights.accounts.spark.months import changed_days, gone_hours, write_months
from energy_lib.insights.accounts.tomorrow import forecast_rows
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome, conform, last_run, progress, record_progress
from energy_lib.lake.adoption import add_files, staged_files, takes_files
from energy_lib.lake.small_merge import compare
from energy_lib.lake.sql_literals import instant_sql, text_sql
from energy_lib.lake.table_files import FileSink
from energy_lib.quality import gate
from energy_lib.tables import Table, gold, silver
from energy_lib.tables.answers.accounts import ACCOUNT_FORECASTS, COSTS, EMISSIONS, HOURLY_ACCOUNTS
from energy_lib.tables.arrow import arrow_schema

JOB = "account"
WRITTEN = (HOURLY_ACCOUNTS, EMISSIONS, COSTS, ACCOUNT_FORECASTS)
# Months of meters that are computed in memory; more of them are Spark's.
FEW_MONTHS = 500
# Rows that one commit takes without Spark.
ROWS_AT_ONCE = 90_000
STANDING = "superseded_at_utc IS NULL"

MeterMonths = set[tuple[str, date]]


def account(lake: Lake, config: Config, period: Period) -> Outcome:
    """Bring hours, emissions and costs up to date, and price the forecasts of the period's origins.

    The period decides only when a statement is reported, and which forecasts are priced. Raises InputMissing if there
    are no hours yet, and GateRefused if a batch fails its suite.
    """
    version, done = lake.version(silver.HOURLY), progress(lake, JOB, silver.HOURLY)
    if version < 0:
        raise InputMissing(f"There is no table {silver.HOURLY.full_name} in {lake.root}: run clean first.")
    found = read_references(lake)
    outcome = Outcome(versions_read={table.full_name: lake.version(table) for table in (silver.HOURLY, *READ)})
    origins = period.origins(config.features.origin_hour_utc)
    first_run = done < 0 or any(lake.small_tables.empty(table) for table in (HOURLY_ACCOUNTS, EMISSIONS, COSTS))
    wanted = None if first_run else _wanted(lake, found, done, version)
    if wanted is None or wanted:
        _account_months(lake, found.book, wanted, origins[-1], outcome)
    for origin in origins:
        _price_forecasts(lake, found.book, origin, config.features.horizon_hours, outcome)
    entries = {EMISSIONS: news.as_text(found.entries)}
    record_progress(lake, JOB, {silver.HOURLY: version, EMISSIONS: lake.version(EMISSIONS)}, entries)
    outcome.versions_written = {table.full_name: lake.version(table) for table in WRITTEN}
    return outcome


def _wanted(lake: Lake, found: References, done: int, version: int) -> MeterMonths:
    """The months of meters of which an hour, or something that they are computed with, changed since the last run."""
    days = changed_days(lake, done) if done < version else set()
    touched = news.months_of_days(days, found.book.meters)
    changed = news.from_text(last_run(lake, JOB, EMISSIONS)) ^ found.entries
    if changed:
        where = f"{STANDING} AND group_kind = 'meter' AND month >= DATE '{news.earliest_month(changed)}'"
        rows = lake.small_tables.read(EMISSIONS, ["group_id", "month"], where)
        known: dict[str, set[date]] = {}
        for meter_id, month in zip(rows["group_id"].to_pylist(), rows["month"].to_pylist(), strict=True):
            known.setdefault(meter_id, set()).add(month)
        # A meter that was not known has hours already.
        new = {entry[1] for entry in changed if entry[0] == news.METER} - set(known)
        touched |= news.touched_months(changed, found.book.meters, known, found.series)
        touched |= news.months_of_days(_days_of(lake, new), found.book.meters)
    return touched


def _days_of(lake: Lake, meters: set[str]) -> Iterator[tuple[str, date]]:
    """(meter, UTC day) of all hours of these meters."""
    if not meters:
        return
    names = ", ".join(map(text_sql, sorted(meters)))
    rows = lake.small_tables.read(silver.HOURLY, ["meter_id", "interval_start_utc"], f"meter_id IN ({names})")
    days = pc.cast(rows["interval_start_utc"], pa.date32())
    pairs = pa.table({"meter": rows["meter_id"], "day": days}).group_by(["meter", "day"]).aggregate([])
    yield from zip(pairs["meter"].to_pylist(), pairs["day"].to_pylist(), strict=True)


def _account_months(lake: Lake, book: Book, wanted: MeterMonths | None, origin: datetime, outcome: Outcome) -> None:
    compute = _in_memory
    if not takes_files(lake):
        # Workers write files to a disk. In a store the months are computed here, one after the other.
        wanted = news.months_of_days(changed_days(lake, -1), book.meters) if wanted is None else wanted
    elif wanted is None or len(wanted) > FEW_MONTHS:
        compute = _by_spark
    emissions, costs = compute(lake, book, wanted, outcome)
    statements = 0
    for table, rows in ((EMISSIONS, emissions), (COSTS, costs)):
        statements += _publish_statements(lake, book, table, rows, wanted, origin, outcome)
    outcome.rows_in = len(emissions)
    outcome.lines.append(f"account: {len(emissions)} months of meters computed, {statements} statements written")


def _by_spark(lake: Lake, book: Book, wanted: MeterMonths | None, outcome: Outcome) -> tuple[list[Row], list[Row]]:
    """All hours are written once, by the workers; where there are some already, they are merged."""
    statements: list[list[Row]] = []

    def write(sink: FileSink) -> list[tuple[str, int]]:
        files, *rows = write_months(lake, book, sink, wanted)
        statements.extend(rows)
        return files

    with staged_files(lake, HOURLY_ACCOUNTS, write) as batch:
        if batch.count:
            outcome.gates.append(gate(batch.rows, HOURLY_ACCOUNTS))
            outcome.rows_out += batch.count
            if lake.small_tables.empty(HOURLY_ACCOUNTS):
                add_files(lake, HOURLY_ACCOUNTS, batch)
            else:
                obsolete = gone_hours(lake, batch.frame, wanted)
                with lake.materialized("account.gone_hours", conform(obsolete, HOURLY_ACCOUNTS)) as gone:
                    lake.upsert(HOURLY_ACCOUNTS, batch.rows, gone=gone.rows)
    return statements[0], statements[1]


def _in_memory(lake: Lake, book: Book, wanted: MeterMonths | None, outcome: Outcome) -> tuple[list[Row], list[Row]]:
    emissions: list[Row] = []
    costs: list[Row] = []
    assert wanted is not None
    for month in sorted({month for _, month in wanted}):
        meters = sorted(meter for meter, of in wanted if of == month)
        accounts = account_month(hours_of(_hours(lake, book, meters, month)), month, book)
        _publish_hours(lake, accounts.hours, meters, month, outcome)
        emissions += accounts.emissions
        costs += accounts.costs
    return emissions, costs


def _hours(lake: Lake, book: Book, meters: list[str], month: date) -> pa.Table:
    """COLUMNS of the hours of these meters' local months."""
    zones = {book.meters[meter].profile.zone for meter in meters if meter in book.meters} or {"UTC"}
    ends = [month_hours(zone, month) for zone in zones]
    first, last = (_instant(hour) for hour in (min(e[0] for e in ends), max(e[1] for e in ends) - 1))
    partitions = _dates({first.date().replace(day=1), month, last.date().replace(day=1)})
    where = (
        f"interval_month IN ({partitions}) AND interval_start_utc BETWEEN {instant_sql(first)} AND {instant_sql(last)}"
    )
    rows = lake.small_tables.read(silver.HOURLY, COLUMNS, where)
    return rows.filter(pc.is_in(rows["meter_id"], pa.array(meters, pa.string())))


def _instant(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, tz=UTC)


def _publish_hours(lake: Lake, rows: pa.Table, meters: list[str], month: date, outcome: Outcome) -> None:
    """Publish of the computed rows those that differ; rows of these meters' month that were not computed leave."""
    there = lake.small_tables.read(HOURLY_ACCOUNTS, where=f"month = DATE '{month}'")
    there = there.filter(pc.is_in(there["meter_id"], pa.array(meters, pa.string())))
    changes = compare(HOURLY_ACCOUNTS, there, rows, None, insert_only=False)
    fresh = pa.concat_tables([changes.new, changes.changed])
    gone = compare(HOURLY_ACCOUNTS, rows, there, None, insert_only=True).new
    for start in range(0, max(fresh.num_rows, gone.num_rows), ROWS_AT_ONCE):
        batch = fresh.slice(start, ROWS_AT_ONCE)
        outcome.gates.append(gate(batch, HOURLY_ACCOUNTS))
        outcome.rows_out += batch.num_rows
        lake.upsert(HOURLY_ACCOUNTS, batch, gone=gone.slice(start, ROWS_AT_ONCE))


def _publish_statements(
    lake: Lake,
    book: Book,
    table: Table,
    rows: list[Row],
    wanted: MeterMonths | None,
    origin: datetime,
    outcome: Outcome,
) -> int:
    """Publish the meters' statements and those of their groups; gives how many rows came or changed."""
    months = {row["month"] for row in rows} | {month for _, month in wanted or ()}
    where = STANDING + (f" AND month IN ({_dates(months)})" if wanted is not None else "")
    standing: list[Row] = lake.small_tables.read(table, where=where).to_pylist()
    others = [row for row in standing if row["group_kind"] == "meter" and not _is_wanted(row, wanted)]
    computed = [*rows, *group_rows(table, [*rows, *others], book.meters)]
    replaced = [row for row in standing if row["group_kind"] != "meter" or _is_wanted(row, wanted)]
    changed = restated(table, replaced, computed, origin)
    batch = pa.Table.from_pylist(changed, schema=arrow_schema(table))
    outcome.gates.append(gate(batch, table))
    lake.upsert(table, batch)
    outcome.rows_out += batch.num_rows
    return len(changed)


def _is_wanted(row: Row, wanted: MeterMonths | None) -> bool:
    return wanted is None or (row["group_id"], row["month"]) in wanted


def _dates(months: Iterable[date]) -> str:
    return ", ".join(f"DATE '{month}'" for month in sorted(months))


def _price_forecasts(lake: Lake, book: Book, origin: datetime, horizon_hours: int, outcome: Outcome) -> None:
    instant = instant_sql(origin)
    forecasts = lake.small_tables.read(gold.FORECASTS, where=f"origin_utc = {instant} AND run_kind = 'live'")
    month = origin.date().replace(day=1)
    there = lake.small_tables.read(ACCOUNT_FORECASTS, where=f"month = DATE '{month}' AND origin_utc = {instant}")
    if not forecasts.num_rows and not there.num_rows:
        return
    rows = forecast_rows(forecasts, month, book_at(lake.small_tables, book, origin, horizon_hours, origin))
    key = list(ACCOUNT_FORECASTS.key)
    gone = there.join(rows.select(key), key, join_type="left anti").select(there.column_names)
    outcome.gates.append(gate(rows, ACCOUNT_FORECASTS))
    outcome.rows_out += rows.num_rows
    lake.upsert(ACCOUNT_FORECASTS, rows, gone=gone)
    outcome.lines.append(f"account: {rows.num_rows} forecast hours priced as known at {origin:%Y-%m-%d %H:%M} UTC")

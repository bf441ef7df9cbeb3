"""The use case of jobs/build_features.py: read the news, compute what it touches, audit, publish."""

from __future__ import annotations

from energy_lib.config import Config
from energy_lib.features.catalog import feature_set, features_table
from energy_lib.features.spark.build import News, compute, work_of
from energy_lib.features.spark.outdated import outdated_ranges, work_in
from energy_lib.intervals import HOUR, Period, midnight_utc
from energy_lib.lake import Lake, Outcome, progress, record_progress
from energy_lib.lake.added_columns import add_missing_columns
from energy_lib.quality import gate
from energy_lib.tables import Table, ops, silver

JOB = "build_features"


def build_features(lake: Lake, config: Config, period: Period) -> Outcome:
    """Bring gold.features up to date: the period's origins, what the news touched, and rows of other declarations.

    Raises GateRefused if a batch breaks the table's rules; what was published before it stays.
    """
    named = feature_set(config.features.horizon_hours).hash
    table, job, outcome = features_table(), f"{JOB}:{named}", Outcome()
    versions = {source: lake.version(source) for source in (silver.HOURLY, silver.WEATHER) if lake.exists(source)}
    outcome.versions_read = {source.full_name: version for source, version in versions.items()}
    news = _news(lake, job)
    add_missing_columns(lake, table)
    _build(lake, config, period, news, outcome)
    # After the period's rows, which forecasts wait for. A run that was killed in between goes on where it stopped.
    _recompute_outdated(lake, config, named, outcome)
    record_progress(lake, job, versions)
    outcome.versions_written = {table.full_name: lake.version(table)}
    return outcome


def _news(lake: Lake, job: str) -> News:
    first_run = lake.books.empty(features_table()) or _dealt_with(lake, job, silver.HOURLY) < 0
    done = {table: -1 if first_run else _dealt_with(lake, job, table) for table in (silver.HOURLY, silver.WEATHER)}
    weather = (
        lake.changes(silver.WEATHER, done[silver.WEATHER])
        if lake.exists(silver.WEATHER)
        else lake.read_or_empty(silver.WEATHER)
    )
    return News(lake.changes(silver.HOURLY, done[silver.HOURLY], deleted=True), weather, first_run)


def _dealt_with(lake: Lake, job: str, table: Table) -> int:
    """Version of `table` up to which gold.features is built: by these declarations, else by any others; -1 if by none.

    Rows of other declarations are computed anew whole, so older news is of no matter to them.
    """
    own = progress(lake, job, table)
    if own >= 0:
        return own
    rows = (row for row in lake.books.rows(ops.PROGRESS) if row["job"].startswith(f"{JOB}:"))
    return max((int(row["version"]) for row in rows if row["table_name"] == table.full_name), default=-1)


def _build(lake: Lake, config: Config, period: Period, news: News, outcome: Outcome) -> None:
    table = features_table()
    work = work_of(lake, config, period, news).persist()
    rows = compute(lake, config, work)
    if rows is not None:
        with lake.staged(table, rows) as staged:
            outcome.gates.append(gate(staged, table))
            outcome.rows_out = int(outcome.gates[-1]["rows"])
            if news.first_run:
                # All there is, up to the period's end: replaced in one commit, whatever a killed run left.
                last = midnight_utc(period.last) + HOUR * config.features.origin_hour_utc
                lake.replace_where(table, staged, f"origin_utc <= TIMESTAMP '{last.isoformat()}'")
            else:
                lake.upsert(table, staged)
    work.unpersist()


def _recompute_outdated(lake: Lake, config: Config, named: str, outcome: Outcome) -> None:
    """Replace each range of origins that holds rows of other declarations, in a commit of its own."""
    table = features_table()
    for origins in outdated_ranges(lake, named, config.features.chunk_days):
        work = work_in(lake, origins).persist()
        rows = compute(lake, config, work)
        if rows is None:
            # None of these meters is registered any more.
            lake.delete(table, origins.condition)
        else:
            with lake.staged(table, rows, label="outdated") as staged:
                outcome.gates.append(gate(staged, table))
                outcome.rows_out += int(outcome.gates[-1]["rows"])
                lake.replace_where(table, staged, origins.predicate)
        work.unpersist()

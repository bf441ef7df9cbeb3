"""The use case of jobs/build_features.py: read the news, compute what it touches, audit, publish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from pyspark.sql import DataFrame

from energy_lib.config import Config
from energy_lib.features.catalog import feature_set, features_table
from energy_lib.features.spark.build import News, compute, work_of
from energy_lib.features.spark.outdated import outdated_ranges, work_in
from energy_lib.intervals import HOUR, Period, midnight_utc
from energy_lib.lake import Batch, Lake, Outcome, last_run, progress, record_progress
from energy_lib.lake.adoption import add_files, staged_files, takes_files
from energy_lib.quality import gate
from energy_lib.tables import Table, ops, silver

JOB = "build_features"
# What rows are computed from: hours, the readings under those that were corrected, and facts of meters.
READ = (silver.HOURLY, silver.READINGS, silver.WEATHER, silver.METERS, silver.BUILDINGS, silver.VIRTUAL_METERS)


def build_features(lake: Lake, config: Config, period: Period) -> Outcome:
    """Bring gold.features up to date: the period's origins, what the news touched, then rows of other declarations.

    The table gains the columns of added features with the first rows that are written. A run that was killed is
    completed by the next one. Raises GateRefused if a batch breaks the table's rules; batches before it stay published.
    """
    declarations = feature_set(config.features.horizon_hours).hash
    job, outcome, inputs = f"{JOB}:{declarations}", Outcome(), _inputs(lake, config)
    if _is_repeated(lake, job, inputs, period):
        outcome.lines.append("build_features: nothing has changed since these origins were computed")
        return outcome
    versions = {source: lake.version(source) for source in (silver.HOURLY, silver.WEATHER) if lake.exists(source)}
    outcome.versions_read = {source.full_name: version for source, version in versions.items()}
    news = _news(lake, job)
    _build_news(lake, config, period, news, outcome)
    _recompute_outdated(lake, config, declarations, outcome)
    version, first = lake.version(features_table()), date.min if news.first_run else period.first
    run = json.dumps({"inputs": inputs, "first": first.isoformat(), "last": period.last.isoformat()})
    record_progress(lake, job, {**versions, features_table(): version}, {features_table(): run})
    outcome.versions_written = {features_table().full_name: version}
    return outcome


def _inputs(lake: Lake, config: Config) -> dict[str, object]:
    """All that a row can depend on: versions of tables, and settings."""
    settings = {name: getattr(config, name).model_dump(mode="json") for name in ("features", "cleaning")}
    return {table.full_name: lake.version(table) for table in READ} | settings


def _is_repeated(lake: Lake, job: str, inputs: dict[str, object], period: Period) -> bool:
    """Whether the last run had these inputs and these origins, and nobody has written to its table since."""
    if progress(lake, job, features_table()) != lake.version(features_table()):
        return False
    run = json.loads(last_run(lake, job, features_table()) or "{}")
    if run.get("inputs") != inputs:
        return False
    return date.fromisoformat(run["first"]) <= period.first and period.last <= date.fromisoformat(run["last"])


def _news(lake: Lake, job: str) -> News:
    first_run = lake.small_tables.empty(features_table()) or _built_from(lake, job, silver.HOURLY) < 0
    built = {table: -1 if first_run else _built_from(lake, job, table) for table in (silver.HOURLY, silver.WEATHER)}
    weather = (
        lake.changes(silver.WEATHER, built[silver.WEATHER])
        if lake.exists(silver.WEATHER)
        else lake.read_or_empty(silver.WEATHER)
    )
    hourly = lake.changes(silver.HOURLY, built[silver.HOURLY], deleted=True)
    return News(hourly, weather, first_run)


def _built_from(lake: Lake, job: str, table: Table) -> int:
    """Version of `table` that gold.features was built from: by these declarations, else by any others; -1: by none.

    What came after it is news to the rows of other declarations, too; what came before, they get when recomputed.
    """
    own = progress(lake, job, table)
    if own >= 0:
        return own
    rows = [row for row in lake.small_tables.rows(ops.PROGRESS) if row["table_name"] == table.full_name]
    return max((int(row["version"]) for row in rows if row["job"].startswith(f"{JOB}:")), default=-1)


def _build_news(lake: Lake, config: Config, period: Period, news: News, outcome: Outcome) -> None:
    """Publish the period's origins and those that the news touched, in one commit."""
    work = work_of(lake, config, period, news).persist()
    if lake.small_tables.empty(features_table()) and takes_files(lake):
        with staged_files(lake, features_table(), lambda sink: _files(compute(lake, config, work, sink=sink))) as batch:
            if batch.count:
                _audit(batch, outcome)
                add_files(lake, features_table(), batch)
    elif (rows := compute(lake, config, work)) is not None:
        with _audited(lake, rows, outcome) as batch:
            if news.first_run:
                # All there is, up to the period's end: replaced in one commit, whatever a killed run left.
                last = midnight_utc(period.last) + HOUR * config.features.origin_hour_utc
                lake.replace_where(features_table(), batch.frame, f"origin_utc <= TIMESTAMP '{last.isoformat()}'")
            else:
                lake.upsert(features_table(), batch.rows)
    work.unpersist()


def _files(written: DataFrame | None) -> list[tuple[str, int]]:
    return [] if written is None else [(row["file"], row["rows"]) for row in written.collect()]


def _recompute_outdated(lake: Lake, config: Config, declarations: str, outcome: Outcome) -> None:
    """Replace each range of origins that holds rows of other declarations, in a commit of its own."""
    for origins in outdated_ranges(lake, declarations, config.features.chunk_days):
        work = work_in(lake, origins).persist()
        rows = compute(lake, config, work)
        if rows is None:
            # None of these meters is registered any more.
            lake.delete(features_table(), origins.condition)
        else:
            with _audited(lake, rows, outcome) as batch:
                lake.replace_where(features_table(), batch.frame, origins.predicate)
        work.unpersist()


@contextmanager
def _audited(lake: Lake, rows: DataFrame, outcome: Outcome) -> Iterator[Batch]:
    """A staged batch that has passed the table's gate; its result and its rows are added to the outcome."""
    with lake.staged(features_table(), rows) as batch:
        _audit(batch, outcome)
        yield batch


def _audit(batch: Batch, outcome: Outcome) -> None:
    outcome.gates.append(gate(batch.rows, features_table()))
    outcome.rows_out += int(outcome.gates[-1]["rows"])

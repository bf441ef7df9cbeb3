"""The use case behind jobs/clean.py: validate what is new in bronze, publish it to silver, update the hourly view.

Each step can be done again: a run that was killed leaves its progress unrecorded, and the next run validates the
same rows and publishes the same tables.
"""

from __future__ import annotations

import logging
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from energy_lib.cleaning.spark import hourly_view, published_rows
from energy_lib.cleaning.spark.long_readings import long_readings_over
from energy_lib.cleaning.spark.published_rows import AffectedPartitions
from energy_lib.cleaning.spark.registers_only import is_register, registers_only
from energy_lib.cleaning.spark.validation import accepted, quarantined, validate
from energy_lib.cleaning.spark.validation_scope import affected_rows, all_rows
from energy_lib.config import CleaningConfig, Config
from energy_lib.intervals import HOUR, Period, midnight_utc
from energy_lib.lake import Batch, Lake, Outcome, Rows, conform, few_or_frame, progress, record_progress
from energy_lib.lake.adoption import add_files, staged_as_files, takes_files
from energy_lib.quality import gate
from energy_lib.tables import bronze, silver

JOB = "clean"
WRITTEN = (silver.READINGS, silver.QUARANTINE, silver.HOURLY)

log = logging.getLogger(__name__)


def clean(lake: Lake, config: Config, period: Period) -> Outcome:
    """Validate the bronze rows that came since the last run, with all rows that they affect, and publish the outcome.

    The period decides nothing but the origin of the line about late readings: what is new is cleaned, whatever its
    date. Raises GateRefused if a batch fails its suite, and NotConserved if a raw row is not in exactly one place.
    """
    bronze_version, meters_version = lake.version(bronze.READINGS), lake.version(silver.METERS)
    last_version = progress(lake, JOB, bronze.READINGS)
    # Only new meters release rows. The quarantine grows, so it is read only if there are some.
    new_meters = meters_version != progress(lake, JOB, silver.METERS)
    new_rows = rows_to_clean(lake, last_version, bronze_version, new_meters=new_meters)
    origin = midnight_utc(period.last) + HOUR * config.features.origin_hour_utc
    outcome = Outcome(versions_read={bronze.READINGS.full_name: bronze_version})
    outcome.rows_in, past, late = count_late_readings(new_rows, origin)
    log.info("%d new bronze rows since version %d", outcome.rows_in, last_version)
    if outcome.rows_in:
        # As of the version that was looked at: streams append to bronze meanwhile.
        raw_rows = lake.read(bronze.READINGS, bronze_version)
        validate_and_publish(lake, new_rows, raw_rows, config.cleaning, outcome, first_run=last_version < 0)
    record_progress(lake, JOB, {bronze.READINGS: bronze_version, silver.METERS: meters_version})
    outcome.versions_written = {table.full_name: lake.version(table) for table in WRITTEN}
    outcome.lines.append(f"clean: {outcome.rows_in} rows of news, {outcome.rows_out} hourly rows looked at")
    outcome.lines += late_readings_lines(origin, past, late)
    return outcome


def rows_to_clean(lake: Lake, last_version: int, version: int, *, new_meters: bool) -> DataFrame:
    """Bronze rows that came after `last_version` up to `version`, and those that waited for a meter now known."""
    new_rows = lake.changes(bronze.READINGS, last_version, until=version)
    waiting = published_rows.rows_of_new_meters(lake) if new_meters else None
    if waiting is None:
        return new_rows
    return new_rows.unionByName(waiting).dropDuplicates(list(bronze.READINGS.key))


def count_late_readings(new_rows: DataFrame, origin: datetime) -> tuple[int, int, int]:
    """Rows; readings among them from before the origin; of these, those known only after it."""
    past = F.col("interval_start_utc") < origin
    counts = (F.count("*"), F.count_if(past), F.count_if(past & (F.col("available_at_utc") > origin)))
    row = new_rows.agg(*counts).first()
    assert row is not None
    return row[0], row[1], row[2]


def late_readings_lines(origin: datetime, past: int, late: int) -> list[str]:
    """A line if most of the past came too late for the origin: as a rule, old files copied in today."""
    if late * 2 <= past:
        return []
    return [
        f"{late:,} of {past:,} new readings from before {origin:%Y-%m-%d %H:%M} UTC became known only after it, so "
        "that no forecast of that origin uses them: if they are an archive, say so in the source's YAML by "
        "`available: {after_interval_end_minutes: 0}` (docs/sources.md)."
    ]


def validate_and_publish(
    lake: Lake,
    new_rows: DataFrame,
    raw_rows: DataFrame,
    settings: CleaningConfig,
    outcome: Outcome,
    *,
    first_run: bool,
) -> None:
    """Validate the new rows and those of `raw_rows` they affect, publish both, prove none lost, update hours."""
    meters = lake.read_or_empty(silver.METERS).where(is_register())
    scope = all_rows(new_rows) if first_run else affected_rows(new_rows, raw_rows, settings)
    with lake.materialized("clean.validated", validate(scope, meters, settings)) as batch:
        validated = batch.frame
        partitions = published_rows.affected_partitions(validated, scope)
        readings = conform(accepted(validated), silver.READINGS)
        gone = published_rows.replaced_readings(lake, readings, validated, partitions)
        with lake.materialized("clean.replaced", gone) as replaced:
            publish(lake, readings, batch, replaced, partitions, outcome)
            proof = published_rows.prove_conservation(lake, new_rows, validated, None if first_run else partitions)
            outcome.gates.append(proof)
            outcome.lines.append(f"clean: each of the {proof['rows']:,} raw rows judged is in exactly one place")
            changed = changed_intervals(lake, validated, replaced.frame, first_run=first_run)
            update_hourly_view(lake, changed, settings, outcome, first_run=first_run)


def publish(
    lake: Lake,
    readings: DataFrame,
    validated: Batch,
    replaced: Batch,
    partitions: AffectedPartitions,
    outcome: Outcome,
) -> None:
    """Gate and publish the accepted readings, then the rejected rows; both MERGEs are keyed."""

    def few(rows: DataFrame) -> Rows:
        return few_or_frame(rows, validated.count)

    has_readings = lake.exists(silver.READINGS)
    published = few(readings)
    outcome.gates.append(gate(published, silver.READINGS))
    lake.upsert(silver.READINGS, published, gone=replaced.rows if has_readings else None)
    released = published_rows.released_from_quarantine(lake, readings, partitions) if has_readings else None
    rejected = conform(quarantined(validated.frame), silver.QUARANTINE)
    lake.upsert(silver.QUARANTINE, few(rejected), gone=None if released is None else few(released))


def changed_intervals(lake: Lake, validated: DataFrame, replaced: DataFrame, *, first_run: bool) -> DataFrame:
    """meter_id, interval_start_utc, interval_minutes of what came, changed or went, and of long readings over it."""
    # Of a rejected row the length says nothing; what it was as a reading is among the replaced ones.
    length = F.when(F.col("rule_id").isNull(), F.col("interval_minutes")).alias("interval_minutes")
    placed = validated.where("meter_id IS NOT NULL AND interval_start_utc IS NOT NULL")
    changed = placed.select("meter_id", "interval_start_utc", length)
    changed = changed.unionByName(replaced.select(*changed.columns))
    if first_run:
        return changed
    return changed.unionByName(long_readings_over(lake.read(silver.READINGS), changed))


def update_hourly_view(
    lake: Lake, changed: DataFrame, settings: CleaningConfig, outcome: Outcome, *, first_run: bool
) -> None:
    """Compute anew the hours that the `changed` intervals can have changed (see changed_intervals)."""
    chunk_hours = hourly_view.BULK_CHUNK_HOURS if first_run else hourly_view.NIGHT_CHUNK_HOURS
    affected = hourly_view.affected_hours(changed, chunk_hours, settings, published_rows.last_reading_hour(lake))
    if affected is None:
        return
    rows = hourly_view.hourly_rows(lake.read(silver.READINGS), affected, settings)
    if first_run and lake.small_tables.empty(silver.HOURLY) and takes_files(lake):
        with staged_as_files(lake, silver.HOURLY, rows.repartition("interval_month")) as hours:
            _audit_hours(hours, outcome)
            add_files(lake, silver.HOURLY, hours)
    else:
        with lake.staged(silver.HOURLY, rows.repartition("interval_month") if first_run else rows) as hours:
            _audit_hours(hours, outcome)
            # A reading by the id of a virtual meter is rejected, and changes none of its hours.
            published = registers_only(lake, lake.read_or_empty(silver.HOURLY))
            obsolete = hourly_view.obsolete_hours(published, affected, hours.frame)
            with lake.materialized("clean.obsolete_hours", conform(obsolete, silver.HOURLY)) as gone:
                lake.upsert(silver.HOURLY, hours.rows, gone=gone.rows)
    affected.meter_hours.unpersist()


def _audit_hours(hours: Batch, outcome: Outcome) -> None:
    result = gate(hours.rows, silver.HOURLY)
    outcome.gates.append(result)
    outcome.rows_out = result["rows"]

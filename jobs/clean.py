"""Clean (VEE): what is new in bronze.readings → silver.readings, silver.quarantine, silver.hourly_readings."""

from __future__ import annotations

import sys
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.cleaning.spark import existing_rows as news
from energy_lib.cleaning.spark import hourly as hourly_frames
from energy_lib.cleaning.spark import judgement as judge
from energy_lib.cleaning.spark import scope
from energy_lib.config import CleaningConfig, Config
from energy_lib.entry import main
from energy_lib.intervals import HOUR, Period, midnight_utc
from energy_lib.lake import Lake, Outcome, conform, progress, record_progress
from energy_lib.quality import gate
from energy_lib.tables import bronze, silver

JOB = "clean"


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Judge the rows that came since the last run, and whatever they touch, whatever the period."""
    lake = Lake(spark, config.lake)
    version = lake.version(bronze.READINGS)
    outcome = Outcome(versions_read={bronze.READINGS.full_name: version})
    seen, registered = progress(lake, JOB, bronze.READINGS), lake.version(silver.METERS)
    found = lake.changes(bronze.READINGS, seen)
    # Only new meters release rows: the quarantine, which grows, is looked through when there are some.
    released = news.released(lake) if registered != progress(lake, JOB, silver.METERS) else None
    if released is not None:
        found = found.unionByName(released).dropDuplicates(list(bronze.READINGS.key))
    origin = midnight_utc(period.last) + HOUR * config.features.origin_hour_utc
    outcome.rows_in, past, late = counted(found, origin)
    if outcome.rows_in:
        settings, meters = config.cleaning, lake.read_or_empty(silver.METERS)
        part = scope.everything(found) if seen < 0 else scope.touched(found, lake.read(bronze.READINGS), settings)
        with lake.aside("clean.judged", judge.judge(part, meters, settings)) as judged:
            where = news.whereabouts(judged, part)
            publish(lake, judged, where, outcome)
            proof = news.proof(lake, found, judged, None if seen < 0 else where)
            outcome.gates.append(proof)
            outcome.lines.append(f"clean: each of the {proof['rows']:,} raw rows judged is in exactly one place")
            estimate(lake, judged, settings, outcome, bulk=seen < 0)
    record_progress(lake, JOB, {bronze.READINGS: version, silver.METERS: registered})
    for table in (silver.READINGS, silver.QUARANTINE, silver.HOURLY):
        outcome.versions_written[table.full_name] = lake.version(table)
    outcome.lines.append(f"clean: {outcome.rows_in} rows of news, {outcome.rows_out} hourly rows looked at")
    outcome.lines += late_lines(origin, past, late)
    return outcome


def counted(found: DataFrame, origin: datetime) -> tuple[int, int, int]:
    """Rows; readings among them from before the origin; of these, those known only after it."""
    past = F.col("interval_start_utc") < origin
    counts = (F.count("*"), F.count_if(past), F.count_if(past & (F.col("available_at_utc") > origin)))
    row = found.agg(*counts).first()
    assert row is not None
    return row[0], row[1], row[2]


def late_lines(origin: datetime, past: int, late: int) -> list[str]:
    """A line if most of the past came too late for the origin: as a rule, old files copied in today."""
    if late * 2 <= past:
        return []
    return [
        f"{late:,} of {past:,} new readings from before {origin:%Y-%m-%d %H:%M} UTC became known only after it, so "
        "that no forecast of that origin uses them: if they are an archive, say so in the source's YAML by "
        "`available: {after_interval_end_minutes: 0}` (docs/sources.md)."
    ]


def publish(lake: Lake, judged: DataFrame, where: news.Whereabouts, outcome: Outcome) -> None:
    """Readings first, then what was rejected: each step can be done again."""
    fresh = not lake.exists(silver.READINGS)
    accepted = conform(judge.accepted(judged), silver.READINGS)
    outcome.gates.append(gate(accepted, silver.READINGS))
    moved = None if fresh else news.moved(lake, accepted, judged, where)
    lake.upsert(silver.READINGS, accepted, gone=moved)
    readmitted = None if fresh else news.readmitted(lake, accepted, where)
    lake.upsert(silver.QUARANTINE, judge.quarantined(judged), gone=readmitted)


def estimate(lake: Lake, judged: DataFrame, settings: CleaningConfig, outcome: Outcome, *, bulk: bool) -> None:
    """The hours that the judged rows can have moved; a rejected one may have been a reading until now."""
    chunk = hourly_frames.BULK_CHUNK_HOURS if bulk else hourly_frames.NIGHT_CHUNK_HOURS
    placed = judged.where("meter_id IS NOT NULL AND interval_start_utc IS NOT NULL")
    targets = hourly_frames.targets_of(placed, chunk, settings, news.last_hour(lake))
    if targets is None:
        return
    hours = hourly_frames.hourly_rows(lake.read(silver.READINGS), targets, settings)
    with lake.staged(silver.HOURLY, hours.repartition("interval_month") if bulk else hours) as staged_hours:
        verdict = gate(staged_hours, silver.HOURLY)
        outcome.gates.append(verdict)
        outcome.rows_out = verdict["rows"]
        gone = hourly_frames.vanished(lake.read_or_empty(silver.HOURLY), targets, staged_hours)
        with lake.aside("clean.vanished", conform(gone, silver.HOURLY)) as vanished:
            lake.upsert(silver.HOURLY, staged_hours, gone=vanished)
    targets.frame.unpersist()


if __name__ == "__main__":
    sys.exit(main(JOB, "Clean what is new in bronze into silver, and estimate the gaps of the hourly view.", run))

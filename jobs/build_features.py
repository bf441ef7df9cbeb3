"""Features: what was known at each origin, for the (meter, origin)s that the news touched and for the period's."""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import main
from energy_lib.features import feature_set, features_table
from energy_lib.features.spark.build import News, compute, require_same_columns, work_of
from energy_lib.intervals import HOUR, Period, midnight_utc
from energy_lib.lake import Lake, Outcome, progress, record_progress
from energy_lib.quality import gate
from energy_lib.tables import silver


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    lake = Lake(spark, config.lake)
    # A changed declaration is another job's progress: everything is news to it.
    job = f"build_features:{feature_set(config.features.horizon_hours).hash}"
    table, outcome = features_table(), Outcome()
    versions = {source: lake.version(source) for source in (silver.HOURLY, silver.WEATHER) if lake.exists(source)}
    outcome.versions_read = {source.full_name: version for source, version in versions.items()}
    done = progress(lake, job, silver.HOURLY)
    news = News(
        lake.changes(silver.HOURLY, done, deleted=True),
        lake.changes(silver.WEATHER, progress(lake, job, silver.WEATHER))
        if silver.WEATHER in versions
        else lake.read_or_empty(silver.WEATHER),
        first_run=done < 0,
    )
    require_same_columns(lake, table)
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
    record_progress(lake, job, versions)
    outcome.versions_written = {table.full_name: lake.version(table)}
    return outcome


if __name__ == "__main__":
    sys.exit(main("build_features", "Compute the features that the news touched and the period needs.", run))

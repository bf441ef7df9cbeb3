"""A night, whole: every job for each day of the period, in order, resuming where a killed run stopped.

Each step does only what is not done yet, so running a night again finishes it or changes nothing. A training that
fails costs no forecasts: those of the last champion (or the fallbacks) are made, then its error ends the night.
"""

from __future__ import annotations

import sys
import time
import uuid

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import Run, ledgered, main
from energy_lib.errors import InputMissing
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.quality import preload, write_data_docs
from energy_lib.registry.versions import training_due
from jobs import aggregate, build_features, clean, evaluate, forecast, ingest, train, write_shards

ALWAYS: tuple[tuple[str, Run], ...] = (
    ("ingest", ingest.run),
    ("clean", clean.run),
    ("build_features", build_features.run),
)
WHEN_DUE: tuple[tuple[str, Run], ...] = (
    ("write_shards", write_shards.run),
    ("train", train.run),
)
AFTER: tuple[tuple[str, Run], ...] = (
    ("forecast", forecast.run),
    ("aggregate", aggregate.run),
    ("evaluate", evaluate.run),
)


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    preload()
    lake = Lake(spark, config.lake)
    whole = Outcome()
    try:
        failures = [night(lake, config, Period.day(day), whole) for day in period.days()]
    finally:
        # A refused batch is what people will want to look at.
        whole.lines.append(f"What the gates found is in {write_data_docs(lake)}.")
    whole.lines.append(f"The tables are in {config.lake}; query them with jobs/sql.py.")
    for failure in filter(None, failures):
        # What the night gave all the same; its exit code is the training's.
        print(*whole.lines, sep="\n")
        raise failure
    return whole


def night(lake: Lake, config: Config, period: Period, whole: Outcome) -> Exception | None:
    """One day's steps; returns what its training failed by, for the caller to raise."""
    for name, step in ALWAYS:
        timed(lake, config, period, name, step, whole)
    failure = trained(lake, config, period, whole) if training_due(config, period) else None
    for name, step in AFTER:
        timed(lake, config, period, name, step, whole)
    return failure


def trained(lake: Lake, config: Config, period: Period, whole: Outcome) -> Exception | None:
    """Train; what fails it is returned, but a lack of history is said and left for a later night."""
    try:
        for name, step in WHEN_DUE:
            timed(lake, config, period, name, step, whole)
    except InputMissing as lack:
        whole.lines.append(f"No training on {period}: {lack}")
    except Exception as failure:
        say(f"{period} has no new model: {failure}")
        return failure
    return None


def timed(lake: Lake, config: Config, period: Period, name: str, step: Run, whole: Outcome) -> None:
    """Run a step with its own row in ops.runs, and say how long it took."""
    begun = time.monotonic()
    say(f"{period} {name} …")
    outcome = ledgered(name, lake, config, period, step, f"{name}-{period}-{uuid.uuid4().hex[:8]}")
    say(f"{period} {name}: {outcome.rows_in:,} rows in, {outcome.rows_out:,} out, {time.monotonic() - begun:.1f} s")
    whole.rows_in += outcome.rows_in
    whole.rows_out += outcome.rows_out
    whole.versions_written.update(outcome.versions_written)
    whole.lines += outcome.lines


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main("nightly", "Run a night: landing files to forecasts and scores.", run))

"""A night: every job for each day of the period, in order. A rerun finishes a killed night, or changes nothing.

A training that fails costs no forecasts: those of the last champion (or the fallbacks) are made, then its error ends
the night.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import Run, main, new_run_id, run_and_record
from energy_lib.errors import InputMissing
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.quality import preload, write_data_docs
from energy_lib.registry.versions import training_due
from jobs import (
    account,
    aggregate,
    build_features,
    clean,
    detect,
    evaluate,
    forecast,
    ingest,
    recommend,
    schedule,
    train,
    write_shards,
)

JOB = "nightly"

log = logging.getLogger(f"jobs.{JOB}")


@dataclass(frozen=True, slots=True)
class Step:
    """A job of the night. Steps of the training run only on days on which one is due, and may fail."""

    job: str
    run: Run
    training: bool = False


STEPS = (
    Step("ingest", ingest.run),
    Step("clean", clean.run),
    Step("build_features", build_features.run),
    Step("write_shards", write_shards.run, training=True),
    Step("train", train.run, training=True),
    Step("forecast", forecast.run),
    Step("aggregate", aggregate.run),
    Step("evaluate", evaluate.run),
    Step("detect", detect.run),
    Step("account", account.run),
    Step("recommend", recommend.run),
    Step("schedule", schedule.run),
)


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """All steps of each day; the outcome sums theirs. Raises the first failure of a training, after the last day."""
    preload()
    lake = Lake(spark, config.lake)
    total = Outcome()
    try:
        failures = [run_day(lake, config, Period.day(day), total) for day in period.days()]
    finally:
        # Also of a night that a gate refused: its results say why.
        total.lines.append(f"What the gates found is in {write_data_docs(lake)}.")
    total.lines.append(f"The tables are in {config.lake}; query them with jobs/sql.py.")
    for failure in filter(None, failures):
        # The night's answer, which the entry does not print of a run that fails.
        print(*total.lines, sep="\n")
        raise failure
    return total


def run_day(lake: Lake, config: Config, day: Period, total: Outcome) -> Exception | None:
    """One day's steps, added to `total`; returns the failure of its training, for the caller to raise."""
    failure = None
    for training, steps in groupby(STEPS, key=lambda step: step.training):
        if not training:
            run_steps(steps, lake, config, day, total)
        else:
            failure = run_training(steps, lake, config, day, total)
    return failure


def run_training(steps: Iterable[Step], lake: Lake, config: Config, day: Period, total: Outcome) -> Exception | None:
    """If a training is due, run it and return its failure. Too little history is none: a later night trains."""
    try:
        if not training_due(config, day):
            return None
        run_steps(steps, lake, config, day, total)
    except InputMissing as missing:
        total.lines.append(f"No training on {day}: {missing}")
    except Exception as failure:
        log.error("%s has no new model: %s", day, failure)
        return failure
    return None


def run_steps(steps: Iterable[Step], lake: Lake, config: Config, day: Period, total: Outcome) -> None:
    """Run the steps, each with its own row in ops.runs, and add their outcomes to `total`."""
    for step in steps:
        outcome = run_and_record(step.job, lake, config, day, step.run, new_run_id(step.job, day))
        total.rows_in += outcome.rows_in
        total.rows_out += outcome.rows_out
        total.versions_written.update(outcome.versions_written)
        total.lines += outcome.lines


if __name__ == "__main__":
    sys.exit(main(JOB, "Run a night: landing files to forecasts and scores.", run))

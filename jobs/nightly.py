"""A night: every job for each day of the period, in order. A rerun finishes a killed night, or changes nothing.

A training that fails costs no forecasts: those of the last champion (or the fallbacks) are made. An answer that fails
costs no other answer. The first such error ends the night, after its last day.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import Run, new_run_id, run_and_record, run_job
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
    report,
    schedule,
    summarize_areas,
    train,
    verify_savings,
    write_shards,
)

JOB = "nightly"

log = logging.getLogger(f"jobs.{JOB}")


class Kind(Enum):
    """What a failure of the step costs: the night, the new model, or this answer alone.

    Steps of the training run only on days on which one is due.
    """

    NEEDED = auto()
    TRAINING = auto()
    ANSWER = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """A job of the night."""

    job: str
    run: Run
    kind: Kind = Kind.NEEDED


STEPS = (
    Step("ingest", ingest.run),
    Step("clean", clean.run),
    Step("build_features", build_features.run),
    Step("write_shards", write_shards.run, Kind.TRAINING),
    Step("train", train.run, Kind.TRAINING),
    Step("forecast", forecast.run),
    Step("aggregate", aggregate.run),
    Step("evaluate", evaluate.run),
    Step("detect", detect.run, Kind.ANSWER),
    Step("account", account.run, Kind.ANSWER),
    Step("verify_savings", verify_savings.run, Kind.ANSWER),
    Step("recommend", recommend.run, Kind.ANSWER),
    Step("schedule", schedule.run, Kind.ANSWER),
    Step("summarize_areas", summarize_areas.run, Kind.ANSWER),
)
# Of the last day alone: a page of a day that is over before the next one begins is read by nobody.
REPORT = Step("report", report.run, Kind.ANSWER)


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """All steps of each day; the outcome sums theirs. Raises the first failure of a training or answer at the end."""
    preload()
    lake = Lake(spark, config.lake)
    total = Outcome()
    failures: list[Exception] = []
    try:
        for day in period.days():
            failures += run_day(lake, config, Period.day(day), total)
    finally:
        # Also of a night that a gate refused: its results say why.
        total.lines.append(f"What the gates found is in {write_data_docs(lake)}.")
    total.lines.append(f"The tables are in {config.lake}; query them with jobs/sql.py.")
    failures += run_answers([REPORT], lake, config, Period.day(period.last), total)
    if failures:
        # The night's answer, which the entry does not print of a run that fails.
        print(*total.lines, sep="\n")
        raise failures[0]
    return total


def run_day(lake: Lake, config: Config, day: Period, total: Outcome) -> list[Exception]:
    """One day's steps, added to `total`; returns the failures that cost the night nothing else."""
    failures: list[Exception] = []
    for kind, steps in groupby(STEPS, key=lambda step: step.kind):
        match kind:
            case Kind.NEEDED:
                run_steps(steps, lake, config, day, total)
            case Kind.TRAINING:
                failures += run_training(steps, lake, config, day, total)
            case Kind.ANSWER:
                failures += run_answers(steps, lake, config, day, total)
    return failures


def run_training(steps: Iterable[Step], lake: Lake, config: Config, day: Period, total: Outcome) -> list[Exception]:
    """If a training is due, run it and return its failure, if any. Too little history is none: a later night trains."""
    try:
        if not training_due(config, day):
            return []
        run_steps(steps, lake, config, day, total)
    except InputMissing as missing:
        total.lines.append(f"No training on {day}: {missing}")
    except Exception as failure:
        log.error("%s has no new model: %s", day, failure)
        return [failure]
    return []


def run_answers(steps: Iterable[Step], lake: Lake, config: Config, day: Period, total: Outcome) -> list[Exception]:
    """Each answer, whatever became of the others; returns the failures."""
    failures: list[Exception] = []
    for step in steps:
        try:
            run_steps([step], lake, config, day, total)
        except Exception as failure:
            log.error("%s is not answered for %s: %s", step.job, day, failure)
            failures.append(failure)
    return failures


def run_steps(steps: Iterable[Step], lake: Lake, config: Config, day: Period, total: Outcome) -> None:
    """Run the steps, each with its own row in ops.runs, and add their outcomes to `total`."""
    for step in steps:
        outcome = run_and_record(step.job, lake, config, day, step.run, new_run_id(step.job, day))
        total.rows_in += outcome.rows_in
        total.rows_out += outcome.rows_out
        total.versions_written.update(outcome.versions_written)
        total.lines += outcome.lines


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(JOB, "Run a night: landing files to forecasts and scores.", run, argv)


if __name__ == "__main__":
    sys.exit(main())

"""How every job starts and ends: arguments, config, Spark, the writer's lease, the ledger, the exit code."""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import TYPE_CHECKING

from energy_lib.config import Config, Origins, describe
from energy_lib.errors import BadConfig, GateRefused
from energy_lib.intervals import Period, parse_day
from energy_lib.lake.environment import environment_error
from energy_lib.lake.log_check import require_whole_logs, require_writable
from energy_lib.lake.outcome import Outcome
from energy_lib.models.config import load_config
from energy_lib.run_log import configure_logging, run_fields
from energy_lib.security.secrets import without_passwords

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from energy_lib.lake import Lake

Run = Callable[["SparkSession", Config, Period], Outcome]
BUG = 70

log = logging.getLogger(__name__)


def parser(job: str, summary: str) -> argparse.ArgumentParser:
    """The arguments all jobs share; a job may add its own."""
    arguments = argparse.ArgumentParser(prog=f"jobs/{job}.py", description=summary)
    arguments.add_argument("--config", help="YAML file, for instance conf/local.yaml")
    arguments.add_argument("--set", action="append", default=[], metavar="key=value", help="override a config key")
    arguments.add_argument("--date", help="the day, YYYY-MM-DD (default: today in UTC)")
    arguments.add_argument("--from", dest="first", help="first day of a period")
    arguments.add_argument("--to", dest="last", help="last day of a period")
    arguments.add_argument("--print-config", action="store_true", help="show what is in force and where it came from")
    return arguments


def period_of(arguments: argparse.Namespace) -> Period:
    """`--date D`, or `--from D --to D`, or today: the only place that asks the clock for a day."""
    if arguments.date and (arguments.first or arguments.last):
        raise BadConfig("--date and --from/--to exclude each other: give one of them.")
    if bool(arguments.first) != bool(arguments.last):
        raise BadConfig("--from and --to go together: give both.")
    if arguments.first:
        return Period(parse_day(arguments.first), parse_day(arguments.last))
    return Period.day(parse_day(arguments.date) if arguments.date else datetime.now(UTC).date())


def start(
    job: str,
    arguments: argparse.Namespace,
    run: Run,
    *,
    writes: bool = True,
) -> int:
    """Run a job and return its exit code; `writes` jobs take the lease and leave a row in ops.runs.

    The outcome's lines go to stdout; log lines, and the one sentence of an error, to stderr.
    """

    from energy_lib.lake.session import open_session, require_nameable

    def with_spark(config: Config) -> Outcome:
        period = period_of(arguments)
        if writes:
            require_writable(config.lake)
        spark = open_session(config.spark)
        require_nameable(spark, config.lake)
        return (run_with_lease if writes else run_without_record)(job, spark, config, period, run)

    return _ended(job, arguments, with_spark)


def start_stream(
    job: str,
    description: str,
    work: Callable[[SparkSession, Config, Sequence[str], bool], Outcome],
    argv: Sequence[str] | None,
) -> int:
    """Parse the arguments of a stream's job and run it: `work` is given the sources' names, and whether to end."""
    arguments = parser(job, description)
    arguments.add_argument("--source", metavar="NAME", action="append", required=True, help="source of format kafka")
    arguments.add_argument("--available-now", action="store_true", help="read what is there now, and end")
    options = arguments.parse_args(argv)

    def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
        return work(spark, config, options.source, options.available_now)

    return start(job, options, run, writes=False)


def start_without_spark(job: str, arguments: argparse.Namespace, work: Callable[[Config], Outcome]) -> int:
    """Run a job that needs no Spark, and return its exit code; output as of `start`."""
    return _ended(job, arguments, work)


def try_without_spark(job: str, arguments: argparse.Namespace, ask: Callable[[Config], Outcome | None]) -> int | None:
    """Run a job without Spark if `ask` has the answer, and return its exit code; None if it leaves it to Spark."""
    is_left = False

    def answer(config: Config) -> Outcome:
        nonlocal is_left
        outcome = ask(config)
        is_left = outcome is None
        return outcome or Outcome()

    code = _ended(job, arguments, answer)
    return None if is_left else code


def _ended(job: str, arguments: argparse.Namespace, work: Callable[[Config], Outcome]) -> int:
    """Load the config and print it, or do the work: its lines, or the one sentence of an error, and the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A letter that the locale's encoding lacks costs no answer.
            stream.reconfigure(errors="backslashreplace")
    configure_logging()
    lake = "the lake"
    try:
        config, origins = load_config(arguments.config, arguments.set)
        lake = config.lake
        if arguments.print_config:
            outcome = _printed(config, origins)
        else:
            require_whole_logs(lake)
            outcome = work(config)
        for line in outcome.lines:
            print(line)
        return 0
    except Exception as error:
        mendable = environment_error(error, lake)
        if mendable is not None:
            print(f"{job}: {without_passwords(str(mendable))}", file=sys.stderr)
            return mendable.exit_code
        print(without_passwords(traceback.format_exc()), end="", file=sys.stderr)
        print(f"{job}: this is a bug: please report it with the lines above.", file=sys.stderr)
        return BUG


def _printed(config: Config, origins: Origins) -> Outcome:
    """Every value in force, and where it came from; of Spark's, those that it gets under spark-submit."""
    from energy_lib.lake.session import overridden_settings

    return Outcome(lines=[describe(config, origins, overridden_settings(config.spark))])


def new_run_id(job: str, period: Period) -> str:
    return f"{job}-{period}-{uuid.uuid4().hex[:8]}"


def run_without_record(job: str, spark: SparkSession, config: Config, period: Period, run: Run) -> Outcome:
    """Run a job that only reads: no lease, no row in ops.runs."""
    with run_fields(job, new_run_id(job, period), period):
        return run(spark, config, period)


def run_with_lease(job: str, spark: SparkSession, config: Config, period: Period, run: Run) -> Outcome:
    """Run under the writer's lease; success and failure both leave a row in ops.runs."""
    from energy_lib.lake import Lake, writer_lease

    lake = Lake(spark, config.lake)
    run_id = new_run_id(job, period)
    with writer_lease(lake, run_id):
        return run_and_record(job, lake, config, period, run, run_id)


def run_and_record(job: str, lake: Lake, config: Config, period: Period, run: Run, run_id: str) -> Outcome:
    """Run, log its start and end, and write its row in ops.runs. The caller holds the lease.

    What the run raises is recorded as its error and raised again.
    """
    from energy_lib.lake.run_ledger import record_run

    started_at, started = datetime.now(UTC), time.monotonic()

    def record(status: str, outcome: Outcome, error: str | None = None) -> None:
        level = logging.INFO if error is None else logging.ERROR
        seconds = time.monotonic() - started
        log.log(level, "%s: %d rows in, %d out, %.1f s", status, outcome.rows_in, outcome.rows_out, seconds)
        record_run(
            lake,
            run_id=run_id,
            job=job,
            period=period,
            status=status,
            started_at=started_at,
            finished_at=datetime.now(UTC),
            outcome=outcome,
            error=error,
        )

    with run_fields(job, run_id, period):
        log.info("started")
        try:
            outcome = run(lake.spark, config, period)
        except GateRefused as error:
            record("refused", Outcome(gates=[error.result] if error.result else []), str(error))
            raise
        except Exception as error:
            sentence = without_passwords(str(environment_error(error, config.lake) or error))
            record("failed", Outcome(), sentence[:2000])
            raise
        record("succeeded", outcome)
        return outcome


def run_job(job: str, summary: str, run: Run, argv: Sequence[str] | None = None, *, writes: bool = True) -> int:
    """A job without arguments of its own."""
    return start(job, parser(job, summary).parse_args(argv), run, writes=writes)

"""How every job starts and ends: arguments, config, Spark, the writer's lease, the ledger, the exit code."""

from __future__ import annotations

import argparse
import sys
import traceback
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from energy_lib.config import Config, describe
from energy_lib.errors import BadConfig, EnergyError, GateRefused
from energy_lib.intervals import Period, parse_day
from energy_lib.lake import Lake, Outcome, open_session, overruled, record_run, writer_lease
from energy_lib.models.config import load_config

Run = Callable[[SparkSession, Config, Period], Outcome]
BUG = 70


def parser(job: str, summary: str) -> argparse.ArgumentParser:
    """The arguments all jobs share; a job may add its own."""
    made = argparse.ArgumentParser(prog=f"jobs/{job}.py", description=summary)
    made.add_argument("--config", help="YAML file, for instance conf/local.yaml")
    made.add_argument("--set", action="append", default=[], metavar="key=value", help="override a config key")
    made.add_argument("--date", help="the day, YYYY-MM-DD (default: today in UTC)")
    made.add_argument("--from", dest="first", help="first day of a period")
    made.add_argument("--to", dest="last", help="last day of a period")
    made.add_argument("--print-config", action="store_true", help="show what is in force and where it came from")
    return made


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
    """Run a job and return its exit code; `writes` jobs take the lease and leave a row in ops.runs."""
    try:
        config, origins = load_config(arguments.config, arguments.set)
        if arguments.print_config:
            print(describe(config, origins, overruled(config.spark)))
            return 0
        period = period_of(arguments)
        spark = open_session(config.spark)
        outcome = recorded(job, spark, config, period, run) if writes else run(spark, config, period)
        for line in outcome.lines:
            print(line)
        return 0
    except EnergyError as error:
        print(f"{job}: {error}", file=sys.stderr)
        return error.exit_code
    except Exception:
        traceback.print_exc()
        print(f"{job}: this is a bug: please report it with the lines above.", file=sys.stderr)
        return BUG


def recorded(job: str, spark: SparkSession, config: Config, period: Period, run: Run) -> Outcome:
    """Run under the writer's lease; success and failure both leave a row in ops.runs."""
    lake = Lake(spark, config.lake)
    run_id = f"{job}-{period}-{uuid.uuid4().hex[:8]}"
    with writer_lease(lake, run_id):
        return ledgered(job, lake, config, period, run, run_id)


def ledgered(job: str, lake: Lake, config: Config, period: Period, run: Run, run_id: str) -> Outcome:
    """Run and write the ledger's row (the caller holds the lease)."""
    started_at = datetime.now(UTC)

    def leave(status: str, outcome: Outcome, error: str | None = None) -> None:
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

    try:
        outcome = run(lake.spark, config, period)
    except GateRefused as error:
        leave("refused", Outcome(gates=[error.result] if error.result else []), str(error))
        raise
    except Exception as error:
        leave("failed", Outcome(), str(error)[:2000])
        raise
    leave("succeeded", outcome)
    return outcome


def main(job: str, summary: str, run: Run, argv: Sequence[str] | None = None, *, writes: bool = True) -> int:
    """A job without arguments of its own."""
    return start(job, parser(job, summary).parse_args(argv), run, writes=writes)

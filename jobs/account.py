"""Account: hours, factors, tariffs → gold.hourly_accounts, gold.emissions, gold.costs, gold.account_forecasts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import run_job
from energy_lib.insights.accounts.pipeline import JOB, account
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome


def run(spark: SparkSession, config: Config, period: Period) -> Outcome:
    """Account what changed since the last run, whatever the period, and price the forecasts of the period's origins."""
    return account(Lake(spark, config.lake), config, period)


def main(argv: Sequence[str] | None = None) -> int:
    return run_job(
        JOB, "Account carbon and cost by the hour and the month, and of the hours that are forecast.", run, argv
    )


if __name__ == "__main__":
    sys.exit(main())

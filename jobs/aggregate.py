"""Forecast buildings, sites and the portfolio from the forecasts of their meters."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.forecasting.pipeline.issue_group_forecasts import issue_groups
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.tables import gold


def run(spark: SparkSession, config: Config, period: Period, run_kind: str = "live") -> Outcome:
    """Replace the groups' forecasts of the period's origins, by every model that gold.forecasts has of them."""
    lake, table = Lake(spark, config.lake), gold.GROUP_FORECASTS
    if not period.origin_days(config.features.origin_every_days):
        return Outcome(lines=[f"{period} has no origin (features.origin_every_days): nothing to aggregate."])
    row_count, gate_result = issue_groups(lake, config, period, run_kind)
    return Outcome(
        rows_out=row_count,
        versions_read={gold.FORECASTS.full_name: lake.version(gold.FORECASTS)},
        versions_written={table.full_name: lake.version(table)},
        gates=[gate_result],
        lines=[f"{period}: {row_count:,} {run_kind} forecasts of buildings, sites and the portfolio."],
    )


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("aggregate", "Forecast buildings, sites and the portfolio from their meters' forecasts.")
    arguments.add_argument("--run-kind", choices=gold.RUN_KINDS, default="live", help="which forecasts (default: live)")
    options = arguments.parse_args(argv)
    return start("aggregate", options, partial(run, run_kind=options.run_kind))


if __name__ == "__main__":
    sys.exit(main())

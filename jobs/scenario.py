"""What if: hours of a year, changed by measures with stated assumptions → gold.scenario_results, with ranges."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.errors import BadConfig
from energy_lib.insights.scenarios.pipeline.run_scenarios import JOB, run_scenarios
from energy_lib.insights.scenarios.scenario import load_scenario, shipped
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run(spark: SparkSession, config: Config, period: Period, names: Sequence[str]) -> Outcome:
    """Work out these scenarios on the whole months before the period's day."""
    if not names:
        raise BadConfig(f"No scenario is named: give --scenario NAME, one of {', '.join(shipped())}, or a YAML file.")
    scenarios = [load_scenario(name) for name in names]
    if len({scenario.name for scenario in scenarios}) < len(scenarios):
        raise BadConfig("Two scenarios have the same name: give each file once, or another name.")
    return run_scenarios(Lake(spark, config.lake), config, period, scenarios)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser(JOB, "Ask what would change if …, of the year before a day.")
    arguments.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="NAME",
        help="one that ships, or a YAML file; repeat for more",
    )
    options = arguments.parse_args(argv)

    def asked(spark: SparkSession, config: Config, period: Period) -> Outcome:
        return run(spark, config, period, options.scenario)

    return start(JOB, options, asked)


if __name__ == "__main__":
    sys.exit(main())

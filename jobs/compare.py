"""Compare the models of a backtest on the same cells: a page with plots, its numbers, and a run in MLflow."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.evaluation.comparison.page import PAGE
from energy_lib.evaluation.pipeline.compare import compare_backtests
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.registry.mlflow_store import tracked_folder
from energy_lib.registry.versions import champion_before


def run(
    spark: SparkSession, config: Config, period: Period, models: Sequence[str] = (), reference: str | None = None
) -> Outcome:
    """Compare the models of a backtest on the same cells, and leave the page in the lake and in MLflow.

    `models`: names or versions (`v3`); by default every model that was backtested. `reference`: the one that the others
    are compared with; by default the champion before the period. Raises BadConfig for a name that no forecast is by,
    InputMissing if no origin was backtested by every model.
    """
    version = champion_before(config, period.first) if reference is None else None
    champion = None if version is None else version[:2]
    written = compare_backtests(
        Lake(spark, config.lake), config, period, names=models, reference=reference, champion=champion
    )
    folder, compared = written.folder, written.comparison.models
    tracked_folder(config, f"comparison-{folder.name}", folder, {"models": ", ".join(compared)})
    return Outcome(lines=[*written.lines, f"The page is {folder / PAGE}; MLflow has it too."])


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("compare", "Compare the models of a backtest on the same cells.")
    arguments.add_argument("--models", help="comma-separated names or versions (v3); default: all of the backtest")
    arguments.add_argument("--reference", help="the model that the others are compared with; default: the champion")
    options = arguments.parse_args(argv)

    def compare(spark: SparkSession, config: Config, period: Period) -> Outcome:
        names = options.models.split(",") if options.models else ()
        return run(spark, config, period, names, options.reference)

    return start("compare", options, compare, writes=False)


if __name__ == "__main__":
    sys.exit(main())

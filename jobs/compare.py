"""Compare the models of a backtest on the same cells: a page with plots, its numbers, and a run in MLflow."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.entry import parser, start
from energy_lib.evaluation.comparison.page import PAGE, write_comparison
from energy_lib.evaluation.comparison.summary import compare, label
from energy_lib.evaluation.report import difference_lines
from energy_lib.evaluation.spark.comparison_cells import LONGEST_BY_HOUR, Issued, comparison_sums, issued
from energy_lib.intervals import Period
from energy_lib.lake import Lake, Outcome
from energy_lib.models.baselines import BASELINES, SEASONAL_NAIVES
from energy_lib.registry.store import tracked_folder
from energy_lib.registry.versions import champion_before


def run(
    spark: SparkSession, config: Config, period: Period, models: Sequence[str] = (), reference: str | None = None
) -> Outcome:
    """`models` and `reference` as `Issued.named` takes them; without, every model and the champion of the period."""
    lake, horizon = Lake(spark, config.lake), config.features.horizon_hours
    there = issued(lake, period)
    chosen = compared(there, [*models, *([reference] if models and reference else [])])
    days = there.common_days(chosen)
    slices, daily, across = comparison_sums(lake, days, chosen, horizon)
    against = label(*held_against(config, there, chosen, reference))
    made = compare(slices, daily, across, against, config.training.seed)
    folder = config.local_folder / "comparison" / f"{period.first}_{period.last}"
    told = (
        f"{len(days)} origins from {days[0]} to {days[-1]} (those of {period} that all of the models forecast), "
        f"{daily['meter_id'].nunique()} meters, {horizon} h ahead."
    )
    unit = "hours" if horizon <= LONGEST_BY_HOUR else "days"
    write_comparison(made, f"Forecasts compared, {period.first} to {period.last}", told, unit, folder)
    tracked_folder(config, f"comparison-{folder.name}", folder, {"models": ", ".join(made.models)})
    return Outcome(lines=[told, *difference_lines(made), f"The page is {folder / PAGE}; MLflow has it too."])


def compared(there: Issued, words: Sequence[str]) -> list[tuple[str, str]]:
    """The models named, and both seasonal naives where they were issued; all models without names."""
    if not words:
        return there.models()
    named = [model for word in words for model in there.named(word)]
    return sorted({*named, *(model for model in there.models() if model[0] in SEASONAL_NAIVES)})


def held_against(config: Config, there: Issued, chosen: Sequence[tuple[str, str]], word: str | None) -> tuple[str, str]:
    """The reference: the one named, or the champion as it was before the period, or the first that was trained."""
    if word is not None:
        return there.named(word)[0]
    champion = champion_before(config, there.period.first)
    if champion is not None and champion[:2] in chosen:
        return champion[0], champion[1]
    return next((model for model in chosen if model[0] not in BASELINES), chosen[0])


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("compare", "Compare the models of a backtest on the same cells.")
    arguments.add_argument("--models", help="comma-separated names or versions (v3); default: all of the backtest")
    arguments.add_argument("--reference", help="the model the others are held against; default: the champion")
    given = arguments.parse_args(argv)

    def chosen(spark: SparkSession, config: Config, period: Period) -> Outcome:
        words = given.models.split(",") if given.models else ()
        return run(spark, config, period, words, given.reference)

    return start("compare", given, chosen, writes=False)


if __name__ == "__main__":
    sys.exit(main())

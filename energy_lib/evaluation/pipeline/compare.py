"""The use case behind jobs/compare.py: score the models of a backtest on the same cells, and write the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from energy_lib.config import Config
from energy_lib.evaluation.comparison.page import write_comparison
from energy_lib.evaluation.comparison.summary import Comparison, compare, label
from energy_lib.evaluation.report import difference_lines
from energy_lib.evaluation.spark.comparison_cells import (
    LONGEST_BY_HOUR,
    IssuedModels,
    Model,
    comparison_sums,
    issued_models,
)
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.models.baselines import BASELINES, SEASONAL_NAIVES


@dataclass(frozen=True)
class WrittenComparison:
    """A comparison, the folder that it was written to, and lines about it for people."""

    comparison: Comparison
    folder: Path
    lines: list[str]


def compare_backtests(
    lake: Lake,
    config: Config,
    period: Period,
    *,
    names: Sequence[str] = (),
    reference: str | None = None,
    champion: Model | None = None,
) -> WrittenComparison:
    """Compare the backtested models of the period and write the page to `<lake>/comparison/<from>_<to>`.

    `names` and `reference` are names or versions as `IssuedModels.named` takes them. Without names all models are
    compared. Without a reference it is `champion`, if that was backtested, else the first trained model.
    Raises BadConfig if no model bears a name, InputMissing if no origin or no hour can be compared.
    """
    horizon_hours = config.features.horizon_hours
    issued = issued_models(lake, period)
    models = models_to_compare(issued, [*names, *([reference] if names and reference else [])])
    days = issued.common_days(models)
    sums = comparison_sums(lake, days, models, horizon_hours)
    against = issued.named(reference)[0] if reference is not None else default_reference(models, champion)
    comparison = compare(sums.by_slice, sums.by_meter_day, sums.by_day_slice, label(*against), config.training.seed)
    folder = config.local_folder / "comparison" / f"{period.first}_{period.last}"
    summary = (
        f"{len(days)} origins from {days[0]} to {days[-1]} (those of {period} that all of the models forecast), "
        f"{sums.by_meter_day['meter_id'].nunique()} meters, {horizon_hours} h ahead."
    )
    unit = "hours" if horizon_hours <= LONGEST_BY_HOUR else "days"
    write_comparison(comparison, f"Forecasts compared, {period.first} to {period.last}", summary, unit, folder)
    return WrittenComparison(comparison, folder, [summary, *difference_lines(comparison)])


def models_to_compare(issued: IssuedModels, names: Sequence[str]) -> list[Model]:
    """The models named, and both seasonal naives where they were issued; all models without names."""
    if not names:
        return issued.models()
    named = [model for name in names for model in issued.named(name)]
    return sorted({*named, *(model for model in issued.models() if model[0] in SEASONAL_NAIVES)})


def default_reference(models: Sequence[Model], champion: Model | None) -> Model:
    """The champion if it is among the models, else the first trained model, else the first model."""
    if champion is not None and champion in models:
        return champion
    return next((model for model in models if model[0] not in BASELINES), models[0])

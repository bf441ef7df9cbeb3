"""Fit many baselines at once: their days go to Spark's Python workers, each of which imports OpenDSM once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import SparkSession

from energy_lib.insights.savings.baseline import Baseline
from energy_lib.insights.savings.local_days import LocalDays
from energy_lib.insights.savings.opendsm_fit import fit_baseline


@dataclass(frozen=True)
class Fit:
    """What a baseline is fitted to: the days, the meter's zone, and whether zeros are no readings."""

    days: LocalDays
    zone: str
    is_electricity: bool


def fitted_on_spark(spark: SparkSession, fits: Sequence[Fit]) -> list[Baseline | list[str]]:
    """The models, or why there is none, in the order of `fits` (see fit_baseline): a task each."""
    return spark.sparkContext.parallelize(fits, len(fits)).map(_fitted).collect()


def _fitted(fit: Fit) -> Baseline | list[str]:
    return fit_baseline(fit.days, fit.zone, is_electricity=fit.is_electricity)

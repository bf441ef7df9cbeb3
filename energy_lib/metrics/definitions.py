"""All metrics. To add one, declare it here: its column in gold.scores and its sums follow from the declaration."""

from __future__ import annotations

from collections.abc import Mapping

from energy_lib.metrics.metric import Metric, Over, root_mean_ratio, total
from energy_lib.metrics.terms import (
    ABSOLUTE_ENERGY,
    ABSOLUTE_ERROR,
    CELLS,
    COVERED,
    ENERGY,
    FALLBACKS,
    PINBALL,
    RESIDUAL,
    SCALED_CELLS,
    SCALED_ERROR,
    SQUARED_ERROR,
    SYMMETRIC_ERROR,
    Term,
)

SEASON_HOURS = 168
# The quantiles over which the benchmark's protocol computes WQL.
PROTOCOL_QUANTILES = ("p10", "p50", "p90")

KOLASSA = "Kolassa & Schütz 2007, Advantages of the MAD/Mean ratio over the MAPE"
HYNDMAN = "Hyndman & Koehler 2006, Another look at measures of forecast accuracy"
MAKRIDAKIS = "Makridakis 1993, Accuracy measures: theoretical and practical concerns"
ASHRAE = "ASHRAE Guideline 14-2014, without its n - p correction"
KOENKER = "Koenker & Bassett 1978, Regression quantiles"
GLUONTS = "Alexandrov et al. 2020, GluonTS (mean weighted quantile loss)"
GNEITING = "Gneiting, Balabdaoui & Raftery 2007, Probabilistic forecasts, calibration and sharpness"
OURS = "gold.forecasts"


def weighted_quantile_loss(name: str, meaning: str, losses: tuple[Term, ...]) -> Metric:
    """Mean over the quantiles of 2 Σ pinball / Σ|y|; `losses` are the pinball terms of the quantiles."""
    return Metric(name, "", meaning, GLUONTS, losses, ABSOLUTE_ENERGY, factor=2.0)


WAPE = Metric("wape", "", "Sum of absolute errors over sum of actuals", KOLASSA, (ABSOLUTE_ERROR,), ABSOLUTE_ENERGY)
MASE = Metric(
    "mase",
    "",
    f"Mean over the meters of absolute error over |y[t] - y[t - {SEASON_HOURS} h]| in the 8 weeks before",
    HYNDMAN,
    (SCALED_ERROR,),
    SCALED_CELLS,
    over=Over.MEAN_OF_METERS,
)
SMAPE = Metric("smape", "", "Symmetric mean absolute percentage error, 0 to 2", MAKRIDAKIS, (SYMMETRIC_ERROR,), CELLS)
CVRMSE = Metric(
    "cvrmse", "", "Root mean squared error over the mean", ASHRAE, (SQUARED_ERROR,), ENERGY, combine=root_mean_ratio
)
# Negative is over-forecast.
NMBE = Metric("nmbe", "", "Sum of residuals (observed - predicted) over sum of actuals", ASHRAE, (RESIDUAL,), ENERGY)
WQL = weighted_quantile_loss(
    "wql",
    "Weighted quantile loss: mean over p10, p50, p90 of twice the pinball sum over that of actuals",
    tuple(PINBALL[name] for name in PROTOCOL_QUANTILES),
)
WQL_ALL = weighted_quantile_loss(
    "wql_all",
    "Weighted quantile loss over all published quantiles, p05 … p95; null where one of them is missing",
    tuple(PINBALL.values()),
)
COVERAGE = Metric("coverage_p10_p90", "", "Share of actuals within p10 … p90", GNEITING, (COVERED,), CELLS)

# In the order of gold.scores' columns.
METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("energy_kwh", "kWh", "Energy read in the scored cells", OURS, (ENERGY,), CELLS, combine=total),
        WAPE,
        Metric(
            "wape_median",
            "",
            "Median of the meters' WAPE",
            KOLASSA,
            WAPE.numerator,
            WAPE.denominator,
            over=Over.MEDIAN_OF_METERS,
        ),
        MASE,
        SMAPE,
        CVRMSE,
        NMBE,
        WQL,
        WQL_ALL,
        *(
            Metric(f"pinball_{name}", "kWh", f"Mean pinball loss at {name}", KOENKER, (PINBALL[name],), CELLS)
            for name in PROTOCOL_QUANTILES
        ),
        COVERAGE,
        Metric("fallback_share", "", "Share of the cells a fallback forecast", OURS, (FALLBACKS,), CELLS),
    )
}

"""The interval of a saving, as wide as placebos say it must be.

A model's own interval knows how a day scatters about the model. It does not know that a year differs from the last one
for reasons nobody wrote down, which is most of the error of a total: OpenDSM's 90 % intervals hold the zero of a
placebo in few cases. So the half-width is learnt from placebos: a quantile regression (Koenker and Bassett 1978) of the
logarithm of their relative error on how long the period is and how well the baseline fits, each calendar year weighing
the same. It is of one piece with split-conformal prediction with a learnt scale (Lei et al. 2018): what is learnt on
some meters and years holds on others as far as their errors are exchangeable, and no farther.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.insights.savings.fitness import Floats

LEVEL = 0.9
# Fits better or worse than any that was learnt from are taken for the edge.
CVRMSE_RANGE, BLOCK_CV_RANGE = (0.02, 1.0), (0.01, 1.0)
SHORTEST_TOTAL_DAYS = 7
# Relative errors below it are as good as none; keeps the logarithm finite.
SMALLEST_ERROR = 1e-3
# What z-scores count for at most in a correlation, so that one broken meter does not make it.
WIDEST_Z = 2.5
FEWEST_OF_A_PERIOD = 5


@dataclass(frozen=True, slots=True)
class Correction:
    """log h = intercept + days · log(days / 365) + cvrmse · log CV(RMSE) + block_cv · log block_cv, of totals.

    `day_*`: the same for one day alone. The half-width is h times `scale_kwh`. `correlation`: of the errors of two
    meters in one period. `sum_factor`: how much wider a sum of meters must be than their correlation says.
    `learnt_from`: publication and edition of it, in words.
    """

    intercept: float
    days: float
    cvrmse: float
    block_cv: float
    day_intercept: float
    day_cvrmse: float
    day_block_cv: float
    correlation: float
    sum_factor: float
    placebos: int
    meters: int
    learnt_from: str

    def half_width_kwh(
        self,
        counterfactual_kwh: Floats | float,
        mean_kwh_per_day: Floats | float,
        days: Floats | float,
        cvrmse: Floats | float,
        block_cv: Floats | float,
    ) -> Floats:
        """Half of the 90 % interval of the avoided energy of so many days, kWh; arrays or numbers.

        Periods of 2 to 6 days are as wide as one of 7 or as single days would be together, whichever is wider.
        """
        fit = np.stack(
            np.broadcast_arrays(np.log(np.clip(cvrmse, *CVRMSE_RANGE)), np.log(np.clip(block_cv, *BLOCK_CV_RANGE)))
        )
        length = np.asarray(days, float)
        of_total = self.intercept + self.days * np.log(np.maximum(length, SHORTEST_TOTAL_DAYS) / 365)
        of_total = np.exp(of_total + self.cvrmse * fit[0] + self.block_cv * fit[1])
        of_day = np.exp(self.day_intercept + self.day_cvrmse * fit[0] + self.day_block_cv * fit[1])
        short = np.where(length <= 1, of_day, np.maximum(of_total, of_day / np.sqrt(np.maximum(length, 1))))
        relative = np.where(length < SHORTEST_TOTAL_DAYS, short, of_total)
        return np.asarray(relative * scale_kwh(counterfactual_kwh, mean_kwh_per_day, length))

    def sum_half_width_kwh(self, half_widths_kwh: Sequence[float] | Floats) -> float:
        """Half-width of the sum of meters over one period, with what their errors have in common."""
        return combined(np.asarray(half_widths_kwh, float), self.correlation) * (
            self.sum_factor if len(half_widths_kwh) > 1 else 1.0
        )

    def as_dict(self) -> dict[str, float | int | str]:
        return asdict(self)


def scale_kwh(counterfactual_kwh: Floats | float, mean_kwh_per_day: Floats | float, days: Floats | float) -> Floats:
    """What errors are relative to: half the counterfactual, half the baseline's mean.

    Errors of a gas meter's summer are small in kWh and huge relative to its summer; in winter it is the other way.
    """
    usual = np.asarray(mean_kwh_per_day) * np.asarray(days)
    return np.asarray((np.maximum(counterfactual_kwh, 0.0) + usual) / 2)


def combined(half_widths: Floats, correlation: float) -> float:
    """sqrt(sum_ij rho_ij h_i h_j), rho 1 on the diagonal and `correlation` beside it."""
    squares, total = float(np.square(half_widths).sum()), float(half_widths.sum())
    return float(np.sqrt(squares + correlation * (total**2 - squares)))


def learn_correction(placebos: pd.DataFrame, learnt_from: str) -> Correction:
    """From placebos (columns of placebos.COLUMNS). Raises ValueError without those of one day or of longer."""
    totals, single = placebos[placebos["days"] > 1], placebos[placebos["days"] == 1]
    if totals.empty or single.empty:
        raise ValueError("A correction is learnt from placebos of single days and of longer periods.")
    intercept, days, cvrmse, block_cv = _quantile_fit(totals, with_days=True)
    day_intercept, day_cvrmse, day_block_cv = _quantile_fit(single, with_days=False)
    first = Correction(
        intercept, days, cvrmse, block_cv, day_intercept, day_cvrmse, day_block_cv, 0.0, 1.0,
        len(placebos), placebos["meter_id"].nunique(), learnt_from,
    )  # fmt: skip
    correlation = common_correlation(totals, first)
    return Correction(
        **{**asdict(first), "correlation": correlation, "sum_factor": _sum_factor(totals, first, correlation)}
    )


def relative_error(placebos: pd.DataFrame) -> Floats:
    """(observed − counterfactual) over `scale_kwh`."""
    scale = scale_kwh(*(placebos[name].to_numpy(float) for name in ("counterfactual_kwh", "mean_kwh_per_day", "days")))
    return np.asarray((placebos["observed_kwh"] - placebos["counterfactual_kwh"]).to_numpy(float) / scale)


def half_widths(placebos: pd.DataFrame, correction: Correction) -> Floats:
    """Half-widths of placebos, kWh."""
    names = ("counterfactual_kwh", "mean_kwh_per_day", "days", "cvrmse", "block_cv")
    return correction.half_width_kwh(*(placebos[name].to_numpy(float) for name in names))


def common_correlation(placebos: pd.DataFrame, correction: Correction) -> float:
    """Mean correlation of two meters' errors in one period: about zero, so that a drift of all meters is in it.

    Products and squares of periods are averaged, calendar years weighing the same; at least 0 and at most 1. Where too
    few meters met, nothing says that they differ: 1.
    """
    met = _periods(placebos, correction)
    if not met:
        return 1.0
    pairs = [(z.sum() ** 2 - np.square(z).sum()) / (len(z) * (len(z) - 1)) for _, z in met]
    weight = _equal_years(pd.Series([year for year, _ in met]))
    squares = np.average([np.square(z).mean() for _, z in met], weights=weight)
    return float(np.clip(np.average(pairs, weights=weight) / squares, 0.0, 1.0))


def _sum_factor(placebos: pd.DataFrame, correction: Correction, correlation: float) -> float:
    """The 90 % quantile of |error of all meters together| over its half-width, at least 1; 1 where too few met.

    Each meter weighs the same: a portfolio of other meters has other large ones.
    """
    met = _periods(placebos, correction)
    if not met:
        return 1.0
    ratios = np.array([abs(z.sum()) / combined(np.ones(len(z)), correlation) for _, z in met])
    return max(1.0, weighted_quantile(ratios, _equal_years(pd.Series([year for year, _ in met])), LEVEL))


def _periods(placebos: pd.DataFrame, correction: Correction) -> list[tuple[int, Floats]]:
    """Calendar year and errors over half-widths of each period in which enough meters met."""
    z = (placebos["observed_kwh"] - placebos["counterfactual_kwh"]) / half_widths(placebos, correction)
    # Days that are not known shorten a period a little.
    length = (placebos["days"] / 30).round()
    marked = placebos.assign(z=z.clip(-WIDEST_Z, WIDEST_Z), length=length, first=pd.to_datetime(placebos["first_date"]))
    groups = [part for _, part in marked.groupby(["first", "length"]) if len(part) >= FEWEST_OF_A_PERIOD]
    return [(int(part["first"].iloc[0].year), part["z"].to_numpy(float)) for part in groups]


def _equal_years(years: pd.Series) -> Floats:
    """Weights under which each year weighs the same."""
    weight = 1 / years.groupby(years.to_numpy()).transform("size").to_numpy(float)
    return np.asarray(weight / weight.mean())


def weighted_quantile(values: Floats, weights: Floats, level: float) -> float:
    """The smallest value that at least `level` of the weight is not above."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    place = min(int(np.searchsorted(share, level - 1e-12)), len(values) - 1)
    return float(values[order][place])


def _quantile_fit(placebos: pd.DataFrame, *, with_days: bool) -> list[float]:
    from sklearn.linear_model import QuantileRegressor

    columns: list[NDArray[np.float64]] = [
        np.log(placebos["cvrmse"].clip(*CVRMSE_RANGE).to_numpy(float)),
        np.log(placebos["block_cv"].clip(*BLOCK_CV_RANGE).to_numpy(float)),
    ]
    if with_days:
        columns.insert(0, np.log(placebos["days"].to_numpy(float).clip(SHORTEST_TOTAL_DAYS) / 365))
    model = QuantileRegressor(quantile=LEVEL, alpha=0.0, solver="highs").fit(
        np.column_stack(columns),
        np.log(np.abs(relative_error(placebos)) + SMALLEST_ERROR),
        sample_weight=_equal_years(pd.to_datetime(placebos["first_date"]).dt.year),
    )
    return [float(model.intercept_), *map(float, model.coef_)]

"""Placebos: measures that never were, measured like projects. What they seem to save is the error of savings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from energy_lib.insights.savings.change_point import PARAMETERS, fit_change_point
from energy_lib.insights.savings.fitness import HIGHEST_USABLE_CVRMSE, Fitness, Floats, fitness
from energy_lib.insights.savings.opendsm_fit import BASELINE_DAYS, LEAST_DAYS

# Days of a reporting period that are tried. A single day has an error of its own kind.
LENGTHS = (1, 7, 30, 90, 182, 365)
# Periods shorter than a month begin so many days later: else all of them would hold the first days of January.
LATER_DAYS, A_MONTH = 17, 30
# A reporting period counts if so much of it is known.
LEAST_REPORTED = 0.9
COLUMNS = (
    "meter_id", "first_date", "days", "observed_kwh", "counterfactual_kwh", "mean_kwh_per_day", "cvrmse", "block_cv",
)  # fmt: skip


def quick_placebos(
    days: Mapping[str, pd.DataFrame], starts: Iterable[date], lengths: Sequence[int] = LENGTHS
) -> pd.DataFrame:
    """Placebos of every meter at every start whose baseline is sufficient, by the quick model; columns COLUMNS.

    `days`: by meter, indexed by date without holes (`LocalDays.days`). `starts`: first days of reporting periods, each
    after a baseline of a year. A baseline whose CV(RMSE) disqualifies it is left out, as it is in a project.
    """
    rows = []
    for meter_id, frame in days.items():
        energy, temperature = frame["energy_kwh"].to_numpy(float), frame["temperature_c"].to_numpy(float)
        dates = pd.DatetimeIndex(frame.index)
        for start in starts:
            at = (pd.Timestamp(start) - dates[0]).days
            baseline = slice(at - BASELINE_DAYS, at)
            if at < BASELINE_DAYS or at >= len(dates) or np.isfinite(energy[baseline]).sum() < LEAST_DAYS:
                continue
            model = fit_change_point(dates[baseline], energy[baseline], temperature[baseline])
            predicted = model.predict(dates[baseline], temperature[baseline])
            fit = fitness(energy[baseline], predicted, PARAMETERS)
            after = slice(at, at + max(lengths))
            predicted = model.predict(dates[after], temperature[after])
            rows += [(meter_id, start, *row) for row in placebo_rows(energy[after], predicted, fit, lengths)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def placebo_rows(
    observed: Floats, predicted: Floats, fit: Fitness, lengths: Sequence[int] = LENGTHS
) -> list[tuple[float, ...]]:
    """For each length that is known well enough: days, observed, counterfactual, mean day, CV(RMSE), block_cv.

    `observed`, `predicted`: kWh a day from the start of the reporting period.
    """
    if not fit.cvrmse <= HIGHEST_USABLE_CVRMSE:
        return []
    known = np.isfinite(observed) & np.isfinite(predicted)
    rows = []
    for length in lengths:
        first = 0 if length >= A_MONTH else LATER_DAYS
        part = known[first : first + length]
        if len(part) == length and part.mean() >= LEAST_REPORTED:
            sums = (float(side[first : first + length][part].sum()) for side in (observed, predicted))
            rows.append((float(part.sum()), *sums, fit.mean_kwh_per_day, fit.cvrmse, fit.block_cv))
    return rows


def quarterly_starts(first: date, last: date) -> list[date]:
    """First days of the quarters that begin a year after `first` or later, and before `last`."""
    years = range(first.year, last.year + 1)
    earliest = first + timedelta(days=BASELINE_DAYS)
    return [day for year in years for month in (1, 4, 7, 10) if earliest <= (day := date(year, month, 1)) < last]

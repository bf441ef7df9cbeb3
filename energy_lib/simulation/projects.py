"""Measures at some meters, with the saving that they truly make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.portfolio import ZONE, Registry
from energy_lib.vocabulary import Fuel

# Of the days that are simulated, the baseline has the first three fifths, and the last third reports.
BASELINE_SHARE, REPORTING_SHARE = 0.6, 1 / 3
SHORT_BASELINE_DAYS = 14
HOURS_A_YEAR = 8766
# A year's mean over that of the days before the reporting period, which are a winter's in the demo.
OF_YEAR = {Fuel.ELECTRICITY: 1.0, Fuel.GAS: 0.55}
CAPITAL_PER_PROMISED_KWH = {Fuel.ELECTRICITY: 0.8, Fuel.GAS: 0.25}


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done at which meters (fuel, use, place in Registry.find), the share it saves, and the share promised."""

    project_id: str
    measure: str
    places: tuple[tuple[Fuel, str, int], ...]
    saved_share: float
    promised_share: float
    has_short_baseline: bool = False


MEASURES = (
    Measure("sim-led", "LED lighting", ((Fuel.ELECTRICITY, "office", 3), (Fuel.ELECTRICITY, "shop", 2)), 0.12, 0.15),
    Measure("sim-controls", "Heating controls", ((Fuel.GAS, "office", 0), (Fuel.GAS, "shop", 0)), 0.15, 0.12),
    Measure("sim-voltage", "Voltage optimisation", ((Fuel.ELECTRICITY, "school", 0),), 0.0, 0.08),
    # Its meter has a non-routine event: the hospital's new ward.
    Measure("sim-ventilation", "Ventilation by demand", ((Fuel.ELECTRICITY, "hospital", 0),), 0.10, 0.10),
    Measure("sim-draught", "Draught proofing", ((Fuel.GAS, "dwelling", 0),), 0.10, 0.10, has_short_baseline=True),
)


def meters_with_history(utility: Registry) -> list[int]:
    """The meters of measures whose baseline is no shorter than it should be."""
    places = [place for measure in MEASURES if not measure.has_short_baseline for place in measure.places]
    return sorted({meter for place in places if (meter := utility.find(*place)) is not None})


def with_projects(
    utility: Registry, kwh: NDArray[Any], slots: pd.DatetimeIndex
) -> tuple[NDArray[Any], pd.DataFrame, pd.DataFrame]:
    """The energy after the measures, the projects (columns as silver.projects), and what they truly saved.

    `kwh` by meter and half-hour of `slots`. The truth has a row a local day: project_id, meter_id, day,
    counterfactual_kwh (what would have been used) and energy_kwh.
    """
    kwh, projects, truths = kwh.copy(), [], []
    local = slots.tz_localize("UTC").tz_convert(ZONE)
    first, days = slots[0].date(), len(slots) // 48
    for measure in MEASURES:
        baseline_end = first + timedelta(
            days=SHORT_BASELINE_DAYS if measure.has_short_baseline else int(days * BASELINE_SHARE)
        )
        reporting_start = first + timedelta(days=days - int(days * REPORTING_SHARE))
        for meter in (found for place in measure.places if (found := utility.find(*place)) is not None):
            reports = np.asarray(local >= pd.Timestamp(reporting_start, tz=ZONE))
            before = kwh[meter].copy()
            kwh[meter, reports] *= 1 - measure.saved_share
            meter_id, fuel = str(utility.meters["meter_id"].iat[meter]), Fuel(str(utility.meters["fuel"].iat[meter]))
            of_year = float(before[~reports].mean()) * 2 * HOURS_A_YEAR * OF_YEAR[fuel]
            projects.append((measure, meter_id, fuel, baseline_end, reporting_start, measure.promised_share * of_year))
            by_day = pd.DataFrame({"counterfactual_kwh": before[reports], "energy_kwh": kwh[meter, reports]})
            by_day = by_day.groupby(local[reports].date).sum().rename_axis("day").reset_index()
            truths.append(by_day.assign(project_id=measure.project_id, meter_id=meter_id))
    columns = ["project_id", "meter_id", "day", "counterfactual_kwh", "energy_kwh"]
    truth = pd.concat(truths)[columns] if truths else pd.DataFrame(columns=columns)
    return kwh, _table(projects), truth


def _table(projects: list[tuple[Measure, str, Fuel, date, date, float]]) -> pd.DataFrame:
    costs: dict[str, float] = {}
    for measure, _, fuel, _, _, promised in projects:
        costs[measure.project_id] = costs.get(measure.project_id, 0) + promised * CAPITAL_PER_PROMISED_KWH[fuel]
    return pd.DataFrame(
        [
            {
                "project_id": measure.project_id,
                "meter_id": meter_id,
                "measure": measure.measure,
                "baseline_end": baseline_end,
                "reporting_start": reporting_start,
                "expected_saving_kwh_per_year": round(promised),
                "capital_cost": round(costs[measure.project_id], -1),
                "currency": "GBP",
            }
            for measure, meter_id, _, baseline_end, reporting_start, promised in projects
        ]
    )

"""What measures saved, beside what they promised."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from energy_lib.reporting.figure import Figure

ALL = "*"


@dataclass(frozen=True)
class Savings:
    """Frames of projects, as energy_lib.reporting.reading.savings queries them. Project `*`: all together."""

    projects: Figure
    meters: Figure
    days: Figure


def cumulated(days: pd.DataFrame, project_id: str) -> pd.DataFrame:
    """`local_day`, `avoided_kwh` summed up to and with the day, of one project."""
    own = days[days["project_id"] == project_id].sort_values("local_day")
    return own[["local_day"]].assign(avoided_kwh=own["avoided_kwh"].cumsum()).reset_index(drop=True)


def project_ids(days: pd.DataFrame) -> list[str]:
    return sorted(map(str, days["project_id"].unique()))

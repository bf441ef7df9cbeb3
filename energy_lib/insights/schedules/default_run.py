"""How a flexible load runs when nobody plans it: from its window's start, as few hours as it can, at even power."""

from __future__ import annotations

import numpy as np

from energy_lib.insights.schedules.site import Hours, hours_needed


def default_power(energy_kwh: float, power_kw: float, minimum_hours: int) -> Hours:
    """Its power in each hour from the window's start on, kW: it uses its energy and runs its minimum hours."""
    hours = max(hours_needed(energy_kwh, power_kw), minimum_hours)
    return np.full(hours, energy_kwh / hours)

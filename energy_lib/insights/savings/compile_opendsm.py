"""Have Numba compile OpenDSM's functions and keep them: `make install` does it, or a night's first fit takes 20 s more.

python -m energy_lib.insights.savings.compile_opendsm
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from energy_lib.insights.savings.local_days import local_days
from energy_lib.insights.savings.opendsm_fit import fit_baseline

FIRST, END = date(2023, 1, 1), date(2024, 1, 1)


def main() -> None:
    """Fit a year that follows the temperature, and one that does not: between them every model is tried."""
    hours = pd.date_range(FIRST, END, freq="h", tz="UTC", inclusive="left")
    noise = np.random.default_rng(0).normal(0, 1, len(hours))
    temperature_c = pd.Series(10 - 10 * np.cos(2 * np.pi * np.arange(len(hours)) / len(hours)) + noise, hours)
    heated = 5 + 0.5 * np.clip(12 - temperature_c, 0, None) + 0.5 * np.clip(temperature_c - 18, 0, None)
    for kwh in (heated + 0.1 * noise, 5 + noise):
        hourly = pd.DataFrame({"interval_start_utc": hours, "energy_kwh": kwh, "imputed_share": 0.0})
        days = local_days(hourly, temperature_c, "UTC", FIRST, END, zero_day_is_missing=True)
        fit_baseline(days, "UTC", is_electricity=True)


if __name__ == "__main__":
    main()

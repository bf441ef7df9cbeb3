"""Hours of registers, for tests of virtual meters."""

from __future__ import annotations

from typing import Any

import pandas as pd

from energy_lib.cleaning.virtual_meters import Term, VirtualMeter
from energy_lib.tables import silver

NOON = pd.Timestamp("2024-01-31 22:00")
HOME = VirtualMeter("home", "electricity", "import", (Term("in", 1.0), Term("out", -1.0), Term("pv", 1.0)))


def at(hour: int) -> pd.Timestamp:
    return NOON + pd.Timedelta(hours=hour)


def row(meter_id: str, hour: int, kwh: float | None, **values: Any) -> dict[str, Any]:
    """A row of silver.hourly_readings: measured, known at its end, unless `values` say otherwise."""
    plain = {
        "meter_id": meter_id, "fuel": "electricity", "flow": "import", "interval_start_utc": at(hour),
        "energy_kwh": kwh, "measured_kwh": kwh, "quality": "measured", "imputed_share": 0.0, "imputed_by": None,
        "flags": [], "suspect_from_utc": pd.NaT, "available_at_utc": at(hour + 1),
        "interval_month": at(hour).date().replace(day=1),
    }  # fmt: skip
    return plain | values


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=list(silver.HOURLY.column_names))
    for name in ("interval_start_utc", "suspect_from_utc", "available_at_utc"):
        made[name] = made[name].astype("datetime64[ns]")
    return made.astype({"energy_kwh": float, "measured_kwh": float, "imputed_share": "float32"})

"""Hours that were corrected after the origin, as they were known at it: the hourly view holds the newest alone."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.insights.recommendations.pipeline.reach import instant, of_meters, of_reach
from energy_lib.lake import Lake
from energy_lib.tables import silver

COLUMNS = ("meter_id", "interval_start_utc", "interval_minutes", "energy_kwh", "flags")
MINUTES = 60


def corrected_hours(lake: Lake, origin: datetime, hourly: pa.Schema, ids: list[str] | None) -> pa.Table:
    """Rows like those of the hourly view, of hours that stood at the origin and were replaced since (`ids`: of these).

    On the night itself nothing is known yet that comes later, and there are none. Hours with a suspect reading, and
    readings longer than an hour, are left unknown.
    """
    at = instant(origin)
    of_time = of_reach(silver.READINGS, origin) + (f" AND {of_meters(ids)}" if ids is not None else "")
    replaced = lake.small_tables.read(
        silver.READINGS, ["meter_id", "interval_start_utc"], f"{of_time} AND superseded_at_utc > {at}"
    )
    if replaced.num_rows == 0:
        return hourly.empty_table()
    ends = pc.min_max(replaced["interval_start_utc"]).as_py()
    around = (
        f"interval_start_utc >= {instant(_hour(ends['min']))} "
        f"AND interval_start_utc < {instant(_hour(ends['max']) + pd.Timedelta(hours=1))}"
    )
    stood = f"{of_time} AND {around} AND (superseded_at_utc IS NULL OR superseded_at_utc > {at})"
    rows = lake.small_tables.read(silver.READINGS, COLUMNS, stood).to_pandas()
    rows["hour"] = rows["interval_start_utc"].dt.floor("h")
    wanted = replaced.to_pandas()
    wanted["hour"] = wanted["interval_start_utc"].dt.floor("h")
    rows = rows.merge(wanted[["meter_id", "hour"]].drop_duplicates(), on=["meter_id", "hour"])
    rows["is_suspect"] = rows["flags"].map(len) > 0
    hours = rows.groupby(["meter_id", "hour"], as_index=False).agg(
        energy_kwh=("energy_kwh", "sum"), minutes=("interval_minutes", "sum"), is_suspect=("is_suspect", "any")
    )
    hours = hours[(hours["minutes"] == MINUTES) & ~hours["is_suspect"]]
    whole = {
        "meter_id": hours["meter_id"].to_list(),
        "interval_start_utc": [stamp.to_pydatetime() for stamp in hours["hour"]],
        "energy_kwh": hours["energy_kwh"].to_list(),
        "imputed_share": [0.0] * len(hours),
        "flags": [[]] * len(hours),
        "suspect_from_utc": [None] * len(hours),
    }
    return pa.Table.from_pydict({name: whole[name] for name in hourly.names}, schema=hourly)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)

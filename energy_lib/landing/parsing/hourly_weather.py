"""Weather that a file gives more often than hourly → one row an hour, the mean of what the hour was said to be."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.tables import silver

START, ISSUED = "interval_start_utc", "issued_at_utc"
MEASURES = [column.name for column in silver.WEATHER.columns if column.type == "double"]
_PLACE = ["location_id", "kind", "_issued", "_hour"]


def hourly_weather(rows: pa.Table) -> pa.Table:
    """All rows of a file, where several of an hour became one: their mean, known when the last of them is.

    `rows` has the columns of silver.weather, `row_number` and `rule_id`. A row alone in its hour stays as it is, and so
    does one that broke a rule. Of rows with one start the last counts. A measure that is null in some rows is the mean
    of the others.
    """
    frame = rows.select(["location_id", "kind", ISSUED, START, "available_at_utc", "row_number", *MEASURES]).to_pandas()
    frame["_hour"] = frame[START].dt.floor("h")
    # An observation counts as issued when its interval starts: that is its hour's start.
    frame["_issued"] = frame[ISSUED].where(frame[ISSUED] != frame[START], frame["_hour"])
    good = frame[pc.is_null(rows["rule_id"]).to_numpy()]
    starts = good.groupby(_PLACE)[START].transform("nunique")
    several = good[starts > 1]
    if several.empty:
        return rows
    last = several.sort_values(["available_at_utc", "row_number"]).drop_duplicates([*_PLACE, START], keep="last")
    by_hour = last.groupby(_PLACE, sort=False)
    hours = by_hour[MEASURES].mean().join(by_hour[["available_at_utc", "row_number"]].max()).reset_index()
    return pa.concat_tables([rows.filter(_others(rows, several)), _as_rows(hours, rows.schema)])


def _others(rows: pa.Table, several: pd.DataFrame) -> pa.Array:
    return pc.invert(pc.is_in(rows["row_number"], value_set=pa.array(several["row_number"])))


def _as_rows(hours: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    named = hours.rename(columns={"_hour": START, "_issued": ISSUED})
    columns = [
        pa.Array.from_pandas(named[field.name]).cast(field.type)
        if field.name in named
        else pa.nulls(len(named), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)

"""Per-interval rolling features as a grouped Arrow UDF: no pandas objects are made of what only passes through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import types as T

from energy_lib.features.calendar import Place
from energy_lib.features.rolling import Rolling, check_horizon, rolling_arrays
from energy_lib.features.spark import with_chunks

HOUR_US = 3_600_000_000


def rolling_frame(
    rows: DataFrame,
    rolling: Sequence[Rolling],
    calendar: Sequence[str],
    *,
    place: Place,
    horizon_hours: int,
    chunk_days: int,
) -> DataFrame:
    """`rows` (meter_id, interval_start_utc, value columns; one row an hour, gaps allowed) with their features.

    Series are cut into chunks of `chunk_days` days, each with the longest reach in front, so that no group outgrows
    memory. Raises BadConfig for a feature that is not known `horizon_hours` ahead.
    """
    check_horizon(rolling, horizon_hours)
    reach = max((feature.reach_hours for feature in rolling), default=0)
    values = sorted({feature.column for feature in rolling})
    wanted = rows.select("meter_id", "interval_start_utc", *values)
    schema = T.StructType(
        [
            *wanted.schema.fields,
            *(T.StructField(feature.name, T.FloatType()) for feature in rolling),
            *(T.StructField(name, T.FloatType()) for name in calendar),
        ]
    )
    kernel = _chunk_kernel(rolling, calendar, place, chunk_days)
    return with_chunks(wanted, chunk_days, reach).groupBy("meter_id", "chunk").applyInArrow(kernel, schema)


def _chunk_kernel(
    rolling: Sequence[Rolling], calendar: Sequence[str], place: Place, chunk_days: int
) -> Callable[[tuple[pa.Scalar, ...], pa.Table], pa.Table]:
    columns = sorted({feature.column for feature in rolling})

    def compute(key: tuple[pa.Scalar, ...], table: pa.Table) -> pa.Table:
        stamps = table["interval_start_utc"].combine_chunks()
        hours = stamps.cast(pa.int64()).to_numpy() // HOUR_US
        # Chunk numbers count days from 1970; with_chunks puts an hour where the origin after it lies.
        first = key[1].as_py() * chunk_days * 24 - 1
        inputs = {name: table[name].to_numpy() for name in columns}
        order, made = rolling_arrays(hours, inputs, rolling, calendar, place, first)
        kept = table.drop_columns(["chunk"])
        sorted_already = len(order) > 0 and bool((order == order[0] + np.arange(len(order))).all())
        taken = kept.slice(order[0], len(order)) if sorted_already else kept.take(pa.array(order))
        for name, array in made.items():
            taken = taken.append_column(name, pa.array(array, from_pandas=True))
        return taken

    return compute

"""Rolling features as Arrow UDFs: rows are packed before the shuffle, and the Python workers write the Parquet files.

To shuffle and sort single rows costs more than to compute all the windows. So each batch becomes one row for each
meter and chunk, whose columns are byte strings of 8-byte numbers, and only these rows are shuffled. Spark's writer,
which takes one value at a time, costs more than the windows too. So the Python workers write their results, column by
column.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import types as T

from benchmarks.rolling_panels import Rolling, check_horizon, rolling_arrays
from energy_lib.features.calendar import Place

HOUR_US = 3_600_000_000
STAMP = pa.timestamp("us", tz="UTC")


def rolling_files(
    rows: DataFrame,
    target: Path,
    rolling: Sequence[Rolling],
    calendar: Sequence[str],
    *,
    place: Place,
    horizon_hours: int,
    chunk_days: int,
) -> int:
    """Write `rows` (meter_id, interval_start_utc, double columns; one row an hour, gaps allowed) with their features.

    `target` is a new folder that all machines share, with one Parquet file for each meter and chunk. It appears
    whole or not at all. Series are cut into chunks of `chunk_days` days, each preceded by the longest reach, so that
    every group fits into memory. A NaN is written as null. Returns the number of rows. Raises BadConfig
    for a feature that is not known `horizon_hours` ahead.
    """
    check_horizon(rolling, horizon_hours)
    reach = max((feature.reach_hours for feature in rolling), default=0)
    values = sorted({feature.column for feature in rolling})
    packed = T.StructType(
        [
            T.StructField("meter_id", T.StringType()),
            T.StructField("chunk", T.IntegerType()),
            *(T.StructField(name, T.BinaryType()) for name in ("interval_start_utc", *values)),
        ]
    )
    wanted = rows.select("meter_id", "interval_start_utc", *values)
    chunks = wanted.mapInArrow(_packer(values, chunk_days, reach), packed).groupBy("meter_id", "chunk")
    working = target.with_name(f"{target.name}.writing")
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True)
    compute = _chunk_kernel(rolling, calendar, place, chunk_days)
    written = chunks.applyInArrow(_writer(compute, working), "file string, rows long").collect()
    # A task that Spark ran twice may have left a second file, which no returned row names.
    named = {row["file"] for row in written}
    for unnamed in (file for file in working.iterdir() if file.name not in named):
        unnamed.unlink()
    working.rename(target)
    return sum(row["rows"] for row in written)


def _packer(
    values: Sequence[str], chunk_days: int, reach_hours: int
) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    def pack(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        for batch in batches:
            if not batch.num_rows:
                continue
            meters = batch.column("meter_id").dictionary_encode()
            stamps = batch.column("interval_start_utc").cast(pa.int64()).to_numpy()
            at, codes, chunks = in_chunks(meters.indices.to_numpy(), stamps // HOUR_US, chunk_days, reach_hours)
            starts = np.flatnonzero(np.r_[True, (np.diff(codes) != 0) | (np.diff(chunks) != 0)])
            bounds = np.r_[starts, len(codes)]
            numbers = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in values}
            yield pa.RecordBatch.from_pydict(
                {
                    "meter_id": meters.dictionary.take(pa.array(codes[starts])),
                    "chunk": pa.array(chunks[starts], pa.int32()),
                    "interval_start_utc": _packed(stamps[at], bounds),
                    **{
                        name: _packed(array[at].astype(np.float64, copy=False), bounds)
                        for name, array in numbers.items()
                    },
                }
            )

    return pack


def in_chunks(
    codes: NDArray[Any], hours: NDArray[np.int64], chunk_days: int, reach_hours: int
) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[np.int64]]:
    """Each row once for every chunk that needs it: its own, and the chunks that begin within the reach after it.

    Returns row numbers, meter codes and chunk numbers, with the rows of a meter and chunk side by side. Chunk numbers
    count `chunk_days` from 1970; an hour belongs to the chunk of the origin after it, as in gold.features.
    """
    first = (hours + 1) // (24 * chunk_days)
    last = (hours + 1 + reach_hours) // (24 * chunk_days)
    copies = [np.flatnonzero(last - first >= ahead) for ahead in range(int((last - first).max()) + 1)]
    at = np.concatenate(copies)
    chunks = np.concatenate([first[rows] + ahead for ahead, rows in enumerate(copies)])
    groups = codes[at].astype(np.int64) * (int(chunks.max() - chunks.min()) + 1) + chunks - chunks.min()
    if (np.diff(groups) < 0).any():
        order = np.argsort(groups, kind="stable")
        at, chunks = at[order], chunks[order]
    return at, codes[at], chunks


def _packed(numbers: NDArray[Any], bounds: NDArray[np.int64]) -> pa.Array:
    """8-byte numbers as one byte string for each pair of neighbouring bounds; nothing is copied."""
    offsets = pa.py_buffer((bounds * 8).astype(np.int32))
    return pa.Array.from_buffers(pa.binary(), len(bounds) - 1, [None, offsets, pa.py_buffer(numbers)])


def _unpacked(column: pa.ChunkedArray, dtype: type[np.generic]) -> NDArray[Any]:
    """The numbers of all byte strings of a column, one after the other."""
    parts = []
    for chunk in column.chunks:
        offsets = np.frombuffer(chunk.buffers()[1], np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        parts.append(np.frombuffer(chunk.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].view(dtype))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


Kernel = Callable[[tuple[pa.Scalar, ...], pa.Table], pa.Table]


def _writer(kernel: Kernel, folder: Path) -> Kernel:
    def write(key: tuple[pa.Scalar, ...], table: pa.Table) -> pa.Table:
        name = f"{uuid.uuid4().hex}.parquet"
        features = kernel(key, table)
        # Measurements seldom repeat, so a dictionary of them would not pay, and no reader prunes by their extremes.
        keys = ["meter_id", "interval_start_utc"]
        pq.write_table(features, folder / name, use_dictionary=["meter_id"], write_statistics=keys)
        return pa.table({"file": [name], "rows": [features.num_rows]})

    return write


def _chunk_kernel(rolling: Sequence[Rolling], calendar: Sequence[str], place: Place, chunk_days: int) -> Kernel:
    columns = sorted({feature.column for feature in rolling})

    def compute(key: tuple[pa.Scalar, ...], table: pa.Table) -> pa.Table:
        stamps = _unpacked(table["interval_start_utc"], np.int64)
        inputs: Mapping[str, NDArray[Any]] = {name: _unpacked(table[name], np.float64) for name in columns}
        first = key[1].as_py() * chunk_days * 24 - 1
        order, arrays = rolling_arrays(stamps // HOUR_US, inputs, rolling, calendar, place, first)
        features = {name: pa.array(array, from_pandas=True) for name, array in arrays.items()}
        inputs_in_order = {name: pa.array(array[order], from_pandas=True) for name, array in inputs.items()}
        meters, at = pa.repeat(key[0], len(order)), pa.array(stamps[order]).cast(STAMP)
        return pa.Table.from_pydict({"meter_id": meters, "interval_start_utc": at, **inputs_in_order, **features})

    return compute

"""One shard file: rows of tensors as Parquet, the same bytes for the same rows."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from energy_lib.encoding.slots import slots
from energy_lib.encoding.tensors import Encoding, Floats, encode

TARGET_CLIP = 20.0  # times the level: a reading beyond it is no example of a normal day
WEIGHT_BOUNDS = (0.1, 10.0)


def widths(encoding: Encoding) -> dict[str, int]:
    """Floats per row of each tensor column: little-endian float32, interval by interval.

    They are stored as bytes of fixed length, not as Parquet lists, which Petastorm reads two to three times as fast.
    """
    hours = encoding.horizon_hours
    return {
        "history": encoding.history_hours,
        "features": hours * encoding.channels,
        "target": hours,
        "weight": hours,
    }


def shard_table(rows: pd.DataFrame, encoding: Encoding) -> pa.Table:
    """Feature rows with `position`, `padding` and `target_kwh` (NaN: no model learns from the hour) → one row a group.

    Rows come in the order of `position`; a padding row repeats a group with weight 0.
    """
    ordered = rows.sort_values(["position", "horizon_hours"], kind="stable")
    frames = [ordered[~ordered["padding"]], ordered[ordered["padding"]]]
    tables = [_table(frame, encoding) for frame in frames if not frame.empty]
    return pa.concat_tables(tables).combine_chunks()


def write_shard(table: pa.Table, path: Path) -> str:
    """Write one row group; returns the file's SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        path,
        row_group_size=max(1, table.num_rows),
        compression="snappy",
        use_dictionary=["meter_id"],
        write_statistics=False,
        store_schema=False,
        data_page_size=1 << 20,
    )
    return hashlib.sha256(path.read_bytes()).hexdigest()


def learning_weight(level: Floats, reference: float) -> Floats:
    """Weight [n] of a meter-day: √(level / reference), both in kWh, limited to WEIGHT_BOUNDS.

    The root lies between equal weights for all meters and weights in proportion to energy. Scores pool errors in kWh,
    so large meters count most; with the root, small meters still count in training.
    """
    weight: Floats = np.clip(np.sqrt(level / reference), *WEIGHT_BOUNDS)
    return weight


def _table(frame: pd.DataFrame, encoding: Encoding) -> pa.Table:
    where = slots(frame)
    tensors = encode(frame, encoding, where)
    target = np.full((len(where.keys), encoding.horizon_hours), np.nan, dtype=np.float32)
    target[where.group, where.interval] = frame["target_kwh"].to_numpy(dtype=np.float32)
    known = ~np.isnan(target)
    weight = known * learning_weight(tensors.level, encoding.reference_level_kwh)[:, None]
    if frame["padding"].iloc[0]:
        weight = np.zeros_like(weight)
    scaled = np.clip(np.where(known, target, 0) / tensors.level[:, None], -TARGET_CLIP, TARGET_CLIP)
    return pa.table(
        {
            "meter_id": pa.array(where.keys["meter_id"], pa.string()),
            "origin_utc": pa.array(where.keys["origin_utc"].to_numpy("datetime64[us]"), pa.timestamp("us")),
            "history": _bytes(tensors.history),
            "features": _bytes(tensors.features),
            "target": _bytes(scaled),
            "weight": _bytes(weight),
            "level": pa.array(tensors.level, pa.float32()),
        }
    )


def _bytes(values: npt.NDArray[np.floating[Any]]) -> pa.FixedSizeBinaryArray:
    """[n, …] → n rows of float32 bytes."""
    flat = np.ascontiguousarray(values, dtype="<f4").reshape(len(values), -1)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(4 * flat.shape[1]), len(flat), [None, pa.py_buffer(flat)])

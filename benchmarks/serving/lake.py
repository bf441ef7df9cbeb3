"""A lake of meters with a live forecast each, made in seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from deltalake import write_deltalake

from energy_lib.tables import Table, gold, silver
from energy_lib.tables.arrow import arrow_schema, conform_arrow
from energy_lib.vocabulary import QUANTILES

ORIGIN = datetime(2024, 6, 2, tzinfo=UTC)
HOURS, METERS_A_FILE = 24, 10_000


def make_lake(root: Path, meters: int) -> None:
    """Meters, and a live forecast of each."""
    ids = [f"meter-{number:07d}" for number in range(meters)]
    rows = pa.table({"meter_id": ids, "fuel": ["electricity"] * meters, "zone": ["Europe/London"] * meters,
                     "registered_by": ["registry"] * meters})  # fmt: skip
    _write(root, silver.METERS, rows)
    random = np.random.default_rng(1)
    for first in range(0, meters, METERS_A_FILE):
        part = np.repeat(ids[first : first + METERS_A_FILE], HOURS)
        hours = np.tile(np.arange(HOURS), len(part) // HOURS)
        values = np.sort(random.gamma(2.0, 1.0, (len(part), len(QUANTILES))), axis=1)
        starts = np.datetime64(ORIGIN.replace(tzinfo=None), "us") + np.arange(HOURS) * np.timedelta64(1, "h")
        count = len(part)
        columns = {
            "meter_id": part, "origin_utc": pa.array([ORIGIN] * count, pa.timestamp("us", tz="UTC")),
            "interval_start_utc": pa.array(np.tile(starts, count // HOURS), pa.timestamp("us", tz="UTC")),
            "model_name": ["dense"] * count, "model_version": ["1"] * count, "run_kind": ["live"] * count,
            "fuel": ["electricity"] * count, "horizon_hours": pa.array(hours + 1, pa.int32()),
            "imputed_share": pa.array(np.zeros(count), pa.float32()),
            **{name: values[:, place] for place, name in enumerate(QUANTILES)},
        }  # fmt: skip
        _write(root, gold.FORECASTS, pa.table(columns))


def _write(root: Path, table: Table, rows: pa.Table) -> None:
    path = str(root / table.layer / table.name)
    write_deltalake(path, conform_arrow(rows, table).cast(arrow_schema(table)), mode="append")

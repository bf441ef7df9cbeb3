"""Hours of meters, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from energy_lib.insights.accounts.amounts import Bools, Floats, Ints

US_PER_HOUR = 3_600_000_000
COLUMNS = ("meter_id", "interval_start_utc", "energy_kwh", "imputed_share", "available_at_utc")


@dataclass(frozen=True)
class Hours:
    """Rows of silver.hourly_readings: `meter` is a place in `names`; `available` in microseconds since the epoch."""

    names: tuple[str, ...]
    meter: Ints
    hour: Ints
    energy_kwh: Floats
    imputed_share: npt.NDArray[np.float32]
    available: Ints

    def where(self, rows: Bools) -> Hours:
        columns = ("meter", "hour", "energy_kwh", "imputed_share", "available")
        return Hours(self.names, *(getattr(self, name)[rows] for name in columns))


def hours_of(rows: pa.Table) -> Hours:
    """COLUMNS of silver.hourly_readings, in any order."""
    names = rows["meter_id"].combine_chunks().dictionary_encode()
    start, available = (rows[name].cast(pa.int64()).to_numpy() for name in ("interval_start_utc", "available_at_utc"))
    energy, imputed = (rows[name].to_numpy() for name in ("energy_kwh", "imputed_share"))
    return Hours(
        tuple(names.dictionary.to_pylist()),
        names.indices.to_numpy().astype(np.int64),
        start // US_PER_HOUR,
        energy.astype(np.float64),
        imputed.astype(np.float32),
        available,
    )

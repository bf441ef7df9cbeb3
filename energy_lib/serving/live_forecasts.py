"""The newest live forecast of each meter by its key: sorted once into a file that is mapped, not held in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from energy_lib.security.principal import Scope
from energy_lib.serving.visibility import meter_is_seen
from energy_lib.vocabulary import QUANTILES

BATCH_ROWS = 20_000
# A baseline is shown only where there is no model, and of two versions the newer.
CHAMPION = """SELECT model_name, model_version FROM gold.forecasts WHERE run_kind = 'live' AND origin_utc = $origin
GROUP BY model_name, model_version
ORDER BY model_name LIKE 'seasonal_naive%', model_name, model_version DESC LIMIT 1"""
ROWS = f"""SELECT f.meter_id, f.interval_start_utc, {", ".join(f"f.{name}" for name in QUANTILES)},
  CAST(f.imputed_share AS DOUBLE) AS imputed_share, f.fallback, m.meter_id IS NOT NULL AS is_registered, m.site_id
FROM gold.forecasts f LEFT JOIN silver.meters m ON m.meter_id = f.meter_id
WHERE f.run_kind = 'live' AND f.origin_utc = $origin AND f.model_name = $name AND f.model_version = $version
ORDER BY f.meter_id, f.interval_start_utc"""
VALUES = (*QUANTILES, "imputed_share")
# A meter's rows lie beside one another, so that an answer touches a page or two of the file.
ROW = np.dtype([("start", "<i8"), ("values", "<f8", (len(VALUES),)), ("fallback", "<i4")])


@dataclass(frozen=True, slots=True)
class LiveForecasts:
    """`meters`: ids in UTF-8, sorted; `first` [n + 1]: where each meter's rows begin in the mapped `rows` [N] of ROW.

    `sites`: of each meter, None where it has none or `registered` is false; `fallbacks`: texts by their number.
    """

    origin_utc: datetime
    model_name: str
    model_version: str
    meters: npt.NDArray[np.bytes_]
    first: npt.NDArray[np.int64]
    rows: npt.NDArray[Any]
    sites: Sequence[str | None]
    registered: npt.NDArray[np.bool_]
    fallbacks: Sequence[str | None]

    def of(self, meter_id: str, scope: Scope) -> dict[str, Any] | None:
        """A meter's forecast, columns as lists; None where there is none that may be seen."""
        name = meter_id.encode()
        at = int(np.searchsorted(self.meters, name))
        # NumPy knows no zero at a text's end.
        if at == len(self.meters) or self.meters[at] != name or name[-1:] == b"\0":
            return None
        if not meter_is_seen(scope, meter_id, self.sites[at], is_registered=bool(self.registered[at])):
            return None
        rows = self.rows[self.first[at] : self.first[at + 1]]
        values = rows["values"].T.tolist()
        return {
            "meter_id": meter_id,
            "origin_utc": self.origin_utc,
            "model_name": self.model_name,
            "model_version": self.model_version,
            "interval_start_utc": rows["start"].astype("datetime64[us]").tolist(),
            **dict(zip(VALUES, values, strict=True)),
            "fallback": [self.fallbacks[number] for number in rows["fallback"].tolist()],
        }


def read_live_forecasts(connection: duckdb.DuckDBPyConnection, origin: datetime | None) -> LiveForecasts | None:
    """Sort the forecasts of the newest live origin into a temporary file, and map it; None where there are none."""
    if origin is None:
        return None
    name, version = connection.sql(CHAMPION, params={"origin": origin}).fetchall()[0]
    answer = connection.sql(ROWS, params={"origin": origin, "name": name, "version": version})
    meters: list[str] = []
    first: list[int] = []
    sites: list[str | None] = []
    registered: list[bool] = []
    fallbacks: dict[str | None, int] = {None: 0}
    count = 0
    with tempfile.TemporaryFile() as file:
        for batch in answer.to_arrow_reader(BATCH_ROWS):
            ids = batch.column("meter_id").to_pylist()
            begins = [
                i for i, each in enumerate(ids) if each != (ids[i - 1] if i else (meters[-1] if meters else None))
            ]
            for i in begins:
                meters.append(ids[i])
                first.append(count + i)
                sites.append(batch.column("site_id")[i].as_py())
                registered.append(batch.column("is_registered")[i].as_py())
            file.write(_packed(batch, fallbacks).tobytes())
            count += batch.num_rows
        file.flush()
        # The mapping outlives the file's name, which it never had.
        rows = np.memmap(file, dtype=ROW, mode="r", shape=(count,))
    return LiveForecasts(
        origin, name, version, np.array([each.encode() for each in meters]), np.array([*first, count]), rows, sites,
        np.array(registered), list(fallbacks),
    )  # fmt: skip


def _packed(batch: pa.RecordBatch, fallbacks: dict[str | None, int]) -> npt.NDArray[Any]:
    """Rows of ROW; texts that are new get the next number."""
    rows = np.empty(batch.num_rows, dtype=ROW)
    rows["start"] = (
        batch.column("interval_start_utc").to_numpy(zero_copy_only=False).astype("datetime64[us]").view("i8")
    )
    for place, name in enumerate(VALUES):
        rows["values"][:, place] = batch.column(name).to_numpy(zero_copy_only=False)
    texts = batch.column("fallback").to_pylist()
    rows["fallback"] = [fallbacks.setdefault(text, len(fallbacks)) for text in texts]
    return rows

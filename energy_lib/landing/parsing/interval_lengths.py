"""How long each reading's interval is: the YAML or a column gives it, or it is a meter's commonest step."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.parsing.timestamps import MINUTE, NAT

Longs = npt.NDArray[np.int64]


class IntervalLengths:
    """Interval lengths in minutes; 0 where there is none. A length inferred for a meter holds for its whole file.

    `configured` is the YAML's `time.interval_minutes`.
    """

    def __init__(self, configured: int | Literal["infer"] | None, *, register_reads: bool) -> None:
        self._configured = configured
        self._register_reads = register_reads
        self._inferred_minutes: dict[str, int] = {}

    def minutes(self, meter: pa.Array, micros: Longs, column: pa.Array | None) -> Longs:
        """`micros` are the stamps as read (NAT where unread); `column` holds the file's own lengths, if it has any."""
        if self._register_reads:
            return np.zeros(len(micros), dtype=np.int64)
        if column is not None:
            texts = pc.utf8_trim_whitespace(column.cast(pa.string())).to_pandas()
            numbers = pd.to_numeric(texts, errors="coerce").fillna(0)
            return np.asarray(numbers.round().to_numpy(dtype=np.int64))
        if isinstance(self._configured, int):
            return np.full(len(micros), self._configured, dtype=np.int64)
        return self._inferred(meter, micros)

    def _inferred(self, meter: pa.Array, micros: Longs) -> Longs:
        encoded = meter.dictionary_encode()
        names = encoded.dictionary.to_pylist()
        codes = np.asarray(pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(), dtype=np.int64)
        if any(name not in self._inferred_minutes for name in names):
            self._infer(names, codes, micros)
        return np.array([*(self._inferred_minutes.get(name, 0) for name in names), 0], dtype=np.int64)[codes]

    def _infer(self, names: list[str], codes: Longs, micros: Longs) -> None:
        """The commonest step between neighbouring stamps in time; of two equally common the shorter."""
        read = (micros != NAT) & (codes >= 0)
        stamps = pd.DataFrame({"code": codes[read], "micros": micros[read]}).sort_values(["code", "micros"])
        steps = stamps.groupby("code")["micros"].diff()
        counted = pd.DataFrame({"code": stamps["code"], "step": steps}).query("step > 0").value_counts().reset_index()
        counted = counted.sort_values(["code", "count", "step"], ascending=[True, False, True])
        for code, step in counted.drop_duplicates("code")[["code", "step"]].itertuples(index=False):
            self._inferred_minutes.setdefault(names[int(code)], int(step) // MINUTE)

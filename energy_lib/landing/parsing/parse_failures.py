"""Which parsing rule a row broke: the first one, with a sentence that shows what stood there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Mask = npt.NDArray[np.bool_]


class BrokenRules:
    """Rule id and reason of each row of a chunk; the first rule that a row breaks stays."""

    def __init__(self, rows: int) -> None:
        self._rule: npt.NDArray[Any] = np.full(rows, None, dtype=object)
        self._reason: npt.NDArray[Any] = np.full(rows, None, dtype=object)
        self._broken = np.zeros(rows, dtype=bool)

    def mark(self, rule_id: str, broken: Mask, reason: Callable[[int], str]) -> None:
        """`reason` writes the sentence of one row, given its position; called only for rows newly marked."""
        for position in np.flatnonzero(broken & ~self._broken):
            self._rule[position] = rule_id
            self._reason[position] = reason(int(position))
        self._broken |= broken

    def adopt(self, rules: pa.Array, reasons: pa.Array) -> None:
        """Take over the rules that the format's reader found broken."""
        known = np.asarray(rules.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
        for position in np.flatnonzero(known & ~self._broken):
            self._rule[position] = rules[int(position)].as_py()
            self._reason[position] = reasons[int(position)].as_py()
        self._broken |= known

    @property
    def broken(self) -> Mask:
        return self._broken

    def arrays(self) -> tuple[pa.Array, pa.Array]:
        return pa.array(self._rule, pa.string()), pa.array(self._reason, pa.string())

"""Rows that the YAML says are no readings (totals, footers): kept with a rule, so that none goes without a word."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

import numpy as np
import pyarrow as pa

from energy_lib.landing.files import file_faults


def ignored_rows(patterns: Mapping[str, tuple[pa.Array, tuple[str, ...]]], rows: int) -> tuple[pa.Array, pa.Array]:
    """Rule and reason of each row; null where the row counts.

    `patterns` maps the name of a column to its texts and to the texts or patterns that make a row no reading.
    """
    reasons = np.full(rows, None, dtype=object)
    for name, (column, wanted) in patterns.items():
        encoded = column.cast(pa.string()).dictionary_encode()
        texts = [text.strip() for text in encoded.dictionary.to_pylist()]
        hits = [any(text == one or fnmatchcase(text, one) for one in wanted) for text in texts]
        codes = np.asarray(encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False), dtype=np.int64)
        # One more entry for the null texts.
        for position in np.flatnonzero(np.append(np.array(hits, dtype=bool), False)[codes]):
            reasons[position] = f"ignore.rows says that a row with {texts[codes[position]]!r} in {name} is no reading"
    rules = [None if reason is None else file_faults.IGNORED_ROW for reason in reasons]
    return pa.array(rules, pa.string()), pa.array(reasons, pa.string())

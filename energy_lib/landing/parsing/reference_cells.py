"""Cells of reference data: days, and words that a source's `mapping` translates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.parsing.arrow_columns import flags
from energy_lib.landing.parsing.parse_failures import Mask
from energy_lib.landing.parsing.stamp_parser import StampParser
from energy_lib.landing.parsing.timestamps import DAY, NAT
from energy_lib.landing.sources.yaml_sections import Time

# Columns whose numbers are whole: half an hour is not rounded to another window.
WHOLE = ("from_hour", "to_hour", "minimum_run_hours", "households")


def shown_days(cells: pa.Array, format_: str | None) -> pa.Array:
    """The days that cells show, in no zone; null where a cell is no time in the format (None: ISO 8601)."""
    micros = StampParser(Time(format=format_)).instants(cells)
    known = micros != NAT
    days = np.where(known, micros // DAY, 0).astype(np.int32)
    return pa.array(days, mask=~known).cast(pa.date32())


def mapped(texts: pa.Array, mapping: Mapping[str, str]) -> pa.Array:
    encoded = texts.dictionary_encode()
    words = [mapping.get(text, text) for text in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)


def not_whole(name: str, numbers: pa.Array) -> Mask:
    """Which numbers of a column in WHOLE have a fraction; none of another column."""
    if name not in WHOLE:
        return np.zeros(len(numbers), dtype=bool)
    return flags(pc.fill_null(pc.not_equal(numbers, pc.floor(numbers)), False))

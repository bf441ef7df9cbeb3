"""Steps on Arrow columns that readings and reference data share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.formats import BrokenRow
from energy_lib.landing.parsing.timestamps import NAT

UTC_STAMP = pa.timestamp("us", "UTC")
# How Excel is made to keep an id as text, with its zeros: ="0012" or '0012.
AS_TEXT = r"""^\s*(?:="([^"]*)"|'(\d+))\s*$"""


def trimmed(texts: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(texts.cast(pa.string()))


def as_shown(column: pa.Array) -> pa.Array:
    """Texts as Excel shows them: `="0012"` and `'0012` are 0012."""
    if not pa.types.is_string(column.type) or not pc.any(pc.match_substring_regex(column, "=\"|'")).as_py():
        return column
    return pc.replace_substring_regex(column, AS_TEXT, r"\1\2")


def not_empty(texts: pa.Array) -> pa.Array:
    """Empty texts become null."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def flags(mask: pa.Array) -> npt.NDArray[np.bool_]:
    values = mask.to_numpy(zero_copy_only=False) if isinstance(mask, pa.Array) else mask.to_numpy()
    return np.asarray(values, dtype=bool)


def instants(micros: npt.NDArray[np.int64], known: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Microseconds since 1970 → timestamps in UTC; null where unread or not `known`."""
    valid = micros != NAT if known is None else known & (micros != NAT)
    return pa.array(np.where(valid, micros, 0), mask=~valid).cast(UTC_STAMP)


def stamp_texts(stamps: pa.Array) -> pa.Array:
    """Stamps as text; of typed ones the shortest that loses nothing."""
    if not pa.types.is_timestamp(stamps.type):
        return stamps.cast(pa.string())
    encoded = stamps.dictionary_encode()
    texts = encoded.dictionary.cast(pa.timestamp("us", stamps.type.tz), safe=False).cast(pa.string())
    return pc.replace_substring_regex(texts, r"\.0+(Z?)$", r"\1").take(encoded.indices)


def replaced(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def with_broken(table: pa.Table, broken: Sequence[BrokenRow]) -> pa.Table:
    """The chunk's rows, and after them those that could not be taken apart."""
    if not broken:
        return table
    texts = {
        "raw_row": [row.text for row in broken],
        "rule_id": [row.rule_id for row in broken],
        "reason": [row.reason for row in broken],
    }
    columns = {
        f.name: pa.array(texts[f.name], pa.string()) if f.name in texts else pa.nulls(len(broken), f.type)
        for f in table.schema
    }
    return pa.concat_tables([table, pa.table(columns, schema=table.schema)])

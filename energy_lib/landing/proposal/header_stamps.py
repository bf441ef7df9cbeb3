"""Files whose header holds the stamps: a row for each register, a column for each interval."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.stamp_columns import Stamps
from energy_lib.landing.proposal.stamp_formats import looks_like_stamp, stamp_format, wall_clocks
from energy_lib.landing.proposal.stamp_ranges import common_pattern

# A name or two may be a day by chance.
LEAST_STAMPS = 2


def stamps_in_header(names: Sequence[str], guesses: Guesses) -> tuple[Stamps, list[str]] | None:
    """Adds `value.stamp_columns` and `time.format`; returns the stamps and their columns, None if there are none."""
    columns = [name for name in names if looks_like_stamp(name)]
    written = stamp_format(columns)
    if len(columns) < LEAST_STAMPS or len(columns) <= len(names) // 3 or written is None:
        return None
    why = f"the header holds stamps such as {columns[0]}"
    guesses.add("value.stamp_columns", common_pattern(columns), why)
    if written.format is not None:
        guesses.add("time.format", written.format, written.evidence, sure=written.sure)
    walls = wall_clocks(pd.Series(columns), written.format)
    return Stamps((), written, walls, frozenset(columns)), columns

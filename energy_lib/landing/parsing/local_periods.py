"""Numbered periods of a local day (settlement periods, hours): on a clock change there are more or fewer of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.parsing.timestamps import DAY, MINUTE, NAT, day_starts

Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PeriodStarts:
    """UTC microseconds of the starts, NAT where there is none: the number is `unread`, or `beyond` the day's last."""

    micros: Longs
    unread: Mask
    beyond: Mask


def period_starts(walls: Longs, periods: pa.Array, minutes: Longs, zone: str) -> PeriodStarts:
    """Where periods start: number 1 at local midnight, and each so many minutes after the one before it.

    `walls` are wall clocks (microseconds, NAT if unread) of the days; their time of day says nothing. So London's
    period 50 of 2024-10-27, in half hours, starts at 23:30 UTC.
    """
    texts = pc.utf8_trim_whitespace(periods.cast(pa.string()))
    whole = pc.fill_null(pc.match_substring_regex(texts, r"^\d{1,4}(\.0+)?$"), False)
    numbers = pc.if_else(whole, texts, "0").cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.int64)
    known = walls != NAT
    days = np.where(known, walls, 0) // DAY * DAY
    first, next_day = day_starts(days, zone), day_starts(days + DAY, zone)
    starts = first + (numbers - 1) * minutes * MINUTE
    unread = known & (numbers < 1)
    beyond = known & ~unread & (starts >= next_day)
    return PeriodStarts(np.where(known & ~unread & ~beyond, starts, NAT), unread, beyond)

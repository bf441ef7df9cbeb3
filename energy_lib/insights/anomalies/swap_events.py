"""Events of meters that were swapped: which of a meter's events stand beside a swap, and whom it was swapped with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from energy_lib.insights.anomalies.events import Event

SWAPPED, OF_A_BUILDING = "swapped_meters", "heating_and_cooling"
# What is wrong with a meter whosever use it reads.
KEPT = (SWAPPED, "stuck", "dead", "missing_data")
DAY = pd.Timedelta(days=1)
Row = dict[str, Any]


def without_echoes(events: Iterable[Event]) -> list[Event]:
    """The events of a meter that was swapped, without what else its strange readings look like meanwhile.

    None where none is a swap.
    """
    every = list(events)
    swaps = [each for each in every if each.type == SWAPPED]
    return [
        each
        for each in every
        if swaps and (each.type in KEPT or not any(swap.start - DAY <= each.start < swap.end for swap in swaps))
    ]


def with_swaps(found: Iterable[Row], in_pairs: Iterable[Row]) -> list[Row]:
    """The events found of each meter alone, and of swapped meters what was found beside the other in their place.

    `in_pairs`: events with `pair`, the other meter. A meter is in one swap: the one with the highest score counts.
    """
    events = list(in_pairs)
    other: Mapping[str, str] = _partners(each for each in events if each["type"] == SWAPPED)
    alone = [each for each in found if each["meter_id"] not in other or each["type"] == OF_A_BUILDING]
    return alone + [each for each in events if other.get(each["meter_id"]) == each["pair"]]


def _partners(swaps: Iterable[Row]) -> dict[str, str]:
    other: dict[str, str] = {}
    for swap in sorted(swaps, key=lambda each: (-each["score"], each["meter_id"], each["pair"])):
        one, two = swap["meter_id"], swap["pair"]
        if one not in other and two not in other:
            other |= {one: two, two: one}
    return other

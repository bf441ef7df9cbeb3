"""Interruptions of supply by meter, from outage events alone: a reading of zero is no proof of one.

Source: IEEE Std 1366-2022: sustained interruptions last longer than five minutes; SAIDI, SAIFI and CAIDI are customer
minutes and interruptions over customers served, and the first over the second. Major event days are not left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from energy_lib.insights.access.privacy import AreaTree

SUSTAINED = timedelta(minutes=5)
Span = tuple[datetime, datetime]


def outages_of(
    meter: Mapping[str, Any], events: Iterable[Mapping[str, Any]], tree: AreaTree, first: datetime, end: datetime
) -> list[Span]:
    """Outages that begin at a meter from `first` on and before `end`; those that overlap are one.

    An event of an area concerns all areas inside it. One that goes on is counted until `end`.
    """
    lineage = tree.lineage(meter["area_id"]) if meter["area_id"] is not None else []
    spans = sorted(
        (row["start_utc"], row["end_utc"] or end)
        for row in events
        if row["kind"] == "outage"
        and first <= row["start_utc"] < end
        and (
            row["area_id"] in lineage
            or any(row[p] is not None and row[p] == meter[p] for p in ("meter_id", "building_id", "site_id"))
        )
    )
    found: list[Span] = []
    for start, stop in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def minutes_and_interruptions(spans: Iterable[Span]) -> tuple[float, int]:
    """Minutes without supply and number of interruptions, of the sustained ones."""
    lasting = [stop - start for start, stop in spans if stop - start > SUSTAINED]
    return sum(each.total_seconds() for each in lasting) / 60, len(lasting)

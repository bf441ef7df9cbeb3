"""Which meters are looked at together: those of a building that heats and may cool, and two that may be swapped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain, combinations
from typing import Any

from energy_lib.tables.silver import VIRTUAL
from energy_lib.vocabulary import Flow, Fuel

Row = Mapping[str, Any]
Pair = tuple[str, str]
# So many meters of a site are held against so many others at once: that bounds a worker's memory.
AT_ONCE = 32
# A building with more meters has many boilers and many tenants: it says nothing of one.
MOST_METERS = 10
# Two meters that are swapped both begin to look wrong within so many days.
SWAPPED_WITHIN = timedelta(days=4)


def looked_at(
    since: Mapping[str, datetime], meters: Mapping[str, Row], swaps: Mapping[str, datetime]
) -> dict[str, datetime]:
    """meter_id -> from when on, `since` with the meters that are judged with one of it, both from the earlier time on.

    `swaps`: meter_id -> start of a swap that goes on; both of its meters have the same.
    """
    buildings = heated_buildings(meters)
    groups: dict[object, list[str]] = defaultdict(list)
    for meter_id, start in swaps.items():
        groups[start, meters[meter_id]["fuel"] if meter_id in meters else None].append(meter_id)
    for meter_id, building in buildings.items():
        groups[building].append(meter_id)
    result = dict(since)
    for members in groups.values():
        starts = [result[each] for each in members if each in result]
        if starts:
            result |= dict.fromkeys(members, min(starts))
    return {meter_id: result[meter_id] for meter_id in sorted(result) if meter_id in meters}


def heated_buildings(meters: Mapping[str, Row]) -> dict[str, str]:
    """meter_id -> building, of the meters of import of buildings with gas and electricity, and few meters in all."""
    buildings: dict[str, list[Row]] = defaultdict(list)
    for meter in meters.values():
        if meter["building_id"] is not None and _imports(meter):
            buildings[meter["building_id"]].append(meter)
    return {
        meter["meter_id"]: building
        for building, rows in buildings.items()
        if len(rows) <= MOST_METERS and {Fuel.GAS, Fuel.ELECTRICITY} <= {row["fuel"] for row in rows}
        for meter in rows
    }


def maybe_swapped(events: Iterable[Row], meters: Mapping[str, Row]) -> list[Pair]:
    """Pairs of meters of one site (or, without one, building) and fuel with events that begin about the same time."""
    places: dict[object, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        meter = meters[event["meter_id"]]
        place = meter["site_id"] or meter["building_id"]
        if place is not None and _imports(meter):
            places[place, meter["fuel"]][event["meter_id"]].append(event["start_utc"])
    return [
        (one, other)
        for starts in places.values()
        for one, other in combinations(sorted(starts), 2)
        if any(abs(here - there) <= SWAPPED_WITHIN for here in starts[one] for there in starts[other])
    ]


def in_squares(pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
    """The pairs, by squares of at most `AT_ONCE` meters by `AT_ONCE`: in each a meter's days are laid out once."""
    every = list(pairs)
    number = {meter_id: place for place, meter_id in enumerate(dict.fromkeys(chain.from_iterable(every)))}
    squares: dict[str, list[Pair]] = defaultdict(list)
    for pair in every:
        squares["|".join(str(number[each] // AT_ONCE) for each in pair)].append(pair)
    return dict(squares)


def _imports(meter: Row) -> bool:
    return meter["registered_by"] != VIRTUAL and meter["flow"] in (None, Flow.IMPORT)

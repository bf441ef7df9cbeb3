"""What happens at places of the utility beside faults and measures: outages, closures, a new load."""

from __future__ import annotations

from typing import Any

import pandas as pd
from numpy.typing import NDArray

from energy_lib.simulation.portfolio import Registry
from energy_lib.vocabulary import Fuel

SLOTS_A_DAY = 48
# At these shares of the days that are simulated.
OUTAGE_AT, NEW_LOAD_AT = 0.55, 0.8
OUTAGE_FROM, OUTAGE_SLOTS = 20, 7
NEW_LOAD_SHARE = 0.08
OUTAGE_PLACE, NEW_LOAD_PLACE = (Fuel.ELECTRICITY, "dwelling", 8), (Fuel.ELECTRICITY, "hospital", 0)


def with_events(
    utility: Registry, kwh: NDArray[Any], slots: pd.DatetimeIndex, closures: dict[str, tuple[int, int]]
) -> tuple[NDArray[Any], pd.DataFrame]:
    """The energy with an outage of a home and a new load of a hospital, and the events, columns as silver.events.

    `kwh` by meter and half-hour of `slots`, which holds the closures already; they are told of as events.
    """
    kwh = kwh.copy()
    events: list[tuple[object, ...]] = []
    days = len(slots) // SLOTS_A_DAY
    home, hospital = utility.find(*OUTAGE_PLACE), utility.find(*NEW_LOAD_PLACE)
    if home is not None:
        first = int(days * OUTAGE_AT) * SLOTS_A_DAY + OUTAGE_FROM
        kwh[home, first : first + OUTAGE_SLOTS] = 0
        building = utility.meters["building_id"].iat[home]
        span = (slots[first], slots[0] + pd.Timedelta(minutes=30) * (first + OUTAGE_SLOTS))
        events.append(("outage", None, building, *span, "The grid failed in the street"))
    if hospital is not None:
        first = int(days * NEW_LOAD_AT) * SLOTS_A_DAY
        kwh[hospital, first:] += NEW_LOAD_SHARE * kwh[hospital, :first].mean()
        building = utility.meters["building_id"].iat[hospital]
        events.append(("non_routine", None, building, slots[first], pd.NaT, "A new ward went into use"))
    for meter_id, (first, end) in closures.items():
        until = slots[0] + pd.Timedelta(minutes=30) * end
        events.append(("closure", meter_id, None, slots[first], until, "Closed, nearly empty"))
    frame = pd.DataFrame(events, columns=["kind", "meter_id", "building_id", "start_utc", "end_utc", "description"])
    frame.insert(0, "event_id", [f"sim-e{place:02d}" for place in range(len(frame))])
    return kwh, frame.assign(site_id=None, area_id=None)

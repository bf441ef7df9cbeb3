"""A site's plan as FlexMeasures' sensor data: the body of POST /api/v3_0/sensors/<id>/data, one of each asset.

Its schema is PostSensorDataSchema: values one after another, of equal length, null where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from energy_lib.intervals import utc_text

HOUR = timedelta(hours=1)
Row = Mapping[str, Any]


def messages(plan: Sequence[Row], sensors: Mapping[str, int]) -> list[dict[str, Any]]:
    """Of each asset its id, its kind and its message.

    `plan`: rows of gold.schedules of one site in the order of its key, with instants in UTC. `sensors`: FlexMeasures'
    sensor by asset id. A message without a sensor is one for whose asset none was named.
    """
    grouped = groupby(plan, key=lambda row: (str(row["asset_id"]), row["origin_utc"]))
    return [_message(asset, list(rows), sensors.get(asset)) for (asset, _), rows in grouped]


def _message(asset: str, rows: Sequence[Row], sensor: int | None) -> dict[str, Any]:
    power = {row["interval_start_utc"]: row["power_kw"] for row in rows}
    first, last = min(power), max(power)
    hours = (last - first) // HOUR + 1
    message = {
        "values": [power.get(first + HOUR * hour) for hour in range(hours)],
        "start": utc_text(first),
        "duration": f"PT{hours}H",
        "unit": "kW",
        # When the plan was believed: FlexMeasures keeps earlier and later ones beside it.
        "prior": utc_text(rows[0]["origin_utc"]),
    }
    named = message if sensor is None else {"sensor": sensor, **message}
    return {"asset_id": asset, "asset_kind": rows[0]["asset_kind"], "message": named}

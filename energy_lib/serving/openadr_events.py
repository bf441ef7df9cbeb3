"""A site's plan as objects of OpenADR 3.1 (openadr3.yaml): a program of each site, an event of each asset.

A plan is a list of rows of gold.schedules, with instants in UTC. Loads are told what they use (DISPATCH_SETPOINT, which
is never below zero), batteries and generation what they do (CONTROL_SETPOINT, below zero: discharge), and the site its
limit. Hours without a plan have no interval.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from energy_lib.intervals import utc_text

HOUR = "PT1H"
LONGEST_TEXT = 128
# By the kind of asset: payload type, unit, the column it comes from, and whether it may be below zero.
PAYLOADS: Mapping[str, tuple[tuple[str, str, str, bool], ...]] = {
    "flexible_load": (("DISPATCH_SETPOINT", "KW", "power_kw", False),),
    "battery": (
        ("CONTROL_SETPOINT", "KW", "power_kw", True), ("CHARGE_STATE_SETPOINT", "KWH", "state_of_charge_kwh", False),
    ),
    "generation": (("CONTROL_SETPOINT", "KW", "power_kw", True),),
    "site": (("IMPORT_CAPACITY_LIMIT", "KW", "limit_kw", False),),
}  # fmt: skip
Row = Mapping[str, Any]
Object = dict[str, Any]


def programs(plan: Sequence[Row]) -> list[Object]:
    """A program of each site of the plan."""
    return [_program(site, next(rows)) for site, rows in groupby(plan, key=lambda row: str(row["site_id"]))]


def events(plan: Sequence[Row]) -> list[Object]:
    """An event of each asset that something is planned for; `plan` in the order of its key."""
    made = [
        _event(list(rows))
        for _, rows in groupby(plan, key=lambda row: (row["site_id"], row["asset_id"], row["origin_utc"]))
    ]
    return [event for event in made if event["intervals"]]


def object_id(*names: str) -> str:
    """An id that every URL can hold (objectID), the same for the same names."""
    return hashlib.blake2b("\0".join(names).encode(), digest_size=16).hexdigest()


def _program(site: str, row: Row) -> Object:
    name = f"Schedule of {site}"[:LONGEST_TEXT]
    return {**_metadata("PROGRAM", object_id(site), row), "programName": name, "targets": _targets(site)}


def _event(rows: Sequence[Row]) -> Object:
    first = rows[0]
    site, asset = str(first["site_id"]), str(first["asset_id"])
    payloads = PAYLOADS[first["asset_kind"]]
    intervals = [
        {"id": number, "intervalPeriod": _period(row), "payloads": told}
        for number, (row, told) in enumerate((row, _payloads(row, payloads)) for row in rows)
        if told
    ]
    return {
        **_metadata("EVENT", object_id(site, asset, utc_text(first["origin_utc"])), first),
        "programID": object_id(site),
        "eventName": f"{asset} as planned at {utc_text(first['origin_utc'])}",
        "targets": _targets(site, asset),
        "payloadDescriptors": [
            {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": kind, "units": unit}
            for kind, unit, _, _ in payloads
        ],
        "intervalPeriod": _period(first),
        "intervals": intervals,
    }


def _payloads(row: Row, payloads: Sequence[tuple[str, str, str, bool]]) -> list[Object]:
    known = [(kind, row[column], signed) for kind, _, column, signed in payloads if row[column] is not None]
    # A solver's zero may be a hair below it.
    return [{"type": kind, "values": [value if signed else max(0.0, value)]} for kind, value, signed in known]


def _metadata(kind: str, id_: str, row: Row) -> Object:
    made = utc_text(row["origin_utc"])
    return {"id": id_, "createdDateTime": made, "modificationDateTime": made, "objectType": kind}


def _targets(*names: str) -> list[str]:
    return [name for name in names if 0 < len(name) <= LONGEST_TEXT]


def _period(row: Row) -> Object:
    return {"start": utc_text(row["interval_start_utc"]), "duration": HOUR}

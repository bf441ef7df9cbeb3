"""A building management system in the loop: it reads tomorrow's plan, posts what it measured, hears an alert, and says
what was done.

    python notebooks/building_management.py http://127.0.0.1:8322 SITE [METER < measured.csv]

A line of measured.csv is the start of an hour with its zone, and its kWh: 2024-06-02T04:00:00Z,0.4

With `serving.authentication: security` it shows the API key of the environment's ENERGY_API_KEY.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from energy_lib.client import Alert, EnergyApi, Posted, Series

Plan = dict[str, dict[str, float]]


def plan_of(api: EnergyApi, site: str) -> Plan:
    """Set points in kW by asset and hour of the site's newest plan; hours without a plan are left to the asset."""
    plan: Plan = {}
    for row in api.rows("schedules", site_id=site):
        if row["asset_kind"] != "site" and row["power_kw"] is not None:
            plan.setdefault(row["asset_id"], {})[row["interval_start_utc"]] = row["power_kw"]
    return plan


def post_measured(api: EnergyApi, meter: str, measured: Mapping[datetime, float]) -> Posted:
    """Post the hours that the building measured, kWh by their start; what was refused is told with its reason.

    The key is made of what is posted, so that hours that are sent again are kept once.
    """
    hours = [Series(start, [energy]) for start, energy in sorted(measured.items())]
    key = hashlib.sha256(repr((meter, hours)).encode()).hexdigest()
    return api.post_readings(meter, hours, idempotency_key=key)


def alerts_of_site(api: EnergyApi, site: str, after: str | None = None) -> Iterator[Alert]:
    """What is told of the site's meters, as it is told."""
    meters = {row["meter_id"] for row in api.rows("meters", site=site)}
    return (alert for alert in api.alerts(after) if alert.row["meter_id"] in meters)


def answer(api: EnergyApi, alert: Alert, act: Callable[[dict[str, Any]], str]) -> list[str]:
    """Do what is recommended for the alert's meter and say so; gives the ids of what was done.

    The key of a request is made of the alert, so that a repeated alert says the same thing once.
    """
    done = []
    for row in api.rows("recommendations", status="offered"):
        if alert.row["meter_id"] in row["meters"]:
            key = f"{alert.row['alert_id']}:{row['recommendation_id']}"
            api.give_feedback(row["recommendation_id"], "done", note=act(row), idempotency_key=key)
            done.append(row["recommendation_id"])
    return done


def main(address: str, site: str, meter: str | None = None) -> None:
    """Print the plan, post what was measured of a meter, and print every alert of the site until the stream ends."""
    with EnergyApi(address, api_key=os.environ.get("ENERGY_API_KEY")) as api:
        for asset, hours in plan_of(api, site).items():
            print(asset, hours)
        if meter is not None:
            lines = (line.split(",") for line in sys.stdin)
            print(post_measured(api, meter, {datetime.fromisoformat(start): float(kwh) for start, kwh in lines}))
        for alert in alerts_of_site(api, site):
            print(alert.event, alert.row["meter_id"], alert.row["type"])
            # Here the building would switch something, and say what.
            print(answer(api, alert, lambda row: f"Switched by the building: {row['action']}."))


if __name__ == "__main__":
    main(*sys.argv[1:4])

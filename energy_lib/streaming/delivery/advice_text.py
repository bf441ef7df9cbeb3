"""A mail on one advice, or one on many: subject and plain text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from energy_lib.streaming.delivery.alerts import Row
from energy_lib.streaming.delivery.plain_words import LONGEST_TEXT, instant, plain
from energy_lib.tables.answers.advice import DEMAND_PEAK, INTENSITY_SPIKE, PRICE_SPIKE

SAID = {
    "raised": "New",
    "updated": "Changed",
    "withdrawn": "Withdrawn",
    "expired": "Its time is over",
    "planned_by_night": "In the night's plan",
}
NAMES = {
    PRICE_SPIKE: "a price that was not planned on",
    INTENSITY_SPIKE: "a carbon intensity that was not planned on",
    DEMAND_PEAK: "import about to pass its highest so far",
}
UNITS = {PRICE_SPIKE: "{currency} a kWh", INTENSITY_SPIKE: "kgCO2e a kWh", DEMAND_PEAK: "kW"}
USUAL = {PRICE_SPIKE: "mean", INTENSITY_SPIKE: "mean", DEMAND_PEAK: "highest so far or allowed"}


def subject(row: Row) -> str:
    worth = f"{row['worth']:,.2f} {plain(row['currency'])}"
    return f"[{row['severity']}] {SAID[row['event']]}: {NAMES[row['type']]} at {plain(row['site_id'])}, worth {worth}"


def body(row: Row, place: Mapping[str, Any]) -> str:
    """What to do until when, what it is worth, and why; `place`: the `zone` that the site's clocks show."""
    unit = UNITS[row["type"]].format(currency=plain(row["currency"]))
    saved = [f"{row['expected_saving']:,.2f} {plain(row['currency'])}"]
    if row["expected_saving_kgco2e"] is not None:
        saved.append(f"{row['expected_saving_kgco2e']:,.1f} kgCO2e")
    facts = [
        ("What", f"{NAMES[row['type']]} ({row['type']}), severity {row['severity']}"),
        ("Where", f"site {plain(row['site_id'])}"),
        ("Hour", instant(row["hour_utc"], place)),
        ("Value", f"{row['hour_value']:,.3f} {unit}; {USUAL[row['type']]} {row['usual_value']:,.3f}"),
        ("Worth", f"{row['worth']:,.2f} {plain(row['currency'])}: saves {' and '.join(saved)}, beside the plan"),
        ("Likelihood", f"{row['likelihood']:.0%}"),
        ("Begin by", instant(row["valid_until_utc"], place)),
        ("Reason", plain(row["reason"] or "", LONGEST_TEXT)),
    ]
    lines = [f"{SAID[row['event']]}: {NAMES[row['type']]} at {plain(row['site_id'])}.", ""]
    lines += [f"{name}: {text}" for name, text in facts if text]
    lines += ["", *_todo(row, place), "", f"Where to look: gold.advice of advice_id {row['advice_id']}."]
    return "\n".join(lines) + "\n"


def digest_subject(rows: Sequence[Row]) -> str:
    return f"{len(rows)} pieces of advice at {len({row['site_id'] for row in rows})} sites"


def digest_body(rows: Sequence[Row], places: Mapping[str, Mapping[str, Any]]) -> str:
    """A line an advice, in the order in which they were told; `places`: by site."""
    lines = [f"{len(rows)} things were told of advice at once. A line each:", ""]
    for row in rows:
        until = instant(row["valid_until_utc"], places.get(row["site_id"], {}))
        lines.append(f"{subject(row)}, begin by {until} (advice_id {row['advice_id']})")
    return "\n".join([*lines, "", "Where to look: gold.advice has all that was said of each advice_id."]) + "\n"


def _todo(row: Row, place: Mapping[str, Any]) -> list[str]:
    if row["state"] != "open":
        return ["What to do: go on as planned."]
    return ["What to do:", *(f"- {_step(step, place)}" for step in json.loads(row["steps"]))]


def _step(step: Mapping[str, Any], place: Mapping[str, Any]) -> str:
    first, end = (instant(datetime.fromisoformat(step[name]), place) for name in ("from_utc", "to_utc"))
    return (
        f"{plain(step['asset_id'])} ({step['asset_kind']}): {_power(step['power_kw'], step['asset_kind'])} "
        f"instead of {_power(step['planned_kw'], step['asset_kind'])}, from {first} to {end}"
    )


def _power(kw: float, kind: str) -> str:
    if kind == "battery" and kw:
        return f"{'charge' if kw > 0 else 'discharge'} {abs(kw):,.1f} kW"
    return f"{kw:,.1f} kW"

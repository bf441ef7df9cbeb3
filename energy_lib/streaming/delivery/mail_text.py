"""A mail on one alert, or one on many: subject and plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from energy_lib.streaming.delivery.alerts import Row
from energy_lib.streaming.delivery.plain_words import LONGEST_TEXT, instant, plain
from energy_lib.streaming.delivery.remedies import REMEDIES

SAID = {
    "raised": "New",
    "updated": "Changed",
    "recovered": "Over",
    "withdrawn": "Withdrawn",
    "confirmed_by_night": "Confirmed by the night",
    "withdrawn_by_night": "Withdrawn by the night",
}
NOT_SO = ("withdrawn", "withdrawn_by_night")
Meters = Mapping[str, Mapping[str, Any]]


def subject(row: Row) -> str:
    return f"[{row['severity']}] {SAID[row['event']]}: {REMEDIES[row['type']][0]} at {plain(row['meter_id'])}"


def body(row: Row, meters: Meters) -> str:
    """What, where, since when, read against expected, and what to do; `meters`: meter_id -> row of silver.meters."""
    meter = meters.get(row["meter_id"], {})
    named, remedy = REMEDIES[row["type"]]
    ended = "It lasted until" if row["state"] != "open" else "Its last hour so far ended"
    facts = [
        ("What", f"{named} ({row['type']}), severity {row['severity']}"),
        ("Where", _where(row, meter)),
        ("Since", instant(row["start_utc"], meter)),
        (ended, instant(row["end_utc"], meter)),
        ("Read", _energy(row["observed_kwh"])),
        ("Expected", _energy(row["expected_kwh"])),
        ("Told by", f"{row['statistic']}, {row['score']:.1f} times its limit"),
        ("Evidence", plain("; ".join(row["evidence"] or ()), LONGEST_TEXT)),
        ("Reason", plain(row["reason"] or "", LONGEST_TEXT)),
    ]
    todo = "Nothing: what was told before is not so." if row["event"] in NOT_SO else remedy
    lines = [f"{SAID[row['event']]}: {named} at {plain(row['meter_id'])}.", ""]
    lines += [f"{name}: {text}" for name, text in facts if text]
    night = f", and gold.anomalies of anomaly_id {row['anomaly_id']}" if row["anomaly_id"] else ""
    lines += ["", f"What to do: {todo}"]
    lines += [f"Where to look: gold.alerts of alert_id {row['alert_id']} has all that was said of it{night}."]
    return "\n".join(lines) + "\n"


def digest_subject(rows: Sequence[Row]) -> str:
    grave = sum(row["severity"] == "high" for row in rows)
    return f"{len(rows)} alerts, of which {grave} high"


def digest_body(rows: Sequence[Row], meters: Meters) -> str:
    """A line an alert, in the order in which they were told."""
    lines = [f"{len(rows)} things were told of alerts at once. A line each:", ""]
    for row in rows:
        meter = meters.get(row["meter_id"], {})
        energy = f"; read {_energy(row['observed_kwh'])}, expected {_energy(row['expected_kwh'])}"
        lines.append(f"{subject(row)}, since {instant(row['start_utc'], meter)}{energy} (alert_id {row['alert_id']})")
    return "\n".join([*lines, "", "Where to look: gold.alerts has all that was said of each alert_id."]) + "\n"


def _where(row: Row, meter: Mapping[str, Any]) -> str:
    places = [f"{kind} {plain(meter[f'{kind}_id'])}" for kind in ("building", "site") if meter.get(f"{kind}_id")]
    return ", ".join([f"meter {plain(row['meter_id'])}", *([meter["fuel"]] if meter.get("fuel") else []), *places])


def _energy(kwh: float | None) -> str:
    return "nothing known" if kwh is None else f"{kwh:,.2f} kWh"

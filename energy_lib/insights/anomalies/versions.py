"""The versions of an event: what a run found against what stands in the table."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = dict[str, Any]
# What a version is made of besides its content: a run that says the same again makes none.
LINEAGE = ("last_updated_utc", "superseded_at_utc", "rule_version", "readings_version", "weather_version")
# What it is worth: by the prices and factors that were known on that night, of which the lake keeps the newest alone.
VALUED = ("cost", "currency", "cost_reason", "emissions_kgco2e", "emissions_reason")
GOING_ON = ("open", "ongoing")
WITHDRAWN = "withdrawn"
NOT_FOUND = "the readings known by then do not show it any more"


@dataclass(frozen=True, slots=True)
class Revision:
    """Rows to write and rows, by key, to remove."""

    written: list[Row]
    removed: list[Row]


def anomaly_id(meter_id: str, type_: str, start_utc: datetime) -> str:
    """The id of an event: the same in each night that finds it."""
    text = f"{meter_id}|{type_}|{start_utc.isoformat()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def revised(
    standing: Iterable[Row], found: Iterable[Row], since: Mapping[str, datetime], as_of: datetime, lineage: Row
) -> Revision:
    """The change that makes the table say what was found as of a time.

    `standing`: all versions of the events of the meters in `since`. `found`: the events of these meters that start at
    `since[meter_id]` or later: all columns but state, first_seen_utc, withdrawn_reason and `LINEAGE`, and `goes_on`.
    `lineage`: versions and rule of new rows. An event that stood then, starts in that time and is not found again is
    withdrawn. Versions of later times stay, and follow on. The same call again changes nothing.
    """
    history: dict[str, list[Row]] = defaultdict(list)
    for row in standing:
        history[row["anomaly_id"]].append(row)
    seen = {row["anomaly_id"]: row for row in found}
    touched = set(seen) | {
        key
        for key, rows in history.items()
        if rows[0]["start_utc"] >= since[rows[0]["meter_id"]] and (_stood(rows, as_of) or _said(rows, as_of))
    }
    written, removed = [], []
    for key in sorted(touched):
        rows = history.get(key, [])
        now = _version(seen.get(key), _before(rows, as_of), as_of, lineage)
        kept = [row for row in rows if row["last_updated_utc"] != as_of] + ([now] if now else [])
        chain = _chained(kept)
        there = {row["last_updated_utc"]: row for row in rows}
        written += [row for row in chain if not _same_version(there.get(row["last_updated_utc"]), row)]
        gone = set(there) - {row["last_updated_utc"] for row in chain}
        removed += [there[time] for time in sorted(gone)]
    return Revision(written, removed)


def going_on_since(standing: Iterable[Row], as_of: datetime) -> dict[str, datetime]:
    """meter_id -> start of its earliest event that was open or ongoing before a time, or has a version of that time."""
    history: dict[str, list[Row]] = defaultdict(list)
    for row in standing:
        history[row["anomaly_id"]].append(row)
    starts: dict[str, datetime] = {}
    for rows in history.values():
        last = _before(rows, as_of)
        if _said(rows, as_of) or (last is not None and last["state"] in GOING_ON):
            meter_id, start = rows[0]["meter_id"], rows[0]["start_utc"]
            starts[meter_id] = min(starts.get(meter_id, start), start)
    return starts


def whole_events_since(since: Mapping[str, datetime], standing: Iterable[Row], as_of: datetime) -> dict[str, datetime]:
    """`since`, no later than the start of an event that had begun by then, was not over, and stood before `as_of`.

    Hours that changed within an event change it, also one that is closed, and what it explains.
    """
    history: dict[str, list[Row]] = defaultdict(list)
    for row in standing:
        if row["meter_id"] in since:
            history[row["anomaly_id"]].append(row)
    stood = [last for rows in history.values() if (last := _before(rows, as_of)) and last["state"] != WITHDRAWN]
    result = dict(since)
    for row in sorted(stood, key=lambda each: each["end_utc"], reverse=True):
        if row["start_utc"] < result[row["meter_id"]] < row["end_utc"]:
            result[row["meter_id"]] = row["start_utc"]
    return result


def valued_as_then(found: Iterable[Row], standing: Iterable[Row], as_of: datetime) -> list[Row]:
    """The events, those that already stood at the time with the same energy valued as they were then."""
    history: dict[str, list[Row]] = defaultdict(list)
    for row in standing:
        if row["last_updated_utc"] <= as_of:
            history[row["anomaly_id"]].append(row)
    then = {key: max(rows, key=lambda row: row["last_updated_utc"]) for key, rows in history.items()}
    return [
        event | {name: said[name] for name in VALUED}
        if (said := then.get(event["anomaly_id"])) and _same(said["energy_kwh"], event["energy_kwh"])
        else event
        for event in found
    ]


def _before(rows: list[Row], as_of: datetime) -> Row | None:
    earlier = [row for row in rows if row["last_updated_utc"] < as_of]
    return max(earlier, key=lambda row: row["last_updated_utc"], default=None)


def _said(rows: list[Row], as_of: datetime) -> bool:
    return any(row["last_updated_utc"] == as_of for row in rows)


def _stood(rows: list[Row], as_of: datetime) -> bool:
    before = _before(rows, as_of)
    return before is not None and before["state"] != WITHDRAWN


def _version(found: Row | None, before: Row | None, as_of: datetime, lineage: Row) -> Row | None:
    """What is to be said as of the time; None if the version before says it."""
    if found is None:
        if before is None or before["state"] == WITHDRAWN:
            return None
        gone = {"state": WITHDRAWN, "withdrawn_reason": NOT_FOUND}
        return {**before, **gone, **lineage, "last_updated_utc": as_of, "superseded_at_utc": None}
    content = {name: value for name, value in found.items() if name != "goes_on"}
    state = "closed" if not found["goes_on"] else "open" if before is None else "ongoing"
    first_seen = as_of if before is None else before["first_seen_utc"]
    now = {
        **content,
        **lineage,
        "state": state,
        "first_seen_utc": first_seen,
        "withdrawn_reason": None,
        "last_updated_utc": as_of,
        "superseded_at_utc": None,
    }
    return None if before is not None and _same_content(before, now) else now


def _same_content(one: Row, other: Row) -> bool:
    return all(_same(one.get(name), value) for name, value in other.items() if name not in LINEAGE)


def _same_version(there: Row | None, row: Row) -> bool:
    return (
        there is not None
        and _same_content(there, row)
        and there["superseded_at_utc"] == row["superseded_at_utc"]
        and there["rule_version"] == row["rule_version"]
    )


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        # Sums of the same hours in another order differ in their last digits.
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return one == other


def _chained(rows: list[Row]) -> list[Row]:
    """The versions in time, each closed by the next."""
    ordered = sorted(rows, key=lambda row: row["last_updated_utc"])
    ends = [*(row["last_updated_utc"] for row in ordered[1:]), None][: len(ordered)]
    return [{**row, "superseded_at_utc": end} for row, end in zip(ordered, ends, strict=True)]

"""What the night makes of what was told before it: each alert of a day that is over is confirmed, or withdrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from energy_lib.insights.anomalies.meter_days import instant_of
from energy_lib.insights.anomalies.versions import WITHDRAWN
from energy_lib.tables.answers.alerts import NIGHT

Row = dict[str, Any]
# For so long the night looks back at what was told.
LOOK_BACK = timedelta(days=40)
CONFIRMED, REFUSED = "confirmed_by_night", "withdrawn_by_night"
AS_ANOTHER = "the night calls it {type} from {start:%Y-%m-%d %H:%M} UTC"
NOT_FOUND = "the night does not find it in the whole day"
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Rows of gold.alerts to write, and rows, by key, to remove."""

    written: list[Row]
    removed: list[Row]


def verdicts(
    alerts: Iterable[Row], anomalies: Iterable[Row], meters: Mapping[str, Row], judged: Collection[str], as_of: datetime
) -> Verdicts:
    """Hold alerts (rows of gold.alerts) against the events known as of a night (versions of gold.anomalies).

    `judged`: the meters that the night has looked at; `meters` say their zones. Said is what the night before did not
    say already. The same call again changes nothing.
    """
    known: dict[str, list[Row]] = defaultdict(list)
    for row in anomalies:
        ends = row["superseded_at_utc"]
        if row["last_updated_utc"] <= as_of and (ends is None or ends > as_of) and row["state"] != WITHDRAWN:
            known[row["meter_id"]].append(row)
    said: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(alerts, key=lambda row: (row["told_at_utc"], row["query"] == NIGHT)):
        if row["meter_id"] in judged and row["told_at_utc"] <= as_of:
            said[row["alert_id"]].append(row)
    written, removed = [], []
    for rows in said.values():
        own = [row for row in rows if row["query"] == NIGHT and row["told_at_utc"] == as_of]
        earlier = [row for row in rows if row not in own]
        verdict = _verdict(earlier, known, meters, as_of) if earlier else None
        written += [verdict] if verdict is not None and verdict not in own else []
        removed += [row for row in own if verdict is None or row["event"] != verdict["event"]]
    return Verdicts(written, removed)


def _verdict(rows: list[Row], known: Mapping[str, list[Row]], meters: Mapping[str, Row], as_of: datetime) -> Row | None:
    """What is to be said of an alert; None if nothing is, or the night before said it."""
    last = rows[-1]
    before = next((row for row in reversed(rows) if row["query"] == NIGHT), None)
    by_stream = [row for row in rows if row["query"] != NIGHT]
    if not by_stream or by_stream[-1]["state"] == "withdrawn" or not _is_over(last, meters, as_of):
        return None
    found = _same(last, known[last["meter_id"]])
    event = CONFIRMED if found else REFUSED
    anomaly_id = found["anomaly_id"] if found else None
    if before is not None and (before["event"], before["anomaly_id"]) == (event, anomaly_id):
        return None
    reason: str | None = NOT_FOUND
    if found:
        other = found["anomaly_id"] != last["alert_id"]
        reason = AS_ANOTHER.format(type=found["type"], start=found["start_utc"]) if other else None
    return {
        **last,
        "event": event,
        "state": by_stream[-1]["state"] if found else "withdrawn",
        "told_at_utc": as_of,
        "reason": reason,
        "anomaly_id": anomaly_id,
        "query": NIGHT,
        "batch_id": (as_of.date() - EPOCH).days,
    }


def _is_over(alert: Row, meters: Mapping[str, Row], as_of: datetime) -> bool:
    """Whether the local day that told of it is over."""
    if alert["meter_id"] not in meters:
        return False
    day = pd.Timestamp(alert["day_local"]).to_datetime64()
    return bool(instant_of(day, 24, meters[alert["meter_id"]]["zone"]) <= pd.Timestamp(as_of))


def _same(alert: Row, known: Iterable[Row]) -> Row | None:
    """The night's event: the same one, else the first that shares an hour with it."""
    events = sorted(known, key=lambda row: (row["start_utc"], row["anomaly_id"]))
    for row in events:
        if row["anomaly_id"] == alert["alert_id"]:
            return row
    shares = (row for row in events if row["start_utc"] < alert["end_utc"] and alert["start_utc"] < row["end_utc"])
    return next(shares, None)

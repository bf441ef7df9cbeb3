"""What is said of a site's advice: that it is there, has changed, is worth less by now, or that its time is over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from energy_lib.config import AdviceConfig
from energy_lib.insights.anomalies.explained import explaining
from energy_lib.insights.declared_events import events_of
from energy_lib.insights.schedules.online.finding import Finding
from energy_lib.intervals import utc_text
from energy_lib.tables.references import landed_by

Row = Mapping[str, Any]
HOUR, MONTH = timedelta(hours=1), timedelta(days=30)
# An advice is over when it is worth less than this share of what would raise one.
LEFT_SHARE = 0.5
# It is said anew when its worth has changed by this factor.
CHANGED_FACTOR = 1.5
# What was over is raised again in its own hours only if it is worth so many times as much.
AGAIN_FACTOR = 2.0
MEDIUM, HIGH = 5.0, 20.0
LESS_WORTH = "doing otherwise than planned is worth less by now"
TIME_OVER = "its first step was to be begun by then"
NEW_PLAN = "the plan of {origin:%Y-%m-%d %H:%M} UTC knows what it was raised for"


@dataclass(frozen=True, slots=True)
class Now:
    """Who speaks: when, of which site, beside which plan; `events`: rows of silver.events; `place`: its ids there."""

    told_at: datetime
    site_id: str
    origin: datetime
    tariff_id: str | None
    zone: str
    place: Row
    events: Sequence[dict[str, Any]]
    settings: AdviceConfig


def said(told: Sequence[Row], found: Finding | None, now: Now) -> list[dict[str, Any]]:
    """Rows of gold.advice to add; `told`: those of the site of the last MONTH that are there, in their order."""
    least, rows = now.settings.min_worth, []
    last = told[-1] if told else None
    expected = 0.0 if found is None else found.worth * found.likelihood
    if last is not None and last["state"] == "open":
        event, reason = _ending(last, expected, now)
        if event is None:
            return [_row(found, now, "updated", last)] if found and _changed(last, found) else []
        last = {**last, "event": event, "state": "over", "told_at_utc": now.told_at, "reason": reason}
        rows.append(dict(last))
        if event != "planned_by_night":
            return rows
    if found is not None and expected >= least and not _said_before(last, found):
        rows.append(_row(found, now, "raised", None, told))
    return rows


def _ending(last: Row, expected: float, now: Now) -> tuple[str | None, str | None]:
    if last["origin_utc"] != now.origin:
        return "planned_by_night", NEW_PLAN.format(origin=now.origin)
    if now.told_at >= last["valid_until_utc"]:
        return "expired", TIME_OVER
    if expected < LEFT_SHARE * now.settings.min_worth:
        return "withdrawn", LESS_WORTH
    return None, None


def _changed(last: Row, found: Finding) -> bool:
    factor = found.worth / max(last["worth"], 1e-9)
    return found.type != last["type"] or not 1 / CHANGED_FACTOR < factor < CHANGED_FACTOR


def _said_before(last: Row | None, found: Finding) -> bool:
    """Whether the advice that is over was of the same hours, and worth about as much."""
    if last is None or last["event"] == "planned_by_night":
        return False
    return bool(found.start_utc < last["end_utc"] and found.worth < AGAIN_FACTOR * last["worth"])


def _row(found: Finding, now: Now, event: str, last: Row | None, told: Sequence[Row] = ()) -> dict[str, Any]:
    severity = _severity(found, now.settings)
    start = found.start_utc
    return {
        "advice_id": _advice_id(now) if last is None else last["advice_id"],
        "event": event,
        "told_at_utc": now.told_at,
        "site_id": now.site_id,
        "type": found.type,
        "state": "open",
        "severity": severity,
        "suppressed": _suppressed(found, now, severity, told) if last is None else last["suppressed"],
        "start_utc": start,
        "end_utc": found.end_utc,
        "valid_until_utc": start.replace(minute=0, second=0, microsecond=0) + HOUR,
        "asset_ids": sorted({step.asset_id for step in found.steps}),
        "steps": json.dumps([{k: _plain(v) for k, v in asdict(step).items()} for step in found.steps]),
        "worth": round(found.worth, 6),
        "expected_saving": round(found.money, 6) + 0.0,
        "expected_saving_kgco2e": None if found.kg is None else round(found.kg, 6) + 0.0,
        "currency": found.currency,
        "likelihood": found.likelihood,
        "hour_utc": found.hour_utc,
        "hour_value": round(found.hour_value, 6),
        "usual_value": round(found.usual_value, 6),
        "reason": None,
        "origin_utc": now.origin,
        "tariff_id": now.tariff_id,
    }


def _severity(found: Finding, settings: AdviceConfig) -> str:
    times = found.worth * found.likelihood / settings.min_worth
    return "high" if times >= HIGH else "medium" if times >= MEDIUM else "low"


def _suppressed(found: Finding, now: Now, severity: str, told: Iterable[Row]) -> str | None:
    """Works that were declared keep assets from acting; what is worth most is told whatever the budget says."""
    declared = events_of(now.place, landed_by(now.events, now.told_at))
    if explaining(pd.Timestamp(found.start_utc), pd.Timestamp(found.end_utc), now.zone, declared):
        return "declared"
    raised = [
        row
        for row in told
        if row["event"] == "raised" and row["suppressed"] is None and row["told_at_utc"] > now.told_at - MONTH
    ]
    return "budget" if severity != "high" and len(raised) >= now.settings.per_site_month else None


def _advice_id(now: Now) -> str:
    return hashlib.sha256(f"{now.site_id}|{now.told_at.astimezone(UTC).isoformat()}".encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    return utc_text(value) if isinstance(value, datetime) else value

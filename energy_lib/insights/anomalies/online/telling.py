"""What is said of a meter's alerts: what is new, has changed, is over, or is not so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.explained import explaining, told_of
from energy_lib.insights.anomalies.online.alert_now import AlertNow
from energy_lib.insights.anomalies.online.told import Told
from energy_lib.insights.declared_events import events_of
from energy_lib.tables.references import landed_by

Row = dict[str, Any]
REPLACED = "the hours read since show it as {type} from {start:%Y-%m-%d %H:%M} UTC"
GONE = "the readings known by now do not show it any more"
# A second fault of a month may be real: what is grave is told whatever the budget says.
GRAVE = "high"


@dataclass(frozen=True, slots=True)
class Places:
    """`meters`: meter_id -> row of silver.meters, of those that lie somewhere; `declared`: rows of silver.events."""

    meters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    declared: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Teller:
    """Who speaks of one meter: its id and zone, when, as of which origin, and the alerts that a month may have."""

    meter_id: str
    zone: str
    now: pd.Timestamp
    origins: Mapping[int, pd.Timestamp]
    budget: float
    places: Places

    def said(self, told: Iterable[Told], now: Sequence[AlertNow], yesterday: int) -> tuple[list[Told], list[Row]]:
        """The meter's alerts as they are told from now on, and the rows of gold.alerts that say what has changed."""
        before = {each.alert_id: each for each in told}
        after, rows = dict(before), []
        current = {each.alert_id: each for each in now}
        for each in before.values():
            if each.day >= yesterday and each.state != "withdrawn" and each.alert_id not in current:
                gone = replace(each, state="withdrawn")
                after[each.alert_id] = gone
                rows.append(self._row(gone, "withdrawn", _why_gone(each, now)))
        for alert in sorted(now, key=lambda each: each.start_utc):
            earlier = before.get(alert.alert_id)
            if earlier is not None and earlier.by_night:
                continue
            standing = self._standing(alert, earlier, after.values())
            after[alert.alert_id] = standing
            rows += [self._row(standing, event) for event in _events(earlier, standing)]
        return list(after.values()), rows

    def over(self, told: Told) -> tuple[Told, Row]:
        """An alert of an earlier day whose hours have become quiet."""
        over = replace(told, state="recovered")
        return over, self._row(over, "recovered")

    def _standing(self, alert: AlertNow, earlier: Told | None, others: Iterable[Told]) -> Told:
        held = explaining(
            alert.start_utc,
            alert.end_utc,
            self.zone,
            events_of(self.places.meters.get(self.meter_id, {}), self._declared()),
        )
        severity = "low" if held else alert.severity
        state = "open" if earlier is None or earlier.state == "withdrawn" else earlier.state
        if alert.over is not None:
            state = "recovered" if alert.over else "open"
        suppressed = "declared" if held else self._over_budget(alert, severity, earlier, others)
        content = {
            "type": alert.type,
            "end_utc": alert.end_utc,
            "score": alert.score,
            "statistic_limit": alert.statistic_limit,
            "observed_kwh": alert.observed_kwh,
            "expected_kwh": alert.expected_kwh,
            "evidence": [*map(told_of, held), *alert.evidence],
        }
        return Told(
            alert.alert_id, alert.day, alert.statistic, alert.start_utc, state, severity, suppressed,
            alert.names, content,
        )  # fmt: skip

    def _declared(self) -> list[Row]:
        if self.meter_id not in self.places.meters:
            return []
        return landed_by(self.places.declared, self.now.to_pydatetime())

    def _over_budget(self, alert: AlertNow, severity: str, earlier: Told | None, others: Iterable[Told]) -> str | None:
        if severity == GRAVE:
            return None
        if earlier is not None and earlier.state != "withdrawn" and earlier.suppressed != "declared":
            return earlier.suppressed
        month = self._month(alert.start_utc)
        count = sum(
            each.state != "withdrawn" and each.start < alert.start_utc and self._month(each.start) == month
            for each in others
        )
        return "budget" if count >= math.ceil(self.budget) else None

    def _month(self, instant: pd.Timestamp) -> tuple[int, int]:
        local = instant.tz_convert(self.zone)
        return local.year, local.month

    def _row(self, told: Told, event: str, reason: str | None = None) -> Row:
        return {
            **told.content,
            "alert_id": told.alert_id,
            "event": event,
            "told_at_utc": self.now,
            "meter_id": self.meter_id,
            "state": told.state,
            "severity": told.severity,
            "suppressed": told.suppressed,
            "start_utc": told.start,
            "day_local": np.datetime64(told.day, "D").item(),
            "statistic": told.name,
            "reason": reason,
            "origin_utc": self.origins.get(told.day),
        }


def _events(earlier: Told | None, now: Told) -> list[str]:
    """What is to be said of an alert that stands. One that is over when it is first seen is raised and recovered."""
    if earlier is None or earlier.state == "withdrawn":
        return ["raised", *(["recovered"] if now.state == "recovered" else [])]
    if earlier.state == "open" and now.state == "recovered":
        return ["recovered"]
    changed = (earlier.state, earlier.severity, earlier.suppressed, earlier.names)
    return [] if changed == (now.state, now.severity, now.suppressed, now.names) else ["updated"]


def _why_gone(told: Told, now: Iterable[AlertNow]) -> str:
    instead = next((each for each in now if each.day == told.day), None)
    return GONE if instead is None else REPLACED.format(type=instead.type, start=instead.start_utc)

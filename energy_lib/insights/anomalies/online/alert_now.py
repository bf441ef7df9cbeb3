"""A new event as the hours so far show it: what it is called, where it begins, and whether it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.detector import Raised
from energy_lib.insights.anomalies.events import highest_ratio, ratio_of, severity_of
from energy_lib.insights.anomalies.extent import OF_AN_HOUR, RUNS, highest_hour
from energy_lib.insights.anomalies.measured import Measured
from energy_lib.insights.anomalies.meter_days import HOURS, Bools, Floats, instant_of
from energy_lib.insights.anomalies.naming import event_type, evidence, surest
from energy_lib.insights.anomalies.online.hour_scores import JUDGED, Hours, Scores
from energy_lib.insights.anomalies.versions import anomaly_id

# It is over when so many hours in a row lie below this share of the limit.
OVER_BELOW, OVER_HOURS = 0.8, 3


@dataclass(frozen=True, slots=True)
class AlertNow:
    """Columns of gold.alerts that follow from a meter's hours; `day` in days since 1970; energies NaN where unknown.

    `over`: None where the hours of the judged days do not say.
    """

    alert_id: str
    day: int
    type: str
    start_utc: pd.Timestamp
    end_utc: pd.Timestamp
    severity: str
    statistic: str
    score: float
    statistic_limit: float
    observed_kwh: float
    expected_kwh: float
    evidence: tuple[str, ...]
    names: tuple[str, ...]
    over: bool | None


def alert_now(
    meter_id: str, zone: str, yesterday: int, alarms: Sequence[Raised], hours: Hours, scores: Scores, at: int
) -> AlertNow:
    """The event of some alarms, at the place `at` of the hours and scores of many meters."""
    first_day = alarms[0].day
    named = surest([each for each in alarms if each.day == first_day])
    day = slice(JUDGED + (first_day - yesterday) * HOURS, JUDGED + (first_day - yesterday + 1) * HOURS)
    observed, used = hours.energy[at], hours.used[at]
    expected = np.where(used, hours.expected[at], np.nan)
    start, end = _extent(named, day, hours, scores, at)
    of_day = observed[day], expected[day]
    both = np.isfinite(of_day[0]) & np.isfinite(of_day[1])
    kind = event_type(
        named.name,
        fuel="",
        ratio=ratio_of(Measured(*(np.where(both, each, np.nan) for each in of_day))),
        peak=highest_ratio(observed[day], expected[day]),
        temperature_c=np.nan,
        on_holiday=False,
        grows=False,
    )
    within = slice(max(start, 0), end)
    both = np.isfinite(observed[within]) & np.isfinite(expected[within])
    read, should = (float(each[within][both].sum()) if both.any() else np.nan for each in (observed, expected))
    whole = float(np.nansum(expected[within]))
    first = np.datetime64(yesterday - 1, "D")
    start_utc = instant_of(first, start, zone)
    return AlertNow(
        alert_id=anomaly_id(meter_id, kind, start_utc.to_pydatetime()),
        day=first_day,
        type=kind,
        start_utc=start_utc,
        end_utc=instant_of(first, end, zone),
        severity=severity_of(kind, read - should, whole, end - start),
        statistic=named.name,
        score=named.score / named.limit if named.limit > 0 else 1.0 + named.score - named.limit,
        statistic_limit=named.limit,
        observed_kwh=read,
        expected_kwh=should,
        evidence=tuple(evidence(each, "") for each in alarms),
        names=tuple(each.name for each in alarms),
        over=is_over(scores.hourly[named.name][at], used[JUDGED:], named.limit),
    )


def _extent(named: Raised, day: slice, hours: Hours, scores: Scores, at: int) -> tuple[int, int]:
    """First hour and the hour after the last, counted from the first hour of the day before yesterday."""
    used = hours.used[at, day]
    if named.name in OF_AN_HOUR:
        hour = day.start + highest_hour(
            named.name, *(np.where(used, each[at, day], np.nan) for each in (hours.energy, hours.expected, hours.scale))
        )
        return hour, hour + 1
    if named.name in RUNS:
        judged = scores.lengths[named.name][at]
        of_day = judged[day.start - JUDGED : day.stop - JUDGED]
        longest = int(np.argmax(of_day))
        last = day.start + longest
        start = last - int(of_day[longest]) + (0 if named.name == "stuck" else 1)
        ends = np.flatnonzero(judged[last - JUDGED :] == 0)
        unused = np.flatnonzero(~hours.used[at, last:])
        stops = [int(each[0]) for each in (ends, unused) if len(each)]
        return start, last + min(stops, default=len(judged) - (last - JUDGED))
    return day.start, day.stop


def is_over(levels: Floats, used: Bools, limit: float) -> bool | None:
    """Whether the hours of the judged days end quietly; None where they show neither alarm nor quiet.

    Between the limit and `OVER_BELOW` of it nothing changes, so that an alert does not flicker.
    """
    known = levels[used]
    with np.errstate(invalid="ignore"):
        below, above = known < OVER_BELOW * limit, known > limit
    if len(known) < OVER_HOURS:
        return False if above.any() else None
    quiet = np.flatnonzero(np.convolve(below, np.ones(OVER_HOURS), "valid") == OVER_HOURS) + OVER_HOURS - 1
    loud = np.flatnonzero(above)
    if not len(quiet) and not len(loud):
        return None
    return (quiet[-1] if len(quiet) else -1) > (loud[-1] if len(loud) else -1)

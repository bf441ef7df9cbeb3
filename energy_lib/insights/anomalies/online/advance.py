"""Online detection: hand in readings and the time, get what is to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.hourly import Integers
from energy_lib.insights.anomalies.meter_days import Floats
from energy_lib.insights.anomalies.online.alert_now import alert_now, is_over
from energy_lib.insights.anomalies.online.hour_scores import JUDGED, Hours, Scores, hours_of, scores_of
from energy_lib.insights.anomalies.online.intake import HOUR_SECONDS, Counts, readings_of, take_in
from energy_lib.insights.anomalies.online.limits_in import begin_days
from energy_lib.insights.anomalies.online.new_alarms import NOTHING, NOTHING_FOUND, found_in, new_events
from energy_lib.insights.anomalies.online.state import KEPT_DAYS, KEPT_HOURS, NEVER, ROWS_AT_ONCE, State
from energy_lib.insights.anomalies.online.telling import Places, Row, Teller
from energy_lib.insights.anomalies.online.told import Told

# So far may the time move at once: a day that is over must still be there whole.
STEP_HOURS = 4


@dataclass(frozen=True, slots=True)
class Advanced:
    """`alerts`: rows of gold.alerts without query and batch_id, in the order to tell them; `counts`: of readings."""

    alerts: list[Row]
    counts: Counts


def advance(state: State, readings: pd.DataFrame, now_utc: datetime, places: Places | None = None) -> Advanced:
    """Take readings (`intake.COLUMNS`) in and tell what follows from them and from the time. Changes `state` in place.

    `now_utc` never goes back. An hour counts as unread `silent_after_minutes` after its end. Readings of a time long
    ago are judged hour by hour as if they had come in time. Handing the same readings in again says nothing again.
    """
    now = pd.Timestamp(now_utc).tz_convert("UTC")
    known, counts = readings_of(state, readings)
    seconds = max(int(now.timestamp()), state.hour * HOUR_SECONDS)
    target = seconds // HOUR_SECONDS
    counts.ahead = int((known.hour > target).sum())
    alerts: list[Row] = []
    taken = NEVER
    while True:
        hour = min(target, state.hour + STEP_HOURS)
        _move(state, hour, seconds if hour == target else hour * HOUR_SECONDS)
        counts.add(take_in(state, known.only((known.hour > taken) & (known.hour <= hour))))
        taken = hour
        begin_days(state)
        alerts += _judged(state, now, places or Places())
        if hour == target:
            return Advanced(_last_of_each(alerts), counts)


def _move(state: State, hour: int, seconds: int) -> None:
    """Let the time pass: the hours that begin are empty, and those that are over for long are unread."""
    for place in {each % KEPT_HOURS for each in range(state.hour + 1, hour + 1)}:
        state.kwh[:, place] = np.nan
        state.part_kwh[:, place] = np.nan
        state.available[:, place] = 0
        state.minutes[:, place] = 0
    state.hour = hour
    silent = (seconds - state.settings.silent_after_minutes * 60) // HOUR_SECONDS - 1
    for each in range(max(state.silent_hour + 1, hour - KEPT_HOURS + 1), silent + 1):
        state.changed |= np.isnan(state.kwh[:, each % KEPT_HOURS])
    state.silent_hour = max(state.silent_hour, silent)


def _judged(state: State, now: pd.Timestamp, places: Places) -> list[Row]:
    """Judge the meters whose hours have changed."""
    rows: list[Row] = []
    changed = np.flatnonzero(state.changed)
    state.changed[:] = False
    for zone in np.unique(state.zone[changed]).tolist():
        yesterday = int(state.today[zone]) - 1
        here = changed[(state.zone[changed] == zone) & (state.judged_from[changed] <= yesterday)]
        for first in range(0, len(here), ROWS_AT_ONCE):
            rows += _judged_rows(state, here[first : first + ROWS_AT_ONCE], zone, now, places)
    return rows


def _judged_rows(state: State, rows: Integers, zone: int, now: pd.Timestamp, places: Places) -> list[Row]:
    yesterday = int(state.today[zone]) - 1
    hours = hours_of(state, rows, zone)
    scores = scores_of(state, rows, hours)
    limits, origins = _limits(state, rows, yesterday)
    of_days = scores.of_days(hours.used)
    with np.errstate(invalid="ignore"):
        above = of_days > limits
    excess = hours.excess_of_days()
    loud = set(np.flatnonzero(above.any(axis=(1, 2))).tolist())
    loud |= {at for known in (state.told, state.found) for at in _places_of(known, rows)}
    said: list[Row] = []
    for at in sorted(loud):
        row = int(rows[at])
        before = state.wrong.get(row, NOTHING)
        found = found_in(before, excess[at], of_days[at], limits[at], yesterday)
        if found == NOTHING_FOUND:
            state.found.pop(row, None)
        else:
            state.found[row] = found
        teller = Teller(
            str(state.meters[row]),
            state.zones[zone],
            now,
            {yesterday + place: _instant(int(origins[at, place])) for place in (0, 1)},
            state.settings.alarms_per_meter_month,
            places,
        )
        alerts = [
            alert_now(teller.meter_id, teller.zone, yesterday, group, hours, scores, at)
            for group in new_events(before, found)
        ]
        told, told_rows = teller.said(state.told.get(row, []), alerts, yesterday)
        told, more = _over(told, teller, hours, scores, at, yesterday)
        said += told_rows + more
        _keep(state, row, told, now, yesterday)
    return said


def _instant(hour: int) -> pd.Timestamp:
    return pd.Timestamp(hour * HOUR_SECONDS, unit="s", tz="UTC")


def _limits(state: State, rows: Integers, yesterday: int) -> tuple[Floats, Integers]:
    """(rows, 2, statistics) limits of yesterday and today, NaN where there are none, and (rows, 2) their origins."""
    wanted = np.array([yesterday, yesterday + 1])
    place = wanted % KEPT_DAYS
    said = state.days.day[rows[:, None], place] == wanted
    limits = np.where(said[:, :, None], state.days.limits[rows[:, None], place], np.nan)
    return limits, np.where(said, state.days.origin[rows[:, None], place], 0)


def _over(
    told: list[Told], teller: Teller, hours: Hours, scores: Scores, at: int, yesterday: int
) -> tuple[list[Told], list[Row]]:
    """Alerts of days before yesterday that are over by now."""
    kept, rows = [], []
    for each in told:
        if each.day < yesterday and each.state == "open":
            limit = float(each.content["statistic_limit"])  # type: ignore[arg-type]
            if is_over(scores.hourly[each.name][at], hours.used[at, JUDGED:], limit):
                each, row = teller.over(each)
                rows.append(row)
        kept.append(each)
    return kept, rows


def _keep(state: State, row: int, told: list[Told], now: pd.Timestamp, yesterday: int) -> None:
    """Remember what is open, of the judged days, or counts for the month."""
    month = now.tz_convert("UTC") - pd.Timedelta(days=32)
    kept = [each for each in told if each.state == "open" or each.day >= yesterday or each.start > month]
    if kept:
        state.told[row] = kept
    else:
        state.told.pop(row, None)


def _places_of(known: Mapping[int, Any], rows: Integers) -> list[int]:
    """Where the meters of a store are among `rows`, which are in order."""
    if not known:
        return []
    wanted = np.fromiter(known, dtype=np.int64)
    at = np.minimum(np.searchsorted(rows, wanted), len(rows) - 1)
    return [int(place) for place in at[rows[at] == wanted]]


def _last_of_each(alerts: list[Row]) -> list[Row]:
    """Of what is said twice of an alert at one time the last."""
    last = {(row["alert_id"], row["event"]): row for row in alerts}
    return list(last.values())

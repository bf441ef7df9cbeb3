"""What the night said of the days ahead goes into the state, and what a day leaves behind when the next begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.ahead import Before, before_of
from energy_lib.insights.anomalies.hourly import HOURLY, Integers
from energy_lib.insights.anomalies.online.hour_scores import hours_of, scores_of
from energy_lib.insights.anomalies.online.intake import HOUR_SECONDS, seconds_of
from energy_lib.insights.anomalies.online.new_alarms import NOTHING, NOTHING_FOUND, gone_on
from energy_lib.insights.anomalies.online.state import KEPT_DAYS, ROWS_AT_ONCE, RUNS, State, with_meters
from energy_lib.insights.anomalies.online.wall_clock import local_day

LAST_OF_YESTERDAY = 23
WEIGHED = 2


def with_limits(state: State, limits: pd.DataFrame) -> None:
    """Take rows of gold.day_limits in, of any origins; of a day the last origin counts. Meters not known are added."""
    if limits.empty:
        return
    rows = limits.sort_values(["origin_utc", "day_local"], kind="stable")
    with_meters(state, dict(zip(rows["meter_id"], rows["zone"], strict=True)))
    row = state.meters.get_indexer(pd.Index(rows["meter_id"])).astype(np.int64)
    day = np.asarray(rows["day_local"], dtype="datetime64[D]").astype(np.int64)
    origin = seconds_of(rows["origin_utc"]) // HOUR_SECONDS
    for each in np.unique(origin):
        which = origin == each
        _of_origin(state, rows[which], row[which], day[which], int(each))


def _of_origin(state: State, rows: pd.DataFrame, row: Integers, day: Integers, origin: int) -> None:
    first = rows["gap_hours_before"].notna().to_numpy()
    for which in (first, ~first):
        own, own_day = row[which], day[which]
        place = own_day % KEPT_DAYS
        there, said = state.days.day[own, place], state.days.origin[own, place]
        newer = (own_day > there) | ((own_day == there) & (origin >= said))
        _put(state, rows[which][newer], own[newer], own_day[newer], origin)
    later = day[first] - 1 >= state.next_start.day[row[first]]
    _keep_start(state, rows[first][later], row[first][later], day[first][later] - 1)
    _begin(state, row[first][later])
    state.changed[row] = True


def _put(state: State, rows: pd.DataFrame, row: Integers, day: Integers, origin: int) -> None:
    place, days = day % KEPT_DAYS, state.days
    days.day[row, place], days.origin[row, place] = day, origin
    for array, name in (
        (days.expected, "expected_kwh"),
        (days.scale, "scale_kwh"),
        (days.stuck, "stuck_weight"),
        (days.dead, "dead_weight"),
    ):
        if len(rows):
            array[row, place] = np.array([list(each) for each in rows[name]], dtype=float)
    days.highest[row, place] = rows["highest_before_kwh"].to_numpy(dtype=float)
    for at, name in enumerate(HOURLY):
        days.limits[row, place, at] = rows[f"{name}_limit"].to_numpy(dtype=float)


def _keep_start(state: State, rows: pd.DataFrame, row: Integers, day: Integers) -> None:
    """Keep what was known before the local day `day`, until it is yesterday."""
    start = state.next_start
    start.day[row] = day
    for at, name in enumerate(RUNS):
        start.hours[row, at] = rows[f"{name}_hours_before"].to_numpy(dtype=np.int64)
    for at, name in enumerate(RUNS[:WEIGHED]):
        start.weight[row, at] = rows[f"{name}_weight_before"].to_numpy(dtype=float)
    for meter, text in zip(row.tolist(), rows["alarms_before"], strict=True):
        state.next_wrong.pop(meter, None)
        if isinstance(text, str):
            state.next_wrong[meter] = Before.of(text)


def _begin(state: State, row: Integers) -> None:
    """Begin with what the night said of the day before yesterday's end, where that is what it spoke of."""
    yesterday = state.today[state.zone[row]] - 1
    here = row[state.next_start.day[row] == yesterday]
    state.start.day[here] = state.next_start.day[here]
    state.start.hours[here] = state.next_start.hours[here]
    state.start.weight[here] = state.next_start.weight[here]
    state.judged_from[here] = np.minimum(state.judged_from[here], state.start.day[here])
    for meter in here.tolist():
        state.wrong.pop(meter, None)
        if meter in state.next_wrong:
            state.wrong[meter] = state.next_wrong[meter]


def begin_days(state: State) -> None:
    """Where a local day has begun: yesterday's runs and alarms are what was known before today."""
    for zone, name in enumerate(state.zones):
        today = local_day(state.hour, name)
        if today == state.today[zone]:
            continue
        rows = np.flatnonzero(state.zone == zone)
        for first in range(0, len(rows), ROWS_AT_ONCE):
            _carry_runs(state, rows[first : first + ROWS_AT_ONCE], zone)
        state.start.day[rows] = today - 1
        _forget(state, rows, today - 1)
        state.today[zone] = today
        _begin(state, rows)


def _carry_runs(state: State, rows: Integers, zone: int) -> None:
    """The runs that reach the end of yesterday."""
    scores = scores_of(state, rows, hours_of(state, rows, zone))
    for at, run in enumerate(RUNS):
        state.start.hours[rows, at] = scores.lengths[run][:, LAST_OF_YESTERDAY]
        if at < WEIGHED:
            weight = scores.hourly[run][:, LAST_OF_YESTERDAY]
            state.start.weight[rows, at] = np.where(state.start.hours[rows, at] > 0, weight, 0.0)


def _forget(state: State, rows: Integers, day: int) -> None:
    """Fold the alarms of days before `day` into what was known before it."""
    zone = set(rows.tolist())
    for row in [each for each in {*state.wrong, *state.found} if each in zone]:
        found = state.found.pop(row, NOTHING_FOUND)
        before = gone_on(state.wrong.pop(row, NOTHING), [each for each in found.goes_on if each[1] < day])
        early = [replace(each, last_day=min(each.last_day, day - 1)) for each in found.alarms if each.day < day]
        before = before_of(early, day, before)
        if before.event or before.above:
            state.wrong[row] = before

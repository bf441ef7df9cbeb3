"""Online detection by hand: hours from readings in any order, silence, what is told, what is taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.online_detection import day_limits
from energy_lib.insights.anomalies.online.advance import advance
from energy_lib.insights.anomalies.online.limits_in import with_limits
from energy_lib.insights.anomalies.online.recall import with_alerts
from energy_lib.insights.anomalies.online.state import Settings, State, empty_state
from energy_lib.insights.anomalies.online.telling import Places
from energy_lib.insights.anomalies.online.verdicts import verdicts
from energy_lib.insights.anomalies.online.wall_clock import local_day, wall_clock
from energy_lib.insights.anomalies.versions import anomaly_id

MIDNIGHT = pd.Timestamp("2024-06-03", tz="UTC")
HOUR = pd.Timedelta(hours=1)
METER = "meter-0000000"


def begun(**settings: Any) -> State:
    """One meter from a midnight on: 20 kWh are expected of each hour, ± 1; limits are those of the benchmark."""
    state = empty_state(MIDNIGHT.to_pydatetime(), Settings(**settings))
    with_limits(state, day_limits(1, MIDNIGHT, "UTC"))
    return state


def reading(hour: float, kwh: float, *, minutes: int = 60, version: int = 0, meter: str = METER) -> dict[str, Any]:
    start = MIDNIGHT + hour * HOUR
    known = start + pd.Timedelta(minutes=minutes) + version * pd.Timedelta(minutes=1)
    return {
        "meter_id": meter,
        "interval_start_utc": start,
        "interval_minutes": minutes,
        "energy_kwh": kwh,
        "available_at_utc": known,
    }


NONE = pd.DataFrame([reading(0, 1.0)]).iloc[:0]


def tell(state: State, hour: float, *readings: dict[str, Any], places: Places | None = None) -> list[tuple[str, ...]]:
    """(event, type, state) of what is told at an hour after midnight."""
    frame = pd.DataFrame(list(readings)) if readings else NONE
    rows = advance(state, frame, (MIDNIGHT + hour * HOUR).to_pydatetime(), places).alerts
    return [(row["event"], row["type"], row["state"]) for row in rows]


def usual(state: State, hours: range) -> None:
    for hour in hours:
        assert tell(state, hour + 1, reading(hour, 20.0 + hour % 2)) == []


def test_a_spike_is_told_at_once_and_is_over_after_three_quiet_hours() -> None:
    state = begun()
    usual(state, range(9))
    (row,) = advance(state, pd.DataFrame([reading(9, 39.0)]), (MIDNIGHT + 10 * HOUR).to_pydatetime()).alerts
    assert (row["event"], row["type"], row["state"], row["statistic"]) == ("raised", "spike", "open", "spike")
    assert row["start_utc"] == MIDNIGHT + 9 * HOUR
    assert row["end_utc"] == MIDNIGHT + 10 * HOUR
    assert row["alert_id"] == anomaly_id(METER, "spike", row["start_utc"].to_pydatetime())
    assert (row["observed_kwh"], row["expected_kwh"], row["statistic_limit"]) == (39.0, 20.0, 15.0)
    assert row["score"] == pytest.approx(19 / 15)
    assert row["severity"] == "high"
    assert row["evidence"] == ["spike: an hour is 19.0 spreads above what is expected, limit 15.0"]
    assert row["origin_utc"] == MIDNIGHT
    # 33 is 13 spreads above: neither an alarm nor quiet.
    assert [tell(state, hour + 1, reading(hour, kwh)) for hour, kwh in ((10, 20.0), (11, 33.0), (12, 20.0))] == [[]] * 3
    assert tell(state, 14, reading(13, 21.0)) == []
    assert tell(state, 15, reading(14, 20.0)) == [("recovered", "spike", "recovered")]
    assert tell(state, 15, reading(14, 20.0)) == []


def test_a_higher_hour_of_the_day_takes_the_place_of_the_first() -> None:
    state = begun()
    tell(state, 1, reading(0, 38.0))
    assert tell(state, 2, reading(1, 39.5)) == [("withdrawn", "spike", "withdrawn"), ("raised", "spike", "open")]


def test_a_correction_takes_an_alert_back_and_an_older_version_changes_nothing() -> None:
    state = begun()
    assert tell(state, 1, reading(0, 39.0, version=1)) == [("raised", "spike", "open")]
    assert tell(state, 1.2, reading(0, 20.0)) == []
    assert tell(state, 1.5, reading(0, 20.0, version=2)) == [("withdrawn", "spike", "withdrawn")]
    assert tell(state, 1.6, reading(0, 39.0, version=3)) == [("raised", "spike", "open")]


def test_silence_is_found_by_the_time_that_passes() -> None:
    state = begun(silent_after_minutes=30)
    usual(state, range(6))
    # Three hours are unread at 9:30; the limit is 2.
    assert tell(state, 9.4) == []
    assert tell(state, 9.5) == [("raised", "missing_data", "open")]
    assert state.told[0][0].start == MIDNIGHT + 6 * HOUR
    # One of them comes late, then the others: nothing was missing.
    assert tell(state, 10, reading(7, 20.0)) == [("withdrawn", "missing_data", "withdrawn")]


def test_hours_are_judged_in_order_and_wait_for_those_before_them() -> None:
    state = begun()
    usual(state, range(3))
    assert tell(state, 5, reading(4, 39.0)) == []
    assert tell(state, 5.1, reading(3, 20.0)) == [("raised", "spike", "open")]


def test_half_hours_are_one_hour_when_both_are_there() -> None:
    state = begun(parts=4)
    assert tell(state, 0.5, reading(0, 19.0, minutes=30)) == []
    assert tell(state, 1, reading(0.5, 20.0, minutes=30)) == [("raised", "spike", "open")]
    assert state.kwh[0, state.hour % 72 - 1] == 39.0
    # A newer reading of the whole hour takes the place of both.
    assert tell(state, 1.2, reading(0, 20.0, version=5)) == [("withdrawn", "spike", "withdrawn")]


def test_what_cannot_be_judged_is_counted_and_left_to_the_night() -> None:
    state = begun()
    advance(state, NONE, (MIDNIGHT + 100 * HOUR).to_pydatetime())
    frame = pd.DataFrame(
        [
            reading(1, 20.0),
            reading(120, 20.0),
            reading(99, 20.0, meter="nobody"),
            reading(99, 20.0, minutes=1440),
            reading(99.5, 20.0),
            reading(98, float("nan")),
            reading(98, float("inf")),
            reading(97, 20.0),
            reading(97, 20.0),
            {**reading(96, 20.0), "interval_minutes": None},
            {**reading(96, 20.0), "interval_start_utc": None},
            {**reading(96, 20.0), "meter_id": None},
            {**reading(96, 20.0), "interval_minutes": -60},
        ]
    )
    counts = advance(state, frame, (MIDNIGHT + 100 * HOUR).to_pydatetime()).counts
    assert (counts.late, counts.ahead, counts.unknown_meter, counts.unfit) == (1, 1, 2, 7)
    assert (counts.taken, counts.superseded) == (1, 1)


def test_a_declared_event_and_a_spent_budget_are_recorded_and_not_told() -> None:
    outage = {
        "event_id": "e", "kind": "outage", "meter_id": METER, "building_id": None, "site_id": None, "area_id": None,
        "start_utc": MIDNIGHT, "end_utc": MIDNIGHT + 2 * HOUR, "landed_at_utc": MIDNIGHT.to_pydatetime(),
    }  # fmt: skip
    places = Places({METER: {"meter_id": METER, "zone": "UTC"}}, [outage])
    state = begun()
    (row,) = advance(state, pd.DataFrame([reading(0, 39.0)]), (MIDNIGHT + HOUR).to_pydatetime(), places).alerts
    assert (row["severity"], row["suppressed"]) == ("low", "declared")
    assert row["evidence"][0].startswith("declared: outage e")
    # Twice as much for a day, a month's second alert and none that is grave: over the budget of one.
    later = begun()
    with_limits(later, day_limits(1, MIDNIGHT, "UTC").assign(multiplied_limit=0.05, spike_limit=3.5))
    first = advance(later, pd.DataFrame([reading(0, 24.0)]), (MIDNIGHT + HOUR).to_pydatetime()).alerts
    assert [(each["type"], each["severity"], each["suppressed"]) for each in first] == [("spike", "medium", None)]
    day = pd.DataFrame([reading(hour, 20.0 + hour % 2) for hour in range(1, 24 * 8)])
    for at in range(1, 9):
        with_limits(later, day_limits(1, MIDNIGHT + at * 24 * HOUR, "UTC").assign(spike_limit=3.5))
        advance(later, day, (MIDNIGHT + at * 24 * HOUR).to_pydatetime())
    second = advance(later, pd.DataFrame([reading(192, 24.0)]), (MIDNIGHT + 193 * HOUR).to_pydatetime()).alerts
    assert [(each["event"], each["suppressed"]) for each in second] == [("raised", "budget")]


def test_a_stream_that_starts_again_tells_nothing_twice_and_what_the_night_withdrew_not_again() -> None:
    state = begun()
    spike = pd.DataFrame([reading(0, 39.0)])
    said = advance(state, spike, (MIDNIGHT + HOUR).to_pydatetime()).alerts
    rows = pd.DataFrame(said).assign(query="live", batch_id=0)
    again = begun()
    with_alerts(again, rows)
    assert advance(again, spike, (MIDNIGHT + HOUR).to_pydatetime()).alerts == []
    refused = rows.assign(event="withdrawn_by_night", state="withdrawn", told_at_utc=MIDNIGHT + 2 * HOUR)
    for each in (state, again):
        with_alerts(each, pd.concat([rows, refused]))
        assert tell(each, 3, reading(1, 20.0)) == []


NIGHT = datetime(2024, 6, 4, tzinfo=UTC)


def alert(**more: Any) -> dict[str, Any]:
    start = datetime(2024, 6, 3, 9, tzinfo=UTC)
    row = {
        "alert_id": "a", "meter_id": "m", "event": "raised", "state": "open", "type": "spike", "start_utc": start,
        "end_utc": start + timedelta(hours=1), "day_local": date(2024, 6, 3), "told_at_utc": start,
        "query": "live", "batch_id": 7, "anomaly_id": None, "reason": None,
    }  # fmt: skip
    return row | more


def event(**more: Any) -> dict[str, Any]:
    start = datetime(2024, 6, 3, tzinfo=UTC)
    row = {
        "anomaly_id": "a", "meter_id": "m", "type": "spike", "state": "closed", "start_utc": start,
        "end_utc": start + timedelta(days=1), "last_updated_utc": NIGHT, "superseded_at_utc": None,
    }  # fmt: skip
    return row | more


@pytest.mark.parametrize(
    ("anomalies", "said", "reason"),
    [
        ([event()], "confirmed_by_night", None),
        ([event(anomaly_id="b", type="clock_shift")], "confirmed_by_night", "clock_shift from 2024-06-03 00:00"),
        ([event(state="withdrawn")], "withdrawn_by_night", "does not find it"),
        ([event(end_utc=datetime(2024, 6, 3, 9, tzinfo=UTC), anomaly_id="b")], "withdrawn_by_night", "not find"),
        ([event(last_updated_utc=NIGHT + timedelta(days=1))], "withdrawn_by_night", "not find"),
    ],
)
def test_the_night_confirms_or_withdraws_what_was_told(anomalies, said: str, reason: str | None) -> None:
    meters = {"m": {"zone": "UTC"}}
    found = verdicts([alert()], anomalies, meters, {"m"}, NIGHT)
    (row,) = found.written
    assert (row["event"], row["query"], row["told_at_utc"]) == (said, "detect", NIGHT)
    assert (reason or "") in (row["reason"] or "")
    assert row["state"] == ("open" if said == "confirmed_by_night" else "withdrawn")
    # The same again changes nothing; the next night says nothing new.
    assert verdicts([alert(), row], anomalies, meters, {"m"}, NIGHT).written == []
    if anomalies[0]["last_updated_utc"] == NIGHT:
        assert verdicts([alert(), row], anomalies, meters, {"m"}, NIGHT + timedelta(days=1)).written == []
    # A night done again that finds otherwise takes its word back.
    other = verdicts([alert(), row], [] if said == "confirmed_by_night" else [event()], meters, {"m"}, NIGHT)
    assert [each["event"] for each in other.removed] == [said]


def test_the_night_says_nothing_of_a_day_that_goes_on_or_of_what_the_stream_took_back() -> None:
    meters = {"m": {"zone": "America/New_York"}}
    assert verdicts([alert()], [], meters, {"m"}, NIGHT).written == []
    gone = alert(event="withdrawn", state="withdrawn", told_at_utc=NIGHT - timedelta(hours=1))
    assert verdicts([alert(), gone], [], {"m": {"zone": "UTC"}}, {"m"}, NIGHT).written == []
    assert verdicts([alert()], [], {"m": {"zone": "UTC"}}, set(), NIGHT).written == []


def test_the_wall_clock_doubles_and_skips_hours() -> None:
    spring = wall_clock("Europe/London", local_day(int(pd.Timestamp("2024-03-31 12:00Z").timestamp()) // 3600, "UTC"))
    assert np.flatnonzero(spring.skipped).tolist() == [49]
    assert spring.hour[50] - spring.hour[48] == 1
    autumn = wall_clock("Europe/London", local_day(int(pd.Timestamp("2024-10-27 12:00Z").timestamp()) // 3600, "UTC"))
    assert np.flatnonzero(autumn.second >= 0).tolist() == [49]
    assert autumn.second[49] == autumn.hour[49] + 1
    assert autumn.hour[50] == autumn.hour[49] + 2

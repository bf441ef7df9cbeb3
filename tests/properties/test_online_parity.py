"""What was told hour by hour is what the nights find: a month of faulty meters, as stream and as batch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from meter_profiles import office_hours
from online_replay import FAULTS, HOUR, Event3, Meter, Stream, night, put, replay

from energy_lib.insights.anomalies.hourly import HOURLY
from energy_lib.insights.anomalies.online.limits_in import with_limits

# A failure is not made smaller: an example takes seconds.
AS_DRAWN = [Phase.explicit, Phase.reuse, Phase.generate]
FIRST_DAY, DAYS = 115, 148
# Each month has a change of the clocks but those of Kolkata, where hours of UTC begin at half past.
PLACES = [("Europe/London", "2022-11-20"), ("Asia/Kolkata", "2022-11-20"), ("America/New_York", "2023-07-05")]


def faulty(seed: int, zone: str, first: str, *, count: int = 2, faults: int = 9, names=HOURLY) -> list[Meter]:
    """Meters with random faults from the day before `FIRST_DAY` on; the last of them counts what flows out."""
    rng = np.random.default_rng(seed)
    meters = []
    for at in range(count):
        # From a local midnight on; made-up hours are of the clock of London.
        index = pd.date_range(
            pd.Timestamp(first, tz=zone).tz_convert("UTC").floor("h"), periods=DAYS * 24 + 48, freq="h"
        )
        energy = pd.Series(office_hours(first, DAYS + 2, seed=seed * 7 + at, noise=0.1).to_numpy(), index)
        for _ in range(faults):
            place, hours = int(rng.integers(FIRST_DAY * 24 - 30, (DAYS - 1) * 24)), int(rng.integers(3, 60))
            put(energy, FAULTS[rng.integers(len(FAULTS))], place, hours)
        meters.append(Meter.of(f"m{at}", energy, zone, imports=at < count - 1, names=names))
    return meters


@pytest.mark.parametrize(("zone", "first"), PLACES)
def test_a_month_as_stream_and_as_nights_tells_of_the_same_events(zone: str, first: str) -> None:
    told, found = replay(faulty(3, zone, first), range(FIRST_DAY, DAYS))
    assert len(found) > 5
    assert told == found


@settings(max_examples=2, deadline=None, phases=AS_DRAWN, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**16), st.sampled_from(PLACES))
def test_any_month_tells_of_the_same_events(seed: int, place: tuple[str, str]) -> None:
    told, found = replay(faulty(seed, *place), range(FIRST_DAY, FIRST_DAY + 20))
    assert told == found


def test_beside_the_statistics_of_whole_days_what_is_told_is_found_by_that_name_or_within_another_event() -> None:
    """The night knows more of a day: what it calls otherwise shares hours with what was told."""
    meters = faulty(5, *PLACES[0], count=3, names=None)
    told, found = replay(meters, range(FIRST_DAY, DAYS))
    spans = {
        (meter.meter_id, event.type, event.start): event.end
        for meter in meters
        for day in range(FIRST_DAY - 14, DAYS - 2)
        for event in meter.events_told_of(day)
    }
    assert len(told & found) > len(told - found)
    for meter_id, _, start in told - found:
        assert any(
            other == meter_id and begins < start + 24 * HOUR and start < end
            for (other, _, begins), end in spans.items()
        )


def standing(stream: Stream) -> set[tuple[Event3, str, str]]:
    rows = stream.standing()
    return {((row.meter_id, row.type, row.start_utc), row.state, row.severity) for row in rows.itertuples(index=False)}


def run(meters: list[Meter], arrivals: pd.Series | None = None, step_hours: int = 1, *, again: bool = False) -> Stream:
    """Five days of meters; each reading is handed in when it arrives (None: at its end), `again`: twice."""
    stream = Stream(meters, FIRST_DAY)
    comes = stream.all["available_at_utc"] if arrivals is None else arrivals
    ends = meters[0].midnight(FIRST_DAY + 5).ceil("h")
    now = meters[0].midnight(FIRST_DAY).ceil("h")
    day = FIRST_DAY
    while now < ends + 24 * HOUR:
        following = now + step_hours * HOUR
        batch = stream.all[(comes > now) & (comes <= following) & (stream.all["interval_start_utc"] < ends)]
        for _ in range(1 + again):
            said = stream.hand_in(batch, following)
        assert not (again and said)
        now = following
        if day < FIRST_DAY + 5 and now >= meters[0].midnight(day + 1).ceil("h"):
            day += 1
            with_limits(stream.state, night(meters, day))
    return stream


@settings(max_examples=4, deadline=None, phases=AS_DRAWN, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**16), st.integers(1, 20))
def test_order_batches_and_repetition_change_nothing(seed: int, late_hours: int) -> None:
    meters = faulty(seed, *PLACES[0], faults=40)
    in_time = run(meters)
    expected = standing(in_time)
    rng = np.random.default_rng(seed)
    late = pd.to_timedelta(np.floor(rng.uniform(0, late_hours, len(in_time.all))), unit="h")
    assert standing(run(meters, in_time.all["available_at_utc"] + late)) == expected
    assert standing(run(meters, step_hours=6)) == expected
    assert standing(run(meters, again=True)) == expected

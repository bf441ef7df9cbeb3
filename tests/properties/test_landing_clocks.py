"""Local time to UTC, held against zoneinfo's own arithmetic for any zone and instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.parsing.stamp_texts import read_clock
from energy_lib.landing.parsing.timestamps import NAT, to_utc
from energy_lib.landing.sources.source import Source

ZONES = ["Europe/London", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
LANDED = datetime(2040, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

minutes = st.integers(min_value=0, max_value=60 * 24 * 365 * 30).map(
    lambda m: datetime(2005, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)


def micros(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), st.lists(minutes, min_size=1, max_size=30))
def test_what_a_clock_showed_leads_back_to_the_instant(zone: str, instants: list[datetime]) -> None:
    local = [instant.astimezone(ZoneInfo(zone)) for instant in instants]
    texts = pa.array([f"{shown:%Y-%m-%d %H:%M}" for shown in local])
    read = to_utc(read_clock(texts, "%Y-%m-%d %H:%M"), zone)
    for i, (instant, shown) in enumerate(zip(instants, local, strict=True)):
        assert not read.nonexistent[i]
        found = read.second_micros[i] if shown.fold else read.micros[i]
        assert found == micros(instant)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), minutes)
def test_a_time_is_nonexistent_or_doubled_exactly_when_zoneinfo_says_so(zone: str, wall: datetime) -> None:
    naive, tz = wall.replace(tzinfo=None), ZoneInfo(zone)
    read = to_utc(read_clock(pa.array([naive.isoformat(" ")]), None), zone)
    offsets = [naive.replace(tzinfo=tz, fold=fold).utcoffset() for fold in (0, 1)]
    round_trip = naive.replace(tzinfo=tz).astimezone(UTC).astimezone(tz).replace(tzinfo=None)
    assert bool(read.nonexistent[0]) == (round_trip != naive)
    assert bool(read.ambiguous[0]) == (round_trip == naive and offsets[0] != offsets[1])
    assert (read.micros[0] == NAT) == bool(read.nonexistent[0])


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(2006, 2035),
    st.sampled_from([15, 30, 60]),
    st.sampled_from(["start", "hour_ending"]),
)
def test_a_year_of_local_labels_in_order_gives_every_interval_once(
    zone: str, year: int, length: int, stamp: str
) -> None:
    # Hourly labels meet half an hour's change (Lord Howe) in one passage only: nothing in the file says which.
    assume(not (zone == "Australia/Lord_Howe" and length == 60))
    tz, step = ZoneInfo(zone), timedelta(minutes=length)
    first = datetime(year, 1, 1, tzinfo=UTC)
    # The days around the year's clock changes, wherever the zone is.
    days = [d for d in range(0, 365) if _changes(first + timedelta(days=d), tz)] or [10]
    starts = [first + timedelta(days=d) + step * i for d in days for i in range(int(timedelta(days=1) / step))]
    late = step if stamp == "hour_ending" else timedelta(0)
    labels = [start.astimezone(tz).replace(tzinfo=None) + late for start in starts]
    data = "meter,stamp,kwh\n" + "".join(f"m,{label:%d.%m.%Y %H:%M},1\n" for label in labels)
    source = Source.model_validate(
        {
            "name": "s",
            "format": "csv",
            "meter": {"column": "meter"},
            "time": {
                "column": "stamp",
                "format": "%d.%m.%Y %H:%M",
                "zone": zone,
                "stamp": stamp,
                "interval_minutes": "infer",
                "doubled_hour": "order",
            },
            "value": {"column": "kwh", "unit": "kWh"},
            "fuel": "gas",
        }
    )
    tables = list(parse_readings(Content.of(data.encode()), source, LANDED))
    found = [row["interval_start_utc"] for table in tables for row in table.to_pylist()]
    assert found == starts


def _changes(day: datetime, tz: ZoneInfo) -> bool:
    return day.astimezone(tz).utcoffset() != (day + timedelta(days=1)).astimezone(tz).utcoffset()

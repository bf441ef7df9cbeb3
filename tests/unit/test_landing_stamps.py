"""How stamps are written: offsets, names of clocks, 24:00, words, numbered periods, the doubled hour."""

from __future__ import annotations

import pytest
from stamped_rows import LANDED, readings, start_of

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.sources.source import Source


@pytest.mark.parametrize(
    ("offset", "utc"),
    [("+02", "10:00"), ("+0200", "10:00"), ("+02:00", "10:00"), (" +02", "10:00"), ("-0330", "15:30"), ("Z", "12:00")],
)
def test_an_offset_is_applied_once_with_and_without_a_format(offset: str, utc: str) -> None:
    for zone in ("UTC", "Europe/Brussels"):
        assert start_of(f"2024-07-01 12:00:00{offset}", zone=zone) == f"2024-07-01 {utc}"
        for format_ in ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M%z", "%d.%m.%Y %H:%M %z"):
            blank = " " if format_.endswith(" %z") else ""
            stamp = f"01.07.2024 12:00{blank}{offset.strip() if format_.endswith('z') else offset}"
            assert start_of(stamp, zone=zone, format=format_) == f"2024-07-01 {utc}"


@pytest.mark.parametrize(
    ("zone", "stamp", "utc"),
    [
        ("Europe/London", "2024-07-01 10:00 UTC", "2024-07-01 10:00"),
        ("Europe/London", "2024-07-01 10:00 GMT", "2024-07-01 10:00"),
        ("Europe/London", "2024-10-27 01:30 BST", "2024-10-27 00:30"),
        ("Europe/Berlin", "2024-10-27 02:30 CEST", "2024-10-27 00:30"),
        ("Europe/Berlin", "2024-10-27 02:30 CET", "2024-10-27 01:30"),
        # Eastern standard time in summer: the clock that is never put forward.
        ("America/New_York", "2024-07-01 10:00 EST", "2024-07-01 15:00"),
        ("Australia/Sydney", "2024-01-01 10:00 AEDT", "2023-12-31 23:00"),
        # Moscow's clock was four hours ahead in 2012, and is three ahead now.
        ("Europe/Moscow", "2012-07-01 10:00 MSK", "2012-07-01 06:00"),
        ("Europe/Moscow", "2024-07-01 10:00 MSK", "2024-07-01 07:00"),
        # Names that the zone never goes by.
        ("Europe/London", "2024-07-01 10:00 CEST", "unparseable_timestamp"),
        ("UTC", "2024-07-01 10:00 BST", "unparseable_timestamp"),
        ("Europe/London", "2024-07-01 10:00 XYZ", "unparseable_timestamp"),
    ],
)
def test_the_name_of_a_clock_is_heeded(zone: str, stamp: str, utc: str) -> None:
    assert start_of(stamp, zone=zone) == utc
    assert start_of(stamp, zone=zone, format="%Y-%m-%d %H:%M %Z") == utc


def test_the_yaml_may_explain_other_names() -> None:
    names = {"MESZ": "+02:00", "MEZ": "+1"}
    time = {"zone": "Europe/Vienna", "format": "%d.%m.%Y %H:%M %Z", "offsets": names}
    assert start_of("27.10.2024 02:30 MESZ", **time) == "2024-10-27 00:30"
    assert start_of("27.10.2024 02:30 MEZ", **time) == "2024-10-27 01:30"


def test_a_name_in_the_midst_of_a_stamp() -> None:
    time = {"zone": "Europe/Berlin", "format": "%a %b %d %H:%M:%S %Z %Y"}
    assert start_of("Wed May 01 12:00:00 CEST 2024", **time) == "2024-05-01 10:00"
    assert start_of("Wed May 01 12:00:00 -0330 2024", **time) == "2024-05-01 15:30"


@pytest.mark.parametrize(
    ("stamp", "format_", "utc"),
    [
        ("2024-05-01T24:00", None, "2024-05-02 00:00"),
        ("2024-05-01 24:00:00", None, "2024-05-02 00:00"),
        ("2024-05-01T24:00:00+02:00", None, "2024-05-01 22:00"),
        ("2024-12-31 24", "%Y-%m-%d %H", "2025-01-01 00:00"),
        ("202402292400", "%Y%m%d%H%M", "2024-03-01 00:00"),
        ("24:00 29.02.2024", "%H:%M %d.%m.%Y", "2024-03-01 00:00"),
        ("2024-05-01T24:30", None, "unparseable_timestamp"),
        ("01.05.2024 24:01", "%d.%m.%Y %H:%M", "unparseable_timestamp"),
    ],
)
def test_24_is_the_midnight_that_ends_the_day(stamp: str, format_: str | None, utc: str) -> None:
    assert start_of(stamp, format=format_) == utc


@pytest.mark.parametrize("word", ["now", "today", "NOW", "Today", "tomorrow", "NaT", "45292", "2024-02-30"])
def test_a_word_or_a_bare_number_is_no_stamp(word: str) -> None:
    for format_ in (None, "%Y-%m-%d", "%Y-%m-%d %H:%M %Z"):
        assert start_of(word, format=format_) == "unparseable_timestamp"


def test_prices_may_stand_by_period() -> None:
    source = Source.model_validate(
        {
            "name": "p",
            "kind": "prices",
            "format": "csv",
            "time": {"column": "d", "period_column": "n", "zone": "Europe/London", "interval_minutes": 30},
            "columns": {
                "tariff_id": {"constant": "a"},
                "fuel": {"constant": "electricity"},
                "price_per_kwh": "c",
                "currency": {"constant": "GBP"},
            },
        }
    )
    data = b"d,n,c\n2024-10-27,1,1\n2024-10-27,50,2\n2024-10-27,51,3\n"
    [table] = parse_reference(Content.of(data), source, LANDED)
    assert [(str(row["interval_start_utc"])[:16], row["rule_id"]) for row in table.to_pylist()] == [
        ("2024-10-26 23:00", None),
        ("2024-10-27 23:30", None),
        ("None", "nonexistent_local_time"),
    ]


def test_an_offset_column_with_names_and_with_nonsense() -> None:
    data = (
        b"m,t,v,o\nx,2024-10-27 01:30,1,BST\nx,2024-10-27 01:30,2,GMT\n"
        b"x,2024-10-27 03:30,3,soon\nx,2024-10-27 05:30,4,\n"
    )
    rows = readings(data, {"zone": "Europe/London", "offset_column": "o"})
    assert [row["interval_start_utc"].hour for row in rows[:2]] == [0, 1]
    assert [row["rule_id"] for row in rows] == [None, None, "unparseable_timestamp", None]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("meters", [["a"], ["a", "b"]])
def test_the_doubled_hour_follows_the_direction_of_the_file(newest_first: bool, meters: list[str]) -> None:
    """Brussels, 2024-10-27: 02:00 comes at 00:00 and at 01:00 UTC."""
    walls = ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]
    lines = [f"{m},2024-10-27 {wall},{n}" for n, wall in enumerate(walls) for m in meters]
    data = "m,t,v\n" + "\n".join(reversed(lines) if newest_first else lines)
    time = {"zone": "Europe/Brussels", "interval_minutes": 30, "doubled_hour": "order"}
    found = {
        (r["meter_id"], r["energy_kwh"]): f"{r['interval_start_utc']:%H:%M}" for r in readings(data.encode(), time)
    }
    utc = ["23:00", "23:30", "00:00", "00:30", "01:00", "01:30", "02:00", "02:30"]
    assert found == {(m, float(n)): utc[n] for n in range(8) for m in meters}


def test_a_doubled_hour_newest_first_that_two_chunks_share(monkeypatch: pytest.MonkeyPatch) -> None:
    walls = ["03:00", "02:30", "02:00", "02:30", "02:00", "01:30"]
    data = "m,t,v\n" + "".join(f"x,2024-10-27 {wall},{n}\n" for n, wall in enumerate(walls))
    time = {"zone": "Europe/Brussels", "interval_minutes": 30, "doubled_hour": "order"}
    for size in range(60, len(data), 7):
        monkeypatch.setattr("energy_lib.landing.formats.delimited.BLOCK_BYTES", size)
        rows = readings(data.encode(), time)
        assert [f"{row['interval_start_utc']:%H:%M}" for row in rows] == [
            "02:00", "01:30", "01:00", "00:30", "00:00", "23:30"
        ]  # fmt: skip


def test_a_format_without_minutes_is_none_for_half_hours() -> None:
    with pytest.raises(ValueError, match=r"name it as time\.period_column"):
        start_of("27/10/2024 2", format="%d/%m/%Y %H", interval_minutes=30)


@pytest.mark.parametrize(
    ("day", "minutes", "count", "last"),
    [
        ("2024-10-27", 30, 50, "2024-10-27 23:30"),
        ("2024-10-27", 15, 100, "2024-10-27 23:45"),
        ("2024-10-27", 60, 25, "2024-10-27 23:00"),
        ("2024-03-31", 30, 46, "2024-03-31 22:30"),
        ("2024-03-31", 15, 92, "2024-03-31 22:45"),
        ("2024-07-01", 30, 48, "2024-07-01 22:30"),
    ],
)
def test_periods_of_a_local_day(day: str, minutes: int, count: int, last: str) -> None:
    """London: the clock goes back on 27 October and forth on 31 March 2024."""
    lines = "".join(f"x,{day},{n},1\n" for n in range(count + 2))
    time = {"zone": "Europe/London", "interval_minutes": minutes, "period_column": "p"}
    rows = readings(f"m,t,p,v\n{lines}x,{day},first,1\n".encode(), time)
    good = [f"{row['interval_start_utc']:%Y-%m-%d %H:%M}" for row in rows if row["rule_id"] is None]
    assert (len(good), good[-1]) == (count, last)
    assert [(row["raw_timestamp"], row["rule_id"]) for row in rows if row["rule_id"]] == [
        (f"{day} 0", "unparseable_timestamp"),
        (f"{day} {count + 1}", "nonexistent_local_time"),
        (f"{day} first", "unparseable_timestamp"),
    ]

"""Green Button feeds as senders vary them: what is counted, which links are there, which times are none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.interval_overlaps import holds_shorter
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, tzinfo=UTC)
# 2024-01-01 08:00 UTC.
START = 1_704_096_000
HOUR, DAY = 3600, 86_400
Row = dict[str, Any]


def entry(content: str, self_link: str = "", **links: str) -> str:
    hrefs = {"self": self_link, **links}
    tags = "".join(f'<link rel="{rel}" href="{href}"/>' for rel, href in hrefs.items() if href)
    return f"<entry>{tags}<content>{content}</content></entry>"


def point(name: str, kind: str = "0") -> str:
    service = f"<ServiceCategory><kind>{kind}</kind></ServiceCategory>"
    return entry(f"<UsagePoint>{service}</UsagePoint>", f"/UsagePoint/{name}")


def meter_reading(name: str, type_: str = "") -> str:
    return entry("<MeterReading/>", f"/UsagePoint/{name}", related=f"/ReadingType/{type_}" if type_ else "")


def type_of(name: str, **codes: object) -> str:
    given_codes = {"commodity": 1, "flowDirection": 1, "uom": 72, **codes}
    tags = "".join(f"<{tag}>{code}</{tag}>" for tag, code in given_codes.items())
    return entry(f"<ReadingType>{tags}</ReadingType>", f"/ReadingType/{name}")


def block(reading: str, *readings: tuple[object, object, object], self_link: str = "", up: str | None = None) -> str:
    """(start, seconds, value) of each reading, in the block of a meter reading such as `P/MeterReading/1`."""
    times = (
        f"<IntervalReading><timePeriod><duration>{length}</duration><start>{start}</start></timePeriod>"
        f"<value>{value}</value></IntervalReading>"
        for start, length, value in readings
    )
    above = f"/UsagePoint/{reading}/IntervalBlock" if up is None else up
    return entry(f"<IntervalBlock>{''.join(times)}</IntervalBlock>", self_link or f"{above}/1", up=above)


def read(*entries: str, **keys: Any) -> list[Row]:
    source = Source.model_validate({"name": "gb", "format": "green_button", **keys})
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'
    tables = parse_readings(Content.of(feed.encode(), "gb/f.xml"), source, LANDED)
    return [row for table in tables for row in table.to_pylist()]


def told(rows: list[Row]) -> list[tuple[str, str, float | None]]:
    """(meter, start or rule, kWh)"""
    return [
        (row["meter_id"], row["rule_id"] or f"{row['interval_start_utc']:%d %H:%M}", row["energy_kwh"]) for row in rows
    ]


ONE = (point("P"), meter_reading("P/MeterReading/1", "T"))
HOURS = block("P/MeterReading/1", (START, HOUR, 1000), (START + HOUR, HOUR, 2000))
HOURS_READ = [("P", "01 08:00", 1.0), ("P", "01 09:00", 2.0)]


def test_links_that_are_missing_are_found_where_there_is_one_candidate() -> None:
    unlinked = meter_reading("P/MeterReading/1")
    assert told(read(point("P"), unlinked, type_of("T"), HOURS)) == HOURS_READ
    # Each type stands after its meter reading.
    two = (*ONE[:1], unlinked, type_of("T"), meter_reading("Q/MeterReading/1"), type_of("U", flowDirection=19))
    other = block("Q/MeterReading/1", (START, HOUR, 3000))
    assert told(read(*two, HOURS, other)) == [*HOURS_READ, ("Q_export", "01 08:00", 3.0)]
    # Nothing says which of two types: no guess.
    astray = read(point("P"), type_of("T"), type_of("U", uom=38), unlinked, HOURS)
    assert {(row["rule_id"], row["reason"]) for row in astray} == {
        ("unknown_unit", "no ReadingType belongs to its meter reading '/UsagePoint/P/MeterReading/1'")
    }


def test_a_block_is_found_from_the_meter_reading_that_relates_to_it() -> None:
    opaque = entry("<MeterReading/>", "urn:reading", related="urn:block")
    typed = opaque.replace("</link>", "").replace("<content>", '<link rel="related" href="/ReadingType/T"/><content>')
    lone = block("", (START, HOUR, 1000), self_link="urn:block", up="")
    second = entry("<MeterReading/>", "urn:other", related="/ReadingType/U")
    assert told(read(point("P"), typed, second, type_of("T"), type_of("U", flowDirection=19), lone)) == [
        ("P", "01 08:00", 1.0)
    ]


def test_the_hour_wins_over_the_day_only_where_there_are_hours() -> None:
    daily = block("P/MeterReading/2", (START, DAY, 24_000), (START + DAY, DAY, 30_000))
    rows = read(*ONE, meter_reading("P/MeterReading/2", "T"), type_of("T"), daily, HOURS)
    assert told(rows) == [("P", "coarser_interval", None), ("P", "02 08:00", 30.0), *HOURS_READ]
    # One meter reading may tell both, too.
    mixed = block("P/MeterReading/1", (START, DAY, 24_000), (START, HOUR, 1000), (START + HOUR, HOUR, 2000))
    assert told(read(*ONE, type_of("T"), mixed)) == [("P", "coarser_interval", None), *HOURS_READ]
    # The day of another direction, or of another point, is another register.
    export = type_of("U", flowDirection=19)
    apart = read(*ONE, meter_reading("P/MeterReading/2", "U"), type_of("T"), export, daily, HOURS)
    assert not [row for row in apart if row["rule_id"]]


def test_demand_alone_is_mean_power_unless_it_is_of_a_moment() -> None:
    quarter = block("P/MeterReading/1", (START, 900, 4000))
    assert told(read(*ONE, type_of("T", uom=38), quarter)) == [("P", "01 08:00", 1.0)]
    for code in ({"accumulationBehaviour": 12}, {"accumulationBehaviour": 6}, {"dataQualifier": 8}):
        assert told(read(*ONE, type_of("T", uom=38, **code), quarter)) == [("P", "other_channel", None)]


@pytest.mark.parametrize("behaviour", [1, 2, 3, 9])
def test_counters_are_register_reads_and_give_way_to_intervals(behaviour: int) -> None:
    counter = type_of("U", accumulationBehaviour=behaviour)
    counted = block("P/MeterReading/2", (START, HOUR, 5_000_000))
    [alone] = read(point("P"), meter_reading("P/MeterReading/2", "U"), counter, counted)
    assert (alone["register_kwh"], alone["energy_kwh"], alone["interval_minutes"]) == (5000.0, None, None)
    rows = read(*ONE, meter_reading("P/MeterReading/2", "U"), type_of("T"), counter, counted, HOURS)
    assert told(rows) == [("P", "other_channel", None), *HOURS_READ]
    assert rows[0]["reason"] == "a counter, and the feed has what it counts in intervals"


@pytest.mark.parametrize(
    ("code", "meter", "flow"),
    [(1, "P", "import"), (0, "P", "import"), (8, "P", "import"), (10, "P_export", "export"), (4, "P_net", "net")],
)
def test_flow_directions(code: int, meter: str, flow: str) -> None:
    rows = read(*ONE, type_of("T", flowDirection=code), HOURS)
    assert {(row["meter_id"], row["flow"], row["rule_id"]) for row in rows} == {(meter, flow, None)}


def test_flows_that_are_none_of_ours_and_those_the_source_leaves_out() -> None:
    [row, _] = read(*ONE, type_of("T", flowDirection=2), HOURS)
    assert (row["rule_id"], row["reason"]) == ("other_channel", "flowDirection 2 is none of forward, reverse and net")
    for channels, rule in ((["forward"], "other_channel"), (["reverse"], None), (["export"], None)):
        [row, _] = read(*ONE, type_of("T", flowDirection=19), HOURS, channels=channels)
        assert row["rule_id"] == rule


@pytest.mark.parametrize(
    ("codes", "kind", "fuel", "kwh"),
    [
        ({"uom": 72, "commodity": 2}, "0", "electricity", 1.0),
        ({"uom": 31, "commodity": 12}, "4", "heat", 1000 / 3.6e6),
        ({"uom": 72, "commodity": 0}, "4", "heat", 1.0),
        ({"uom": 132, "commodity": 7}, "1", "gas", 0.293071),
        ({"uom": 119, "commodity": 7, "powerOfTenMultiplier": -3}, "1", "gas", 0.301258),
        ({"uom": 134, "commodity": 8, "powerOfTenMultiplier": -3}, "1", "propane", 0.010639),
        ({"uom": 169, "commodity": ""}, "", "gas", 29307.1),
    ],
)
def test_commodities_and_their_units(codes: dict[str, object], kind: str, fuel: str, kwh: float) -> None:
    value = {"unit_column": "uom", "calorific_value_mj_per_m3": 38.3}
    entries = (point("P", kind), *ONE[1:], type_of("T", **codes), block("P/MeterReading/1", (START, HOUR, 1000)))
    [row] = read(*entries, value=value)
    assert row["fuel"] == fuel
    assert row["energy_kwh"] == pytest.approx(kwh, rel=1e-4)


def test_water_and_volumes_without_a_calorific_value_are_told() -> None:
    [water, _] = read(*ONE, type_of("T", uom=42, commodity=9), HOURS, value={"calorific_value_mj_per_m3": 38.3})
    assert (water["rule_id"], water["reason"]) == ("unknown_fuel", "'commodity 9' is no fuel")
    [gas, _] = read(*ONE, type_of("T", uom=42, commodity=7), HOURS)
    assert gas["rule_id"] == "unknown_unit"
    assert gas["reason"] == "unit m3 needs value.calorific_value_mj_per_m3 in the source's YAML"


@pytest.mark.parametrize("start", ["9" * 30, "-" + "9" * 30, "253402300799", "now", ""])
def test_a_time_that_no_calendar_has_costs_its_row(start: str) -> None:
    rows = read(*ONE, type_of("T"), block("P/MeterReading/1", (start, HOUR, 1), (START, HOUR, 1000)))
    assert told(rows) == [("P", "01 08:00", 1.0), (None, "unparseable_row", None)]
    assert "<duration>3600</duration>" in rows[1]["raw_row"]


@pytest.mark.parametrize("length", ["9" * 30, -3600, "PT1H", ""])
def test_a_length_that_is_none_costs_its_row(length: object) -> None:
    rows = read(*ONE, type_of("T"), block("P/MeterReading/1", (START, length, 1), (START, HOUR, 1000)))
    assert told(rows)[0] == ("P", "01 08:00", 1.0)
    assert rows[1]["rule_id"] == "unparseable_row"


def test_readings_outside_a_block_are_told_and_not_passed_over() -> None:
    stray = "<IntervalReading><timePeriod><duration>60</duration><start>0</start></timePeriod></IntervalReading>"
    for one in (stray, entry(stray)):
        with pytest.raises(FileFault, match="1 of 2 IntervalReadings stand in an IntervalBlock of an entry") as fault:
            read(*ONE, type_of("T"), block("P/MeterReading/1", (START, HOUR, 1000)), one)
        assert fault.value.rule_id == "file_layout"


spans = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 12)), min_size=1, max_size=12)


@given(spans)
def test_an_interval_holds_a_shorter_one_as_a_search_finds_it(intervals: list[tuple[int, int]]) -> None:
    starts, lengths = (np.array(each) for each in zip(*intervals, strict=True))
    wanted = [
        any(other < own and at < start + own and start < at + other for at, other in intervals)
        for start, own in intervals
    ]
    assert holds_shorter(starts, lengths, (starts, lengths)).tolist() == wanted

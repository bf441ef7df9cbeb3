"""Meters' own formats, NEM12 and Green Button: a few records as published, worked out by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from landed_rows import LANDED, read, rows

from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source


def nem12_day(values: list[str], quality: str = "A") -> str:
    return f"300,20240407,{','.join(values)},{quality},,,20240408013000,20240408020000"


def test_nem12_qualities_ranges_and_channels() -> None:
    values = [str(i) for i in range(1, 49)]
    parsed = rows(
        "nem12",
        "\n".join(
            [
                "100,NEM12,202404080200,MDP1,RETAIL1",
                "200,6123456789,E1B1Q1,,E1,N1,METSER123,kWh,30,20240601",
                nem12_day(values, "V"),
                "400,1,46,A,,",
                "400,47,47,S14,32,",
                "400,48,48,N,,",
                "200,6123456789,E1B1Q1,,B1,N1,METSER123,kWh,30,20240601",
                nem12_day(values),
                "200,6123456789,E1B1Q1,,E2,N1,METSER123,Wh,30,20240601",
                nem12_day(["500"] * 48),
                "900",
                "",
            ]
        ),
    )
    e1 = [row for row in read(parsed) if row[0] == "6123456789_E1"]
    # Eastern Standard Time all year: midnight is 14:00 UTC of the day before, on a day Sydney leaves summer time too.
    assert e1[0] == ("6123456789_E1", "2024-04-06 14:00", 30, 1.0)
    assert e1[-1] == ("6123456789_E1", "2024-04-07 13:00", 30, 47.0)
    assert len(e1) == 47
    assert [r["quality"] for r in parsed[:47]] == ["measured"] * 46 + ["estimated"]
    assert parsed[47]["rule_id"] == "missing_value"
    exported = [r for r in parsed if r["meter_id"] == "6123456789_B1"]
    assert [(r["flow"], r["rule_id"]) for r in exported] == [("export", None)] * 48
    assert [row[3] for row in read(parsed) if row[0] == "6123456789_E2"] == [0.5] * 48


def nem12(*records: str) -> list[tuple[str, int]]:
    """The rule (or the quality) of what a half-hourly stream's records give, with how many rows it is."""
    head = ["100,NEM12,202404080200,MDP1,RETAIL1", "200,6123456789,E1,,E1,N1,METSER123,kWh,30,20240601"]
    parsed = rows("nem12", "\n".join([*head, *records, "900", ""]))
    return sorted(Counter(row["rule_id"] or row["quality"] for row in parsed).items())


@pytest.mark.parametrize(
    "record",
    [
        nem12_day(["1"] * 96),
        nem12_day(["1"] * 47),
        nem12_day(["1"] * 49),
        nem12_day(["1"] * 48, "Z"),
        nem12_day(["1"] * 48, "A1"),
        nem12_day(["1"] * 48, ""),
    ],
)
def test_a_nem12_day_that_does_not_fit_its_stream_is_refused_with_its_text(record: str) -> None:
    assert nem12(record, "400,1,48,A,,", nem12_day(["1"] * 48, "E64")) == [
        ("estimated", 48),
        ("ragged_row", 1),
        ("unparseable_row", 1),
    ]


def test_nem12_records_and_qualities_that_nobody_explains_are_refused() -> None:
    assert nem12(nem12_day(["1"] * 48), "777,1", "500,O,,20240407,1") == [("measured", 48), ("unparseable_row", 1)]
    day = nem12_day(["1"] * 48, "V")
    assert nem12(day, "400,1,40,A,,", "400,41,48,Z,,") == [
        ("measured", 40),
        ("unparseable_row", 1),
        ("unparseable_value", 8),
    ]


GREEN_BUTTON = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:espi="http://naesb.org/espi">
 <entry><link rel="self" href="https://x.org/espi/RetailCustomer/9/UsagePoint/7"/>
  <content><espi:UsagePoint><espi:ServiceCategory><espi:kind>0</espi:kind></espi:ServiceCategory></espi:UsagePoint>
  </content></entry>
 <entry><link rel="self" href="/espi/RetailCustomer/9/UsagePoint/7/MeterReading/1"/>
  <link rel="related" href="/espi/ReadingType/5"/><content><espi:MeterReading/></content></entry>
 <entry><link rel="self" href="/espi/RetailCustomer/9/UsagePoint/7/MeterReading/1/IntervalBlock/1"/>
  <link rel="up" href="/espi/RetailCustomer/9/UsagePoint/7/MeterReading/1/IntervalBlock"/>
  <content><espi:IntervalBlock><espi:interval><espi:duration>7200</espi:duration><espi:start>1699167600</espi:start>
   </espi:interval>
   <espi:IntervalReading><espi:ReadingQuality><espi:quality>8</espi:quality></espi:ReadingQuality>
    <espi:timePeriod><espi:duration>3600</espi:duration><espi:start>1699167600</espi:start></espi:timePeriod>
    <espi:value>450</espi:value></espi:IntervalReading>
   <espi:IntervalReading><espi:timePeriod><espi:duration>900</espi:duration><espi:start>1699171200</espi:start>
    </espi:timePeriod><espi:value>30</espi:value></espi:IntervalReading>
   <espi:IntervalReading><espi:value>30</espi:value></espi:IntervalReading>
  </espi:IntervalBlock></content></entry>
 <entry><link rel="self" href="/espi/ReadingType/5"/><content><espi:ReadingType><espi:commodity>1</espi:commodity>
  <espi:flowDirection>1</espi:flowDirection><espi:powerOfTenMultiplier>1</espi:powerOfTenMultiplier>
  <espi:uom>72</espi:uom></espi:ReadingType></content></entry>
</feed>
"""


def test_green_button_blocks_find_their_type_through_links() -> None:
    parsed = rows("green_button", GREEN_BUTTON, "usage.xml")
    # 450 × 10^1 Wh = 4.5 kWh, from 2023-11-05 07:00 UTC.
    assert read(parsed) == [("7", "2023-11-05 07:00", 60, 4.5), ("7", "2023-11-05 08:00", 15, 0.3)]
    assert [r["quality"] for r in parsed[:2]] == ["estimated", "measured"]
    assert parsed[2]["rule_id"] == "unparseable_row"
    assert "IntervalReading" in parsed[2]["raw_row"]


def test_green_button_reverse_flow_is_an_export_register_and_unknown_units_are_refused() -> None:
    reverse = rows("green_button", GREEN_BUTTON.replace("flowDirection>1<", "flowDirection>19<"))
    assert [(r["meter_id"], r["flow"]) for r in reverse if r["raw_value"]] == [("7_export", "export")] * 2
    volts = rows("green_button", GREEN_BUTTON.replace("uom>72<", "uom>29<"))
    assert [r["rule_id"] for r in volts[:2]] == ["unknown_unit"] * 2
    assert "uom 29" in volts[0]["reason"]
    scaled = rows("green_button", GREEN_BUTTON.replace("Multiplier>1<", "Multiplier>x<"))
    assert [r["rule_id"] for r in scaled[:2]] == ["unknown_unit"] * 2
    assert scaled[0]["reason"] == "unit 'Wh times 10 to the x' is none that is known"


def stream(suffix: str, unit: str = "kWh") -> str:
    return f"200,6123456789,E1B1,,{suffix},N1,METSER123,{unit},30,20240601"


def updated(value: str, stamp: str) -> str:
    return f"300,20240407,{','.join([value] * 48)},A,,,{stamp},20240409020000"


def parsed(*records: str, end: str = "\n", **keys: object) -> list[dict[str, Any]]:
    source = Source.model_validate({"name": "test", "format": "nem12", **keys})
    content = Content.of(end.join(["100,NEM12,202404080200,MDP1,RETAIL1", *records, "900", ""]).encode(), "test/f.csv")
    return [row for table in parse_readings(content, source, LANDED) for row in table.to_pylist()]


@pytest.mark.parametrize(
    ("suffix", "flow"), [("E1", "import"), ("B1", "export"), ("N1", "net"), ("F2", "import"), ("11", "import")]
)
def test_a_nem12_suffix_says_the_flow_and_names_the_register(suffix: str, flow: str) -> None:
    found = {(row["meter_id"], row["flow"], row["rule_id"]) for row in parsed(stream(suffix), nem12_day(["1"] * 48))}
    assert found == {(f"6123456789_{suffix}", flow, None)}


@pytest.mark.parametrize(("suffix", "unit"), [("Q1", "kvarh"), ("K1", "KVARH"), ("S1", "kVAh"), ("E1", "kVArh")])
def test_reactive_and_apparent_energy_is_set_aside(suffix: str, unit: str) -> None:
    assert {row["rule_id"] for row in parsed(stream(suffix, unit), nem12_day(["1"] * 48))} == {"other_channel"}


def test_of_two_versions_of_a_day_the_later_updated_counts_in_either_order() -> None:
    new, old = updated("2", "20240409013000"), updated("1", "20240408013000")
    rows = parsed(stream("E1"), new, old, stream("B1"), old)
    assert [row["energy_kwh"] for row in rows] == [2.0] * 48 + [None] * 48 + [1.0] * 48
    assert {row["rule_id"] for row in rows[48:96]} == {"older_version"}
    assert rows[48]["reason"] == "the day was updated at 20240408013000, a record before it at 20240409013000"
    # In this order cleaning takes the last row of the file, so both are passed on. So they are where both count.
    assert not [row for row in parsed(stream("E1"), old, new) if row["rule_id"]]
    assert not [row for row in parsed(stream("E1"), new, updated("1", "")) if row["rule_id"]]
    kept = parsed(stream("E1"), new, old, available={"column": "UpdateDateTime"})
    assert [f"{row['available_at_utc']:%d %H:%M}" for row in kept[::48]] == ["08 15:30", "07 15:30"]


def test_a_bare_carriage_return_ends_a_record() -> None:
    for end in ("\r\n", "\n"):
        rows = parsed(f"{stream('E1')}\r{nem12_day(['1'] * 48)}", end=end)
        assert [row["energy_kwh"] for row in rows] == [1.0] * 48


def test_a_record_beyond_all_lengths_costs_itself_and_what_hangs_on_it() -> None:
    endless = "9" * 200_000
    day = nem12_day(["1"] * 48)
    ranged = "400,1,48,E,,"
    rows = parsed(stream("E1"), f"300,20240406,{endless}", ranged, day, f"200,{endless}", day, stream("B1"), day)
    assert [(row["meter_id"], row["rule_id"]) for row in rows[::48][:2]] == [
        ("6123456789_E1", None),
        ("6123456789_B1", None),
    ]
    assert [row["rule_id"] for row in rows[96:]] == ["unparseable_row"] * 4
    assert "no record is longer than 131,072" in rows[96]["reason"]
    assert rows[96]["raw_row"].endswith("999")


def test_another_clock_and_a_file_without_its_end() -> None:
    [first, *_] = parsed(stream("E1"), nem12_day(["1"] * 48), nem12={"utc_offset": "+08:00"})
    assert f"{first['interval_start_utc']:%d %H:%M}" == "06 16:00"
    open_ended = Source.model_validate({"name": "test", "format": "nem12", "nem12": {"needs_900": False}})
    content = Content.of("\n".join(["100,NEM12,1,A,B", stream("E1"), nem12_day(["1"] * 48)]).encode())
    assert sum(table.num_rows for table in parse_readings(content, open_ended, LANDED)) == 48
    unlike = Source.model_validate({"name": "test", "format": "nem12", "nem12": {"needs_100": False}})
    with pytest.raises(FileFault, match=r"the first record is not 100,NEM12$"):
        list(parse_readings(Content.of(b"meter,kwh\nm,1\n"), unlike, LANDED))

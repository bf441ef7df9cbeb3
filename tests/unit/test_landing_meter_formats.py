"""Meters' own formats, NEM12 and Green Button: a few records as published, worked out by hand."""

from __future__ import annotations

from collections import Counter

import pytest
from landed_rows import read, rows


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
    assert {r["rule_id"] for r in parsed if r["raw_meter_id"] == "6123456789_B1"} == {"other_channel"}
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

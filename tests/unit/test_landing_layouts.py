"""Every published layout that ships: a few rows as published, and what they are in UTC and kWh, worked out by hand."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from landed_rows import LANDED, SOURCES, read, refused, rows

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.reference_data import parse_reference


def test_cambridge_csv() -> None:
    parsed = rows(
        "cambridge",
        "meter_id,building_id,fuel,ts_utc,kwh\n"
        "b0_e,b0,electricity,2021-03-28T00:00:00Z,10.8\n"
        "b0_g,b0,gas,2021-03-28T01:00:00Z,3.5\n",
    )
    assert read(parsed) == [("b0_e", "2021-03-28 00:00", 60, 10.8), ("b0_g", "2021-03-28 01:00", 60, 3.5)]
    assert [r["fuel"] for r in parsed] == ["electricity", "gas"]
    assert [r["building_id"] for r in parsed] == ["b0", "b0"]
    assert [r["available_at_utc"] for r in parsed] == [
        datetime(2021, 3, 28, 1, tzinfo=UTC),
        datetime(2021, 3, 28, 2, tzinfo=UTC),
    ]


def test_cambridge_parquet_float32_is_read_as_the_decimal_it_stands_for() -> None:
    frame = pd.DataFrame(
        {
            "meter_id": ["b0_e"],
            "building_id": ["b0"],
            "fuel": ["electricity"],
            "ts_utc": pd.to_datetime(["2010-07-01 13:00"]),
            "kwh": pd.array([17.3], dtype="float32"),
        }
    )
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    parsed = rows("cambridge_bench", buffer.getvalue(), "readings-2010.parquet")
    assert read(parsed) == [("b0_e", "2010-07-01 13:00", 60, 17.3)]
    assert parsed[0]["energy_kwh"] == 17.3
    assert parsed[0]["raw_timestamp"] == "2010-07-01 13:00:00"


def test_low_carbon_london_half_hours_end_at_their_stamp() -> None:
    parsed = rows(
        "low_carbon_london",
        "LCLid,stdorToU,DateTime,KWH/hh (per half hour) ,Acorn,Acorn_grouped\n"
        "MAC000002,Std,2012-10-12 00:30:00.0000000, 0.143 ,ACORN-A,Affluent\n"
        "MAC000002,Std,2012-10-13 00:00:00.0000000, 0.2 ,ACORN-A,Affluent\n"
        "MAC000002,Std,2012-12-18 15:13:41.0000000,Null,ACORN-A,Affluent\n",
    )
    assert read(parsed) == [
        ("MAC000002", "2012-10-12 00:00", 30, 0.143),
        ("MAC000002", "2012-10-12 23:30", 30, 0.2),
    ]
    assert refused(parsed) == [("2012-12-18 15:13:41.0000000", "missing_value")]


def test_uci_electricity_load_diagrams_around_both_clock_changes() -> None:
    # 2013-03-31: Lisbon's clock goes from 01:00 to 02:00 (WET = UTC to WEST = UTC+1).
    # 2013-10-27: it goes from 02:00 back to 01:00; the published hour holds the sum of both passages.
    parsed = rows(
        "uci_electricity_load_diagrams",
        '"";"MT_001";"MT_002"\n'
        '"2013-03-31 01:00:00";2,538071;8\n'
        '"2013-03-31 01:15:00";0;0\n'
        '"2013-03-31 02:00:00";0;0\n'
        '"2013-03-31 02:15:00";4;4\n'
        '"2013-10-27 01:00:00";4;4\n'
        '"2013-10-27 01:15:00";16;4\n'
        '"2013-10-27 02:15:00";4;4\n',
        "LD2011_2014.txt",
    )
    first = [row for row in read(parsed) if row[0] == "MT_001"]
    assert first == [
        ("MT_001", "2013-03-31 00:45", 15, 0.63451775),
        ("MT_001", "2013-03-31 01:00", 15, 1.0),
        ("MT_001", "2013-10-26 23:45", 15, 1.0),
        ("MT_001", "2013-10-27 00:00", 15, 2.0),
        ("MT_001", "2013-10-27 01:00", 15, 2.0),
        ("MT_001", "2013-10-27 02:00", 15, 1.0),
    ]
    halves = [r["quality"] for r in parsed if r["meter_id"] == "MT_001" and r["energy_kwh"] == 2.0]
    assert halves == ["estimated", "estimated"]
    assert refused(parsed) == [
        (stamp, "nonexistent_local_time") for stamp in ["2013-03-31 01:15:00"] * 2 + ["2013-03-31 02:00:00"] * 2
    ]
    assert [r["row_number"] for r in parsed] == list(range(1, len(parsed) + 1))


def test_uci_household_power_minutes_of_average_power() -> None:
    parsed = rows(
        "uci_household_power",
        "Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;"
        "Sub_metering_1;Sub_metering_2;Sub_metering_3\n"
        "16/12/2006;17:24:00;4.216;0.418;234.840;18.400;0.000;1.000;17.000\n"
        "28/4/2007;00:21:00;?;?;?;?;?;?;\n",
    )
    assert read(parsed) == [("uci_household", "2006-12-16 16:24", 1, round(4.216 / 60, 9))]
    assert refused(parsed) == [("28/4/2007 00:21:00", "missing_value")]


def test_pjm_hours_end_at_their_stamp_unsorted_and_doubled_in_autumn() -> None:
    # 2005-04-03: 02:00 EST becomes 03:00 EDT; the file has no 03:00. 2005-10-30: 02:00 EDT becomes 01:00 EST.
    parsed = rows(
        "pjm_hourly",
        "Datetime,AEP_MW\n"
        "2005-10-30 01:00:00,10.0\n"
        "2005-10-30 02:00:00,11.0\n"
        "2005-10-30 02:00:00,12.0\n"
        "2005-10-30 03:00:00,13.0\n"
        "2005-04-03 02:00:00,14.0\n"
        "2005-04-03 04:00:00,15.0\n"
        "2004-12-31 00:00:00,16.0\n",
        "AEP_hourly.csv",
    )
    assert read(parsed) == [
        ("AEP", "2005-10-30 04:00", 60, 10_000.0),
        ("AEP", "2005-10-30 05:00", 60, 11_000.0),
        ("AEP", "2005-10-30 06:00", 60, 12_000.0),
        ("AEP", "2005-10-30 07:00", 60, 13_000.0),
        ("AEP", "2005-04-03 06:00", 60, 14_000.0),
        ("AEP", "2005-04-03 07:00", 60, 15_000.0),
        ("AEP", "2004-12-31 04:00", 60, 16_000.0),
    ]


def test_the_simulator_says_when_a_reading_was_received() -> None:
    parsed = rows(
        "simulator",
        "meter_id,building_id,fuel,flow,interval_start,interval_minutes,energy_kwh,quality,received_at\n"
        "m1,b1,gas,import,2024-01-01T23:30:00Z,30,1.5,estimated,2024-01-03T00:00:00Z\n"
        "m1,b1,gas,import,2024-01-01T23:00:00Z,30,1.5,measured,2024-01-01T23:10:00Z\n"
        "m2,b2,electricity,export,2024-01-01T23:00:00Z,30,2.5,measured,2024-01-01T23:30:00Z\n",
    )
    assert read(parsed) == [
        ("m1", "2024-01-01 23:30", 30, 1.5),
        ("m1", "2024-01-01 23:00", 30, 1.5),
        ("m2_export", "2024-01-01 23:00", 30, 2.5),
    ]
    assert parsed[0]["quality"] == "estimated"
    assert parsed[0]["available_at_utc"] == datetime(2024, 1, 3, tzinfo=UTC)
    # A reading is never known before its interval has ended.
    assert parsed[1]["available_at_utc"] == datetime(2024, 1, 1, 23, 30, tzinfo=UTC)


def test_gzip_is_known_by_its_magic_bytes_not_by_its_name() -> None:
    data = gzip.compress(b"meter_id,building_id,fuel,ts_utc,kwh\nb0_e,b0,electricity,2021-03-28T00:00:00Z,10.8\n")
    assert read(rows("cambridge", data, "readings.csv")) == [("b0_e", "2021-03-28 00:00", 60, 10.8)]


@pytest.mark.parametrize(
    ("source", "data", "expected"),
    [
        (
            "cambridge_weather",
            "datetime,air_temperature [degC],rltv_hum [%],glbl_irad_amt [W/m2]\n2021-01-01 00:00:00,-4.0,94.1,\n",
            {"location_id": "cambridge", "kind": "observed", "temperature_c": -4.0, "irradiance_w_m2": None},
        ),
        (
            "cambridge_carbon",
            "datetime,Carbon Intensity [kg_CO2/kWh]\n2021-01-01 00:00:00,0.178\n",
            {"region": "GB", "method": "average", "intensity_gco2_per_kwh": 178.0, "interval_minutes": 60},
        ),
        (
            "cambridge_prices",
            "datetime,Electricity Pricing [£/kWh]\n2021-01-01 00:00:00,-0.0144\n",
            {"tariff_id": "octopus_agile", "fuel": "electricity", "price_per_kwh": -0.0144, "currency": "GBP"},
        ),
        (
            "cambridge_buildings",
            "Building ID,GIA (m2),Number of floors,Approx RA (m2)\nb0,3296.5,5,659.3\n",
            {"building_id": "b0", "site_id": "cambridge", "floor_area_m2": 3296.5, "floors": 5, "roof_area_m2": 659.3},
        ),
    ],
)
def test_reference_layouts(source: str, data: str, expected: dict[str, Any]) -> None:
    [table] = parse_reference(Content.of(data.encode()), SOURCES[source], LANDED)
    [row] = table.to_pylist()
    assert row["rule_id"] is None, row["reason"]
    assert {key: row[key] for key in expected} == expected
    if "available_at_utc" in row:
        assert row["available_at_utc"] == datetime(2021, 1, 1, 1, tzinfo=UTC)


def test_a_forecast_is_known_when_it_is_issued() -> None:
    data = (
        "issued_at,location_id,interval_start,temperature_c,humidity_pct,irradiance_w_m2,wind_speed_m_s\n"
        "2024-01-01T00:00:00Z,leeds,2024-01-02T07:00:00Z,3.5,80,0,4.1\n"
        "2024-01-01T00:00:00Z,leeds,2024-01-02T08:00:00Z,warm,80,0,4.1\n"
    )
    [table] = parse_reference(Content.of(data.encode()), SOURCES["simulator_weather_forecast"], LANDED)
    row, bad = table.to_pylist()
    assert row["kind"] == "forecast"
    assert row["issued_at_utc"] == row["available_at_utc"] == datetime(2024, 1, 1, tzinfo=UTC)
    assert row["interval_start_utc"] == datetime(2024, 1, 2, 7, tzinfo=UTC)
    assert bad["rule_id"] == "unparseable_value"
    assert "'warm'" in bad["reason"]
    assert "warm" in bad["raw_row"]


def test_a_meter_whose_calendar_cannot_be_made_is_refused_when_it_lands() -> None:
    rest = "b1,,,,,,5,dwelling,,,,,,"
    data = (
        "meter_id,fuel,flow,zone,country,subdivision,building_id,site_id,weather_location_id,floor_area_m2,latitude,"
        "longitude,capacity_kw,use,tariff_id,carbon_region,supply_contract_id,agreed_capacity_kw,area_id,"
        "payment\n"
        f"m1,gas,,Europe/London,GB,ENG,{rest}\n"
        f"m2,gas,,Europe/Lodon,GB,ENG,{rest}\n"
        f"m3,gas,,Europe,GB,ENG,{rest}\n"
        f"m4,gas,,Europe/London,XX,,{rest}\n"
        f"m5,gas,,Europe/London,GB,BY,{rest}\n"
        f"m6,gas,,Europe/London,,,{rest}\n"
        f"m7,gas,,,GB,ENG,{rest}\n"
    )
    [table] = parse_reference(Content.of(data.encode()), SOURCES["simulator_meters"], LANDED)
    assert [(row["meter_id"], row["rule_id"], row["reason"]) for row in table.to_pylist()] == [
        ("m1", None, None),
        ("m2", "unparseable_value", "Europe/Lodon is not an IANA time zone such as Europe/London"),
        ("m3", "unparseable_value", "Europe is not an IANA time zone such as Europe/London"),
        (
            "m4",
            "unparseable_value",
            "no holidays of XX are known: give an ISO 3166 country and subdivision, or leave them empty",
        ),
        (
            "m5",
            "unparseable_value",
            "no holidays of GB, subdivision BY, are known: "
            "give an ISO 3166 country and subdivision, or leave them empty",
        ),
        ("m6", None, None),
        ("m7", "missing_value", "there is no zone"),
    ]

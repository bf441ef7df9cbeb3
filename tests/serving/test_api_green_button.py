"""A meter's own readings: what is sent as Green Button, our own reader of Green Button reads back to the row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import httpx
import polars as pl
import pytest
from report_lake import HOSTILE, put
from served_api import KnownBy, served

from energy_lib.config import Config
from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source
from energy_lib.security.principal import EVERYTHING, Principal, Role, Scope
from energy_lib.serving.espi_clock import espi_clock
from energy_lib.vocabulary import Quality

LANDED = datetime(2024, 12, 1, tzinfo=UTC)
ESPI = "{http://naesb.org/espi}"
FUELS = {"home": "electricity", "home_export": "electricity", "home_generation": "electricity", "gas": "gas",
         "days": "electricity", "balance": "electricity", "stove": "wood", HOSTILE: "electricity"}  # fmt: skip
FLOWS = {"home_export": "export", "home_generation": "generation", "balance": "net"}
QUALITIES = (Quality.MEASURED, Quality.ESTIMATED, Quality.EDITED)
ALL = Principal("all", frozenset({Role.ANALYST}), EVERYTHING)
HOME = Principal("home", frozenset({Role.ANALYST}), Scope(None, frozenset({"home"})))
# The elements of espi.xsd 4.0, in the order of its sequences; those in capitals are elements of a feed's content.
ORDER = {
    "UsagePoint": ["roleFlags", "ServiceCategory", "status"],
    "ServiceCategory": ["kind"],
    "LocalTimeParameters": ["dstEndRule", "dstOffset", "dstStartRule", "tzOffset"],
    "MeterReading": [],
    "ReadingType": ["accumulationBehaviour", "commodity", "consumptionTier", "currency", "dataQualifier",
        "defaultQuality", "flowDirection", "intervalLength", "kind", "phase", "powerOfTenMultiplier", "timeAttribute",
        "tou", "uom"],
    "IntervalBlock": ["interval", "IntervalReading"],
    "interval": ["duration", "start"],
    "timePeriod": ["duration", "start"],
    "IntervalReading": ["cost", "ReadingQuality", "timePeriod", "value"],
    "ReadingQuality": ["quality"],
}  # fmt: skip


def hours(day: datetime, count: int) -> list[datetime]:
    return [day + timedelta(hours=hour) for hour in range(count)]


def reading(meter: str, start: datetime, minutes: int, kwh: float, number: int) -> dict[str, Any]:
    return {"meter_id": meter, "fuel": FUELS[meter], "flow": FLOWS.get(meter), "interval_start_utc": start,
            "interval_minutes": minutes, "energy_kwh": kwh, "quality": QUALITIES[number % 3], "flags": [],
            "interval_month": start.date().replace(day=1), "available_at_utc": start + timedelta(days=1)}  # fmt: skip


def put_readings(root: Path) -> Path:
    """Hours over both changes of the clock, quarters after them, and local days of 23, 24 and 25 hours."""
    for meter, fuel in FUELS.items():
        put(root, "silver.meters", {"meter_id": meter, "fuel": fuel, "flow": FLOWS.get(meter),
            "zone": "America/Los_Angeles", "registered_by": "registry"})  # fmt: skip
    changes = [*hours(datetime(2024, 3, 10, 2, tzinfo=UTC), 20), *hours(datetime(2024, 11, 3, 2, tzinfo=UTC), 20)]
    for meter in ("home", "home_export", "home_generation", "gas", "balance", HOSTILE):
        sign = -1 if meter == "balance" else 1
        put(root, "silver.readings", *(
            reading(meter, start, 60, sign * number * 0.123456789, number) for number, start in enumerate(changes)
        ))  # fmt: skip
    quarters = [datetime(2024, 11, 4, tzinfo=UTC) + timedelta(minutes=15 * step) for step in range(8)]
    put(root, "silver.readings", *(reading("home", start, 15, 0.007, 0) for start in quarters))
    zone = ZoneInfo("America/Los_Angeles")
    days = [datetime(2024, month, day, tzinfo=zone) for month in (3, 11) for day in (2, 3, 4, 9, 10, 11)]
    ends = [(day + timedelta(days=1)).astimezone(UTC) for day in days]
    put(root, "silver.readings", *(
        reading("days", day.astimezone(UTC), int((end - day).total_seconds() // 60), 250_000.0, 0)
        for day, end in zip(days, ends, strict=True)
    ))  # fmt: skip
    return root


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    root = put_readings(tmp_path_factory.mktemp("green_button"))
    with (
        served(Config(lake=str(root)), KnownBy(ALL, HOME)) as address,
        httpx.Client(base_url=address, headers={"X-API-Key": "all"}, timeout=30) as client,
    ):
        yield client


def feed(client: httpx.Client, meter: str, **asked: str) -> bytes:
    answer = client.get(f"/v1/meters/{quote(meter, safe='')}/readings", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml"), answer.text
    return answer.content


def parsed(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 written by the API


def read_back(body: bytes) -> dict[tuple[str, datetime], tuple[int, float, str]]:
    keys = {"name": "gb", "format": "green_button", "channels": ("forward", "reverse", "net")}
    tables = parse_readings(Content.of(body, "gb/f.xml"), Source.model_validate(keys), LANDED)
    rows = [row for table in tables for row in table.to_pylist()]
    assert [row["rule_id"] for row in rows] == [None] * len(rows)
    return {
        (row["meter_id"], row["interval_start_utc"]): (row["interval_minutes"], row["energy_kwh"], row["quality"])
        for row in rows
    }


def of_lake(client: httpx.Client, *meters: str, **asked: str) -> dict[tuple[str, datetime], tuple[int, float, str]]:
    found = client.get("/v1/readings", params={"meter": list(meters), **asked}).json()["data"]
    return {
        (row["meter_id"], datetime.fromisoformat(row["interval_start_utc"])):
        (row["interval_minutes"], row["energy_kwh"], row["quality"])
        for row in found
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "told"),
    [("home", ("home", "home_export")), ("home_export", ("home_export",)), ("gas", ("gas",)), ("days", ("days",))],
)
def test_our_reader_reads_back_what_the_lake_has(client: httpx.Client, asked: str, told: tuple[str, ...]) -> None:
    read, held = read_back(feed(client, asked)), of_lake(client, *told)
    assert {key: (row[0], row[2]) for key, row in read.items()} == {key: (row[0], row[2]) for key, row in held.items()}
    # A value is a whole number of millionths of a Wh.
    assert [read[key][1] for key in held] == pytest.approx([row[1] for row in held.values()], abs=5e-10)
    assert len(read) == {"home": 88, "home_export": 40, "gas": 40, "days": 12}[asked]


def test_a_net_register_is_read_back_below_zero(client: httpx.Client) -> None:
    read, held = read_back(feed(client, "balance")), of_lake(client, "balance")
    assert [row[1] for row in read.values()] == pytest.approx([row[1] for row in held.values()], abs=5e-10)
    assert {meter for meter, _ in read} == {"balance_net"}


def test_days_of_the_clocks_change_have_their_length(client: httpx.Client) -> None:
    lengths = {start.date().isoformat(): row[0] // 60 for (_, start), row in read_back(feed(client, "days")).items()}
    assert (lengths["2024-03-10"], lengths["2024-11-03"], lengths["2024-11-04"]) == (23, 25, 24)


def test_a_range_and_a_past_are_what_was_asked(client: httpx.Client) -> None:
    asked = {"from": "2024-11-03T00:00:00Z", "to": "2024-11-03T05:00:00Z"}
    assert len(read_back(feed(client, "gas", **asked))) == 3
    assert len(read_back(feed(client, "gas", as_of="2024-03-11T04:00:00Z"))) == 3
    nothing = parsed(feed(client, "gas", **{"from": "2025-01-01T00:00:00Z"}))
    assert len(nothing.findall(f".//{ESPI}UsagePoint")) == 1
    assert nothing.findall(f".//{ESPI}IntervalBlock") == []


def test_elements_stand_in_the_order_of_the_schema(client: httpx.Client) -> None:
    for meter in ("home", "gas", "balance", HOSTILE):
        tree = parsed(feed(client, meter))
        entries = tree.findall("{http://www.w3.org/2005/Atom}entry")
        contents = [entry.find("{http://www.w3.org/2005/Atom}content") for entry in entries]
        kinds = [content[0].tag.removeprefix(ESPI) for content in contents if content is not None]
        assert kinds[:4] == ["UsagePoint", "LocalTimeParameters", "MeterReading", "ReadingType"]
        for element in tree.iter():
            name = element.tag.removeprefix(ESPI)
            if name in ORDER:
                children = list(dict.fromkeys(child.tag.removeprefix(ESPI) for child in element))
                assert children == [each for each in ORDER[name] if each in children], name
        ids = [str(entry.findtext("{http://www.w3.org/2005/Atom}id")) for entry in entries]
        assert len(set(ids)) == len(ids)


def test_codes_of_a_type_say_what_is_counted(client: httpx.Client) -> None:
    (type_,) = parsed(feed(client, "gas")).iter(f"{ESPI}ReadingType")
    told = {child.tag.removeprefix(ESPI): child.text for child in type_}
    assert told == {
        "accumulationBehaviour": "4", "commodity": "7", "flowDirection": "1", "intervalLength": "3600", "kind": "12",
        "powerOfTenMultiplier": "-6", "uom": "72",
    }  # fmt: skip
    # Half a GWh a day does not fit as millionths into the 48 bits of a value.
    powers = {each.text for each in parsed(feed(client, "days")).iter(f"{ESPI}powerOfTenMultiplier")}
    assert powers == {"-3"}


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        # As the Green Button samples of Pacific time have them.
        ("America/Los_Angeles", ("B40E2000", 3600, "360E2000", -8 * 3600)),
        ("Europe/Berlin", ("AE0E3000", 3600, "3E0E2000", 3600)),
        ("Australia/Lord_Howe", ("440E2000", 1800, "A40E2000", 37800)),
        ("Asia/Kolkata", ("FFFFFFFF", 0, "FFFFFFFF", 19800)),
    ],
)
def test_the_clock_of_a_zone(zone: str, rules: tuple[str, int, str, int]) -> None:
    clock = espi_clock(zone, 2024)
    assert (clock.dst_end_rule, clock.dst_offset, clock.dst_start_rule, clock.tz_offset) == rules


def test_csv_has_the_meters_own_clock(client: httpx.Client) -> None:
    by_name = client.get("/v1/meters/home/readings?format=csv")
    assert by_name.content == client.get("/v1/meters/home/readings", headers={"Accept": "text/csv"}).content
    frame = pl.read_csv(io.BytesIO(by_name.content))
    told = {(row["meter_id"], row["interval_start_utc"]): row for row in frame.to_dicts()}
    # A generator's register has no code in ESPI, and stands in the CSV.
    assert {meter for meter, _ in told} == {"home", "home_export", "home_generation"}
    for start, local in (("08", "01:00:00-07:00"), ("09", "01:00:00-08:00")):
        row = told["home", f"2024-11-03T{start}:00:00Z"]
        assert (row["interval_start_local"], row["zone"]) == (f"2024-11-03T{local}", "America/Los_Angeles")
    assert {row["flow"] for (meter, _), row in told.items() if meter == "home"} == {"import"}
    held = of_lake(client, "home", "home_export", "home_generation")
    assert {key: row["energy_kwh"] for key, row in told.items()} == {
        (meter, f"{start:%Y-%m-%dT%H:%M:%SZ}"): row[1] for (meter, start), row in held.items()
    }


def test_registers_beyond_the_scope_are_not_told(client: httpx.Client) -> None:
    answer = client.get("/v1/meters/home/readings", headers={"X-API-Key": "home"})
    assert {meter for meter, _ in read_back(answer.content)} == {"home"}
    assert client.get("/v1/meters/home_export/readings", headers={"X-API-Key": "home"}).status_code == 404


def test_what_still_stands_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/v1/meters/home/readings")
    again = client.get("/v1/meters/home/readings", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("stove/readings", 406, "no code for wood: ask for CSV"),
        ("home_generation/readings", 406, "no code for generation"),
        ("nobody/readings", 404, "No meter of yours"),
        ("home/readings?format=pdf", 400, "format is none of green_button, csv"),
        ("home/readings?limit=1", 400, "take no parameter limit"),
        ("home/readings?from=noon", 400, "which is no time"),
    ],
)
def test_what_is_wrong_is_a_sentence(client: httpx.Client, path: str, status: int, sentence: str) -> None:
    answer = client.get(f"/v1/meters/{path}")
    assert (answer.status_code, sentence in answer.json()["detail"]) == (status, True), answer.text

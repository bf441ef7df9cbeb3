"""Green Button (NAESB ESPI, Atom XML): interval blocks, each of a meter reading with a reading type.

Links tie the entries together, and they may stand in any order. So a first pass reads the types and a second one the
blocks. Times are seconds since 1970 UTC; a value is `value × 10^powerOfTenMultiplier` of the type's unit (`uom`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import BinaryIO
from xml.etree import ElementTree as ET

import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import BrokenRow, RawReadings
from energy_lib.landing.sources.source import Source
from energy_lib.vocabulary import Fuel, Quality

# ESPI uom and QualityOfReading codes; commodity 1 is electricity, 7 natural gas; flow 1 forward, 19 reverse.
UNIT_OF = {"72": "Wh", "38": "W", "42": "m3"}
QUALITY_OF = {
    **dict.fromkeys(("8", "9", "10", "11", "12", "13"), Quality.ESTIMATED),
    "7": Quality.EDITED,
}
FLOW_OF = {"1": "forward", "19": "reverse"}
GAS_COMMODITY, GAS_SERVICE = "7", "1"


@dataclass(slots=True)
class _ReadingType:
    """What a ReadingType says of the values: unit, power of ten, direction of flow, fuel."""

    unit: str = ""
    power: int = 0
    flow: str = "forward"
    fuel: Fuel | None = None


@dataclass(slots=True)
class _Links:
    """What the first pass reads: reading types by link, the type of each meter reading, gas usage points."""

    types: dict[str, _ReadingType] = field(default_factory=dict)
    type_of: dict[str, list[str]] = field(default_factory=dict)
    gas_points: set[str] = field(default_factory=set)


def read_green_button(content: Content, source: Source) -> Iterator[RawReadings]:
    """The readings of each IntervalBlock (NAESB REQ.21, Energy Services Provider Interface; espi.xsd).

    A flow that `source.channels` does not name breaks `other_channel`. An IntervalReading without start or duration
    is a broken row. Raises FileFault for XML that is cut off, or that is no ESPI feed.
    """
    links = _Links()
    for entry in _entries(content):
        _collect_types(links, entry)
    blocks = 0
    for entry in _entries(content):
        for block in entry.iter("IntervalBlock"):
            blocks += 1
            yield _raw_readings(block, _links_of(entry), links, source)
    if blocks == 0:
        raise FileFault(file_faults.FILE_EMPTY, "the feed holds no IntervalBlock")


def _entries(content: Content) -> Iterator[ET.Element]:
    """The feed's entries with plain tags, one at a time; document types are refused (entity bombs)."""
    with content.open() as stream:
        try:
            for _, element in ET.iterparse(_WithoutDoctype(stream), events=("end",)):
                element.tag = element.tag.rpartition("}")[2]
                if element.tag == "entry":
                    yield element
                    element.clear()
        except ET.ParseError as error:
            rule = file_faults.FILE_TRUNCATED if "no element found" in str(error) else file_faults.FILE_UNREADABLE
            raise FileFault(rule, f"this is not whole XML ({error})") from None


class _WithoutDoctype:
    """A stream that refuses a document type in its first kilobytes, before the parser sees it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._first = True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        if self._first and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
            raise FileFault(file_faults.FILE_UNREADABLE, "the XML declares a document type, which no ESPI feed does")
        return data


def _links_of(entry: ET.Element) -> dict[str, list[str]]:
    hrefs: dict[str, list[str]] = {}
    for link in entry.iter("link"):
        hrefs.setdefault(link.get("rel", ""), []).append(_tail(link.get("href", "")))
    return hrefs


def _tail(href: str) -> str:
    """A link without its host, so that absolute and relative ones are equal."""
    return re.sub(r"^\w+://[^/]+", "", href).rstrip("/")


def _collect_types(links: _Links, entry: ET.Element) -> None:
    hrefs = _links_of(entry)
    self_link = next(iter(hrefs.get("self", [])), "")
    for reading_type in entry.iter("ReadingType"):
        commodity = _text(reading_type, "commodity")
        fuel = {GAS_COMMODITY: Fuel.GAS, "1": Fuel.ELECTRICITY, "0": Fuel.ELECTRICITY}.get(commodity)
        flow = FLOW_OF.get(_text(reading_type, "flowDirection") or "1", "other")
        uom, power = _text(reading_type, "uom"), _text(reading_type, "powerOfTenMultiplier") or "0"
        unit = UNIT_OF.get(uom, f"uom {uom}")
        if re.fullmatch(r"[+-]?\d{1,2}", power):
            links.types[self_link] = _ReadingType(unit, int(power), flow, fuel)
        else:
            links.types[self_link] = _ReadingType(f"{unit} times 10 to the {power}", 0, flow, fuel)
    if entry.find(".//MeterReading") is not None:
        links.type_of[self_link] = hrefs.get("related", [])
    for point in entry.iter("UsagePoint"):
        if _text(point, "kind") == GAS_SERVICE:
            links.gas_points.add(self_link)


def _text(parent: ET.Element, tag: str) -> str:
    element = parent.find(f".//{tag}")
    return (element.text or "").strip() if element is not None else ""


def _raw_readings(block: ET.Element, hrefs: dict[str, list[str]], links: _Links, source: Source) -> RawReadings:
    up = next(iter(hrefs.get("up", hrefs.get("self", []))), "")
    reading = re.sub(r"/IntervalBlock.*$", "", up)
    point = re.sub(r"/MeterReading.*$", "", reading)
    related = [href for href in links.type_of.get(reading, []) if href in links.types]
    type_ = links.types[related[0]] if related else next(iter(links.types.values()), _ReadingType())
    fuel = type_.fuel or (Fuel.GAS if point in links.gas_points else Fuel.ELECTRICITY)
    meter = point.rpartition("/UsagePoint/")[2].strip("/") or "usage_point"
    meter = meter if type_.flow == "forward" else f"{meter}_{type_.flow}"
    wanted = any(fnmatchcase(type_.flow, pattern) for pattern in source.channels)
    rows = [_reading(reading_, type_.power) for reading_ in block.iter("IntervalReading")]
    broken = tuple(row for row in rows if isinstance(row, BrokenRow))
    good = [row for row in rows if not isinstance(row, BrokenRow)]
    count = len(good)
    rule = None if wanted else file_faults.OTHER_CHANNEL
    reason = None if wanted else f"flow {type_.flow} is not among {', '.join(source.channels)}"
    return RawReadings(
        meter=pa.array([meter] * count, pa.string()),
        stamp=pa.array([row[0] for row in good], pa.int64()).cast(pa.timestamp("us", "UTC")),
        value=pa.array([row[1] for row in good], pa.string()),
        minutes=pa.array([row[2] for row in good], pa.int32()),
        unit=pa.array([type_.unit] * count, pa.string()),
        fuel=pa.array([fuel.value] * count, pa.string()),
        quality=pa.array([row[3] for row in good], pa.string()),
        rule=pa.array([rule] * count, pa.string()),
        reason=pa.array([reason] * count, pa.string()),
        broken=broken,
    )


def _reading(reading: ET.Element, power: int) -> tuple[int, str | None, int, str] | BrokenRow:
    """Start in microseconds, value with its power of ten, minutes, quality."""
    start, seconds = _text(reading, "start"), _text(reading, "duration")
    value, quality = _text(reading, "value"), _text(reading, "quality")
    try:
        micros, minutes = int(start) * 1_000_000, int(seconds) // 60
    except ValueError:
        text = ET.tostring(reading, encoding="unicode")
        return BrokenRow(
            text, file_faults.UNPARSEABLE_ROW, "an IntervalReading has no timePeriod of start and duration"
        )
    scaled = f"{value}e{power}" if value and power else value or None
    return micros, scaled, minutes, QUALITY_OF.get(quality, Quality.MEASURED).value

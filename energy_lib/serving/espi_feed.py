"""Readings as a Green Button feed: Atom entries of ESPI (NAESB REQ.21), with elements in the order of espi.xsd.

A usage point has a meter reading for each flow and length of interval, for a ReadingType has one of each. Text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from energy_lib.landing.formats.espi_types import COMMODITY_OF, DIRECTION_OF, SERVICE_OF, UOM_WH
from energy_lib.serving.espi_clock import EspiClock
from energy_lib.vocabulary import Flow, Fuel, Quality

DELTA_DATA, ENERGY = "4", "12"
# QualityOfReading: ESPI has no code for what the sender estimated without saying how; 11 is calculated, not measured.
QUALITY_CODE = {Quality.EDITED: "7", Quality.ESTIMATED: "11", Quality.IMPUTED: "11"}
LARGEST_VALUE = 140_737_488_355_328  # Int48
# Finest first: millionths, thousandths of a Wh, Wh.
POWERS = (-6, -3, 0)
WH_PER_KWH = 1000
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What may stand in a path beside letters and digits (RFC 3986), so that plain ids stay as they are.
PLAIN = "-._~!$&'()*+,;=:@"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:espi="http://naesb.org/espi">\n'
)
Reading = tuple[int, float, str]


@dataclass(frozen=True, slots=True)
class EspiRegister:
    """What a usage point counts one way in intervals of one length; `highest_kwh` of any reading, without its sign."""

    flow: Flow
    interval_minutes: int
    highest_kwh: float

    @property
    def power(self) -> int:
        """The powerOfTenMultiplier: the finest one by which the highest reading is an Int48."""
        fitting = (p for p in POWERS if self.highest_kwh * WH_PER_KWH * 10.0**-p < LARGEST_VALUE)
        return next(fitting, POWERS[-1])

    @property
    def name(self) -> str:
        return f"{self.flow}-{self.interval_minutes}"


@dataclass(frozen=True, slots=True)
class EspiFeed:
    """The texts of a feed, to be sent one after another. `at`: instant of all entries, RFC 3339; `zone`: IANA name."""

    point: str
    fuel: Fuel
    clock: EspiClock
    zone: str
    at: str

    @property
    def _point_link(self) -> str:
        return f"/espi/1_1/resource/UsagePoint/{quote(self.point, safe=PLAIN)}"

    def begin(self) -> str:
        """The head of the feed, its usage point and the point's clock."""
        point, clock_link = self._point_link, f"{self._point_link}/LocalTimeParameters/01"
        service = SERVICE_OF.get(self.fuel)
        kind = "" if service is None else f"<espi:ServiceCategory>{_tag('kind', service)}</espi:ServiceCategory>"
        clock = self.clock
        parameters = _tag("dstEndRule", clock.dst_end_rule) + _tag("dstOffset", clock.dst_offset)
        parameters += _tag("dstStartRule", clock.dst_start_rule) + _tag("tzOffset", clock.tz_offset)
        local = _tag("LocalTimeParameters", parameters)
        feed = f"<id>{_urn(point)}</id><title>{_text(self.point)}</title><updated>{self.at}</updated>\n"
        related = (f"{point}/MeterReading", clock_link)
        return (
            f"{HEAD}{feed}"
            + self._entry(point, "/espi/1_1/resource/UsagePoint", related, self.point, _tag("UsagePoint", kind))
            + self._entry(clock_link, f"{point}/LocalTimeParameters", (), self.zone, local)
        )

    def register(self, register: EspiRegister) -> str:
        """A meter reading and its type."""
        link = f"{self._point_link}/MeterReading/{register.name}"
        type_link = f"/espi/1_1/resource/ReadingType/{uuid5(NAMESPACE_URL, link)}"
        content = "".join(
            _tag(name, value)
            for name, value in (
                ("accumulationBehaviour", DELTA_DATA),
                ("commodity", COMMODITY_OF[self.fuel]),
                ("flowDirection", DIRECTION_OF[register.flow]),
                ("intervalLength", register.interval_minutes * 60),
                ("kind", ENERGY),
                ("powerOfTenMultiplier", register.power),
                ("uom", UOM_WH),
            )
        )
        title = f"{register.flow}, {register.interval_minutes} minutes"
        related = (f"{link}/IntervalBlock", type_link)
        reading = self._entry(link, f"{self._point_link}/MeterReading", related, title, "<espi:MeterReading/>")
        return reading + self._entry(
            type_link, "/espi/1_1/resource/ReadingType", (), title, _tag("ReadingType", content)
        )

    def blocks(self, register: EspiRegister, readings: Iterator[Reading]) -> Iterator[str]:
        """An interval block for each UTC day; `readings`: start in seconds since 1970, kWh and quality, in order."""
        above = f"{self._point_link}/MeterReading/{register.name}/IntervalBlock"
        scale, length = WH_PER_KWH * 10**-register.power, register.interval_minutes * 60
        for day, group in groupby(readings, key=lambda reading: reading[0] // 86_400):
            of_day = list(group)
            told = "".join(_reading(start, length, round(kwh * scale), quality) for start, kwh, quality in of_day)
            first, last = of_day[0][0], of_day[-1][0]
            content = _tag("interval", _period(first, last + length - first)) + told
            yield self._entry(f"{above}/{day}", above, (), "", _tag("IntervalBlock", content))

    def end(self) -> str:
        return "</feed>\n"

    def _entry(self, link: str, up: str, related: tuple[str, ...], title: str, content: str) -> str:
        hrefs = [("self", link), ("up", up), *(("related", each) for each in related)]
        links = "".join(f"<link rel={quoteattr(rel)} href={quoteattr(href)}/>" for rel, href in hrefs)
        return (
            f"<entry><id>{_urn(link)}</id>{links}<title>{_text(title)}</title><content>{content}</content>"
            f"<published>{self.at}</published><updated>{self.at}</updated></entry>\n"
        )


def _reading(start: int, length: int, value: int, quality: str) -> str:
    code = QUALITY_CODE.get(Quality(quality))
    said = "" if code is None else _tag("ReadingQuality", _tag("quality", code))
    return _tag("IntervalReading", said + _tag("timePeriod", _period(start, length)) + _tag("value", value))


def _period(start: int, length: int) -> str:
    return _tag("duration", length) + _tag("start", start)


def _tag(name: str, content: object) -> str:
    return f"<espi:{name}>{content}</espi:{name}>"


def _urn(link: str) -> str:
    """The same entry has the same id in every feed."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, link)}"


def _text(text: str) -> str:
    return escape(NOT_XML.sub("\ufffd", text))

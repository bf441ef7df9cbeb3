"""How the entries of an ESPI feed belong together: interval block → meter reading → reading type and usage point.

Links (`self`, `up`, `related`) say it, and senders leave some out. Where one is missing, what stands alone in the feed,
or next to it, is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from energy_lib.landing.formats.espi_types import ReadingType, fuel_of_service, reading_type, text_of

Hrefs = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Register:
    """What a meter reading counts: where, and of which type; `reading` is its link, `fuel` a Fuel's text if known."""

    reading: str
    point: str
    type: ReadingType | None
    fuel: str | None

    @property
    def counted(self) -> tuple[str, str]:
        """Registers that share it count the same energy."""
        return self.point, self.type.channel if self.type else ""


@dataclass(slots=True)
class FeedLinks:
    """What the entries of a feed say of each other; filled by `add`, in the order of the feed."""

    types: dict[str, ReadingType] = field(default_factory=dict)
    services: dict[str, str | None] = field(default_factory=dict)  # usage point → fuel
    readings: dict[str, Hrefs] = field(default_factory=dict)
    _types_after: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _points_before: dict[str, str] = field(default_factory=dict)
    _reading_of: dict[str, str] = field(default_factory=dict)  # what a meter reading is related to → it

    def add(self, entry: ET.Element, hrefs: Hrefs) -> None:
        """Take over a ReadingType, a UsagePoint or a MeterReading."""
        self_link = next(iter(hrefs.get("self", [])), "")
        for element in entry.iter("ReadingType"):
            link = self_link or f"#{len(self.types)}"
            self.types[link] = reading_type(element)
            self._types_after[next(reversed(self.readings), "")].append(link)
        for element in entry.iter("UsagePoint"):
            self.services[self_link] = fuel_of_service(text_of(element, "kind"))
        if entry.find(".//MeterReading") is not None:
            self.readings[self_link] = hrefs
            self._points_before[self_link] = next(reversed(self.services), "")
            for related in hrefs.get("related", []):
                self._reading_of.setdefault(related, self_link)

    def register_of(self, block: Hrefs) -> Register:
        """The register whose values an IntervalBlock with these links holds."""
        reading = self._reading_of_block(block)
        point = self._point_of(reading)
        type_ = self._type_of(reading)
        fuel = (type_.fuel if type_ else None) or self.services.get(point)
        return Register(reading, _name(point) or _name(reading) or "usage_point", type_, fuel)

    def _reading_of_block(self, block: Hrefs) -> str:
        links = [*block.get("up", []), *block.get("self", [])]
        above = [re.sub(r"/IntervalBlock.*$", "", link) for link in links]
        for link in above:
            if link in self.readings:
                return link
        for link in links:
            if link in self._reading_of:
                return self._reading_of[link]
        return next(iter(self.readings)) if len(self.readings) == 1 else next(iter(above), "")

    def _type_of(self, reading: str) -> ReadingType | None:
        """The type that the reading names, or the only one there is, or the only one that stands after the reading."""
        named = [link for link in self.readings.get(reading, {}).get("related", []) if link in self.types]
        for links in (named, self.types, self._types_after.get(reading, [])):
            if len(links) == 1 or (links is named and named):
                return self.types[next(iter(links))]
        return None

    def _point_of(self, reading: str) -> str:
        """The usage point above the reading, or the only one there is, or the one that stands before the reading."""
        for link in (reading, *self.readings.get(reading, {}).get("up", [])):
            above = re.sub(r"/MeterReading.*$", "", link)
            if above in self.services or "/UsagePoint/" in above:
                return above
        if len(self.services) == 1:
            return next(iter(self.services))
        return self._points_before.get(reading, "")


def links_of(entry: ET.Element) -> Hrefs:
    """Links of an entry by `rel`, without their hosts, so that absolute and relative ones are equal."""
    hrefs: Hrefs = {}
    for link in entry.iter("link"):
        href = link.get("href", "").strip()
        is_url = re.match(r"\w+://", href) is not None
        hrefs.setdefault(link.get("rel", ""), []).append((urlsplit(href).path if is_url else href).rstrip("/"))
    return hrefs


def _name(link: str) -> str:
    """The id in a link to a usage point; of a link of another form its last part."""
    if "/UsagePoint/" in link:
        return link.rpartition("/UsagePoint/")[2]
    return link.rpartition("/")[2]

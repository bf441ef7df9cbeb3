"""Green Button (NAESB ESPI, Atom XML): interval blocks, each of a meter reading with a reading type.

Links tie the entries together, and they may stand in any order. So a first pass reads the types and which intervals
there are, and a second one the values. Times are seconds since 1970 UTC; a value is `value × 10^powerOfTenMultiplier`
of the type's unit (`uom`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import BinaryIO
from xml.etree import ElementTree as ET
from xml.parsers import expat

import numpy as np
import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.chunk import BrokenRow, RawReadings
from energy_lib.landing.formats.espi_links import FeedLinks, Register, links_of
from energy_lib.landing.formats.interval_overlaps import Bools, Ints, holds_shorter
from energy_lib.landing.sources.allowed_values import VOLUMES, Unit
from energy_lib.landing.sources.source import Source
from energy_lib.vocabulary import Fuel, Quality

# ESPI QualityOfReading.
QUALITY_OF = {
    **dict.fromkeys(("8", "9", "10", "11", "12", "13"), Quality.ESTIMATED),
    "7": Quality.EDITED,
}
# The years 1 to 9999, in seconds since 1970; and a length, in seconds, that fits into a column of minutes.
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799
LONGEST_SECONDS = 60 * np.iinfo(np.int32).max
Intervals = tuple[Ints, Ints]


@dataclass(slots=True)
class _Feed:
    """What the first pass finds: links, the points whose energy is told, and the intervals of what is told in several.

    `intervals`: starts and lengths in seconds, by what a register counts, where the lengths differ. `readings`: how
    many IntervalReadings the document holds, wherever they stand.
    """

    links: FeedLinks = field(default_factory=FeedLinks)
    energy_points: set[str] = field(default_factory=set)
    in_intervals: set[tuple[str, str]] = field(default_factory=set)
    intervals: dict[tuple[str, str], Intervals] = field(default_factory=dict)
    readings: int = 0


def read_green_button(content: Content, source: Source) -> Iterator[RawReadings]:
    """The readings of each IntervalBlock (NAESB REQ.21, Energy Services Provider Interface; espi.xsd).

    A usage point's flows are registers of their own. Demand beside energy, a counter beside intervals, and flows that
    are none of ours or not in `source.channels` break `other_channel`; an interval that holds shorter ones of the same
    register breaks `coarser_interval`. Without them, demand is mean power, and counters are register reads, read at the
    end of their interval. An IntervalReading without a start and a duration is a broken row. Raises FileFault for
    XML that is cut off, that is no ESPI feed, or that holds IntervalReadings in no block of an entry.
    """
    feed = _first_pass(content)
    blocks = given = 0
    for entry in _entries(content):
        for block in entry.iter("IntervalBlock"):
            blocks += 1
            raw = _raw_readings(block, feed.links.register_of(links_of(entry)), feed, source)
            given += len(raw.meter) + len(raw.broken)
            yield raw
    if given != feed.readings:
        reason = f"{given} of {feed.readings} IntervalReadings stand in an IntervalBlock of an entry"
        raise FileFault(file_faults.FILE_LAYOUT, f"{reason}: the others belong to no meter")
    if blocks == 0:
        raise FileFault(file_faults.FILE_EMPTY, "the feed holds no IntervalBlock")


def _first_pass(content: Content) -> _Feed:
    feed, blocks = _Feed(), []
    for entry in _entries(content, feed):
        hrefs = links_of(entry)
        feed.links.add(entry, hrefs)
        blocks += [(hrefs, _intervals(block)) for block in entry.iter("IntervalBlock")]
    by_register: dict[tuple[str, str], list[Intervals]] = defaultdict(list)
    for hrefs, intervals in blocks:
        register = feed.links.register_of(hrefs)
        if register.type is not None and register.type.is_energy:
            feed.energy_points.add(register.point)
            if not register.type.is_register:
                feed.in_intervals.add(register.counted)
                by_register[register.counted].append(intervals)
    for counted, parts in by_register.items():
        starts, lengths = (np.concatenate(each) for each in zip(*parts, strict=True))
        if len(np.unique(lengths)) > 1:
            feed.intervals[counted] = starts, lengths
    return feed


def _intervals(block: ET.Element) -> Intervals:
    """Starts and lengths, in seconds, of the block's readings that have both."""
    times = [_seconds(period.findtext("start"), period.findtext("duration")) for period in block.iter("timePeriod")]
    known = np.array([time for time in times if time is not None], dtype=np.int64).reshape(-1, 2)
    return known[:, 0], known[:, 1]


def _seconds(start: str | None, duration: str | None) -> tuple[int, int] | None:
    """Start and length of a time period in seconds; None if one of them is none, or no calendar has it."""
    try:
        first, length = int(start or ""), int(duration or "")
    except ValueError:
        return None
    is_time = FIRST_SECOND <= first <= first + length <= LAST_SECOND and length <= LONGEST_SECONDS
    return (first, length) if is_time else None


def _entries(content: Content, feed: _Feed | None = None) -> Iterator[ET.Element]:
    """The feed's entries with plain tags, one at a time; document types are refused (entity bombs).

    `feed` counts the IntervalReadings, within entries and without.
    """
    with content.open() as stream:
        try:
            for _, element in ET.iterparse(_WithoutDoctype(stream), events=("end",)):  # noqa: S314 without a document type
                element.tag = element.tag.rpartition("}")[2]
                if feed is not None and element.tag == "IntervalReading":
                    feed.readings += 1
                if element.tag == "entry":
                    yield element
                    element.clear()
        except ET.ParseError as error:
            rule = file_faults.FILE_TRUNCATED if "no element found" in str(error) else file_faults.FILE_UNREADABLE
            raise FileFault(rule, f"this is not whole XML ({error})") from None


class _WithoutDoctype:
    """A stream that refuses a document type, in any encoding, before the parser of the entries sees it.

    It can only stand before the first element: up to there a parser of its own reads along.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._prolog: expat.XMLParserType | None = expat.ParserCreate()
        self._prolog.StartDoctypeDeclHandler = _refuse_doctype
        self._prolog.StartElementHandler = self._end_prolog

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        if self._prolog is not None:
            try:
                self._prolog.Parse(data, not data)
            except expat.ExpatError:
                # The parser of the entries says what is wrong.
                self._prolog = None
        return data

    def _end_prolog(self, name: str, attributes: dict[str, str]) -> None:
        self._prolog = None


def _refuse_doctype(*declared: object) -> None:
    raise FileFault(file_faults.FILE_UNREADABLE, "the XML declares a document type, which no ESPI feed does")


def _raw_readings(block: ET.Element, register: Register, feed: _Feed, source: Source) -> RawReadings:
    type_ = register.type
    unit, flow = (type_.unit, type_.flow) if type_ else (None, None)
    is_register, power = (type_.is_register, type_.power) if type_ else (False, 0)
    rows = [_reading(reading, power) for reading in block.iter("IntervalReading")]
    good = [row for row in rows if not isinstance(row, BrokenRow)]
    start, length = (np.array([row[i] for row in good], dtype=np.int64) for i in (0, 1))
    whole = _set_aside(register, feed, source.channels)
    coarse = _coarse(register, start, length, feed)
    rejected = [whole or (coarse_ and COARSER) or (None, None) for coarse_ in coarse.tolist()]
    micros = (start + length if is_register else start) * 1_000_000
    return RawReadings(
        meter=_repeat(register.point, good),
        stamp=pa.array(micros).cast(pa.timestamp("us", "UTC")),
        value=pa.array([row[2] for row in good], pa.string()),
        minutes=pa.array((length // 60).astype(np.int32)),
        unit=_repeat(unit, good),
        fuel=_repeat(register.fuel or _usual_fuel(unit), good),
        flow=_repeat(flow, good),
        quality=pa.array([row[3] for row in good], pa.string()),
        rule=pa.array([rule for rule, _ in rejected], pa.string()),
        reason=pa.array([reason for _, reason in rejected], pa.string()),
        register_reads=is_register,
        broken=tuple(row for row in rows if isinstance(row, BrokenRow)),
    )


COARSER = (file_faults.COARSER_INTERVAL, "the feed tells the same register in shorter intervals within it")


def _set_aside(register: Register, feed: _Feed, channels: tuple[str, ...]) -> tuple[str, str] | None:
    """Rule and reason, if no reading of the register is to be used."""
    type_ = register.type
    if type_ is None:
        return file_faults.UNKNOWN_UNIT, f"no ReadingType belongs to its meter reading {register.reading!r}"
    if type_.flow is None:
        return file_faults.OTHER_CHANNEL, f"{type_.channel} is none of forward, reverse and net"
    if not any(fnmatchcase(name, pattern) for name in (type_.channel, type_.flow) for pattern in channels):
        listed = ", ".join(channels)
        return file_faults.OTHER_CHANNEL, f"flow {type_.channel} is not among the source's channels ({listed})"
    if type_.is_power and register.point in feed.energy_points:
        return file_faults.OTHER_CHANNEL, "demand (W), and the feed has the energy of its usage point"
    if type_.is_power and not type_.is_mean:
        return (
            file_faults.OTHER_CHANNEL,
            "demand (W) of a moment or a peak, which says nothing of the interval's energy",
        )
    if type_.is_register and register.counted in feed.in_intervals:
        return file_faults.OTHER_CHANNEL, "a counter, and the feed has what it counts in intervals"
    return None


def _coarse(register: Register, start: Ints, length: Ints, feed: _Feed) -> Bools:
    intervals = feed.intervals.get(register.counted)
    if intervals is None or register.type is None or not register.type.is_energy or register.type.is_register:
        return np.zeros(len(start), dtype=bool)
    return holds_shorter(start, length, intervals)


def _usual_fuel(unit: str | None) -> str:
    """What is measured in the unit, where the feed does not say."""
    return Fuel.GAS.value if unit in (*VOLUMES, Unit.THERM) else Fuel.ELECTRICITY.value


def _repeat(text: str | None, rows: list[tuple[int, int, str | None, str]]) -> pa.Array:
    return pa.array([None if text is None else str(text)] * len(rows), pa.string())


def _reading(reading: ET.Element, power: int) -> tuple[int, int, str | None, str] | BrokenRow:
    """Start and length in seconds, value with its power of ten, quality."""
    texts = {each.tag: (each.text or "").strip() for each in reading.iter()}
    times = _seconds(texts.get("start"), texts.get("duration"))
    if times is None:
        text = ET.tostring(reading, encoding="unicode")
        what = "an IntervalReading has no timePeriod of start and duration in seconds, within the years 1 to 9999"
        return BrokenRow(text, file_faults.UNPARSEABLE_ROW, what)
    value = texts.get("value")
    scaled = f"{value}e{power}" if value and power else value or None
    return *times, scaled, QUALITY_OF.get(texts.get("quality", ""), Quality.MEASURED).value

"""Taking stamps apart: the wall clock's date and time, an offset or zone's name, and 24:00."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from energy_lib.landing.parsing.zone_names import NAME, OFFSET

# What stands for a directive of strptime; digits as many as it may have.
_DIRECTIVES = {
    "Y": r"\d{4}",
    "f": r"\d{1,9}",
    "j": r"\d{1,3}",
    **dict.fromkeys("dmyI", r"\d{1,2}"),
    **dict.fromkeys("bBaAp", r"[^\W\d_]+\.?"),
    "H": r"(?P<hour>\d{1,2})",
    "M": r"(?P<minute>\d{1,2})",
    "S": r"(?P<second>\d{1,2})",
    "z": rf"(?P<offset>{OFFSET})",
    "Z": rf"(?P<name>{OFFSET}|{NAME})",
    "%": "%",
}
_ISO_DATE = r"(?P<date>\d{4}[\d/.\-]*)"
_ISO_TIME = r"(?P<time>\d{1,2}(?::?\d{2}){0,2}(?:[.,]\d+)?)"
_ISO = re.compile(
    rf"{_ISO_DATE}(?:(?:[T_]|\s+){_ISO_TIME}\s*(?P<zone>{OFFSET}|{NAME})?(?:\[[\w/+\-]+\])?|(?P<day_zone>Z|[+\-]\d\d:\d\d))?",
    re.IGNORECASE,
)
_ISO_24 = re.compile(r"24(?::?00){0,2}(?:[.,]0+)?")


@dataclass(frozen=True, slots=True)
class Parts:
    """`wall` is what the clock showed, as its format has it without %z and %Z; `zone` is an offset or a name.

    `next_day`: the hour was written as 24, and `wall` has it as 00.
    """

    wall: str
    zone: str | None = None
    next_day: bool = False


class StampLayout:
    """How the stamps of one strptime format are taken apart.

    `carries_zone`: the format has %z or %Z, and each stamp must have what it says. `wall_format` is the format without
    them. A stamp of another format may have an offset or a name at its end.
    """

    def __init__(self, format_: str) -> None:
        self.carries_zone = bool(re.search(r"%[zZ]", format_.replace("%%", "")))
        self.wall_format = re.sub(r"(%%)|%[zZ]", lambda match: match[1] or "", format_)
        pattern = "".join(_pattern(part) for part in re.findall(r"%.|\s+|[^%\s]", format_, re.DOTALL))
        tail = "" if self.carries_zone else rf"(?:\s*(?P<offset>{OFFSET})|\s+(?P<name>{NAME}))?"
        self._pattern = re.compile(pattern + tail, re.IGNORECASE)

    def parts(self, text: str) -> Parts | None:
        """The parts of one stamp; None if it does not fit."""
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        named = match.groupdict()
        spans = [(match.span(key), "") for key in ("offset", "name") if named.get(key)]
        late = named.get("hour") == "24" and not (_number(named.get("minute")) or _number(named.get("second")))
        if late:
            spans.append((match.span("hour"), "00"))
        wall = text
        for (start, end), instead in sorted(spans, reverse=True):
            wall = wall[:start] + instead + wall[end:]
        if not self.carries_zone:
            wall = wall.rstrip()
        return Parts(wall, named.get("offset") or named.get("name"), late)


def _pattern(part: str) -> str:
    if part.isspace():
        return r"\s+"
    if len(part) == 2 and part[0] == "%":
        return _DIRECTIVES.get(part[1], ".+?")
    return re.escape(part)


def _number(digits: str | None) -> int:
    return int(digits or 0)


@lru_cache(maxsize=64)
def layout_of(format_: str) -> StampLayout:
    return StampLayout(format_)


def iso_parts(text: str) -> Parts | None:
    """The parts of a stamp in ISO 8601 (or near it: a blank for the T, an offset of two digits); None for others.

    >>> iso_parts("2024-07-01 12:00:00+02")
    Parts(wall='2024-07-01T12:00:00', zone='+02', next_day=False)
    """
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    time, zone = match["time"], match["zone"] or match["day_zone"]
    if time is None:
        return Parts(match["date"], zone)
    if _ISO_24.fullmatch(time):
        return Parts(f"{match['date']}T00:00", zone, next_day=True)
    return Parts(f"{match['date']}T{time.replace(',', '.')}", zone)

"""How stamps are written: their strptime format, the order of day and month, and whether they say their offset."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_lib.landing.proposal.stamp_ranges import two_stamps

_YMD = r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"
_DMY = r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})"
_NAMED = r"(?P<d>\d{1,2})(?P<s>[-/. ])(?P<n>[A-Za-z]{3,9})(?P=s)(?P<y>\d{4}|\d{2})"
_NAMED_US = r"(?P<n>[A-Za-z]{3,9}) (?P<d>\d{1,2}), (?P<y>\d{4})"
_PACKED = r"(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
_TIME = r"(?P<h>\d{1,2}):(?P<min>\d{2})(?P<sec>:\d{2})?(?P<frac>[.,]\d+)?(?P<half> ?[AaPp][Mm])?"
_PACKED_TIME = r"(?P<h>[0-2]\d)(?P<min>[0-5]\d)(?P<sec>[0-5]\d)?"
_ZONE = r"(?P<zone> ?(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})| [A-Z]{2,5})?"
_SHAPES = {
    "ymd": re.compile(rf"^{_YMD}(?:(?P<t>[T ]){_TIME}{_ZONE})?$"),
    "dmy": re.compile(rf"^{_DMY}(?:(?P<t>[T ]+|, ){_TIME}{_ZONE})?$"),
    "named": re.compile(rf"^{_NAMED}(?:(?P<t>[T ]){_TIME}{_ZONE})?$"),
    "named_us": re.compile(rf"^{_NAMED_US}(?:(?P<t>[T ]){_TIME}{_ZONE})?$"),
    "packed": re.compile(rf"^{_PACKED}(?:(?P<t>[T ]?){_PACKED_TIME})?$"),
}
_CLOCK = re.compile(rf"^{_TIME}$")
_EPOCH = re.compile(r"^\d{9,10}(\.0+)?$|^\d{13}$")
TEXTS = 5_000


@dataclass(frozen=True, slots=True)
class StampFormat:
    """`format` is the YAML's (None: ISO 8601). `absolute` stamps say their offset, `zone_names` are those they name."""

    format: str | None
    evidence: str
    has_time: bool
    absolute: bool = False
    sure: bool = True
    zone_names: frozenset[str] = frozenset()


def looks_like_stamp(text: str) -> bool:
    """A stamp, or two that are the start and the end of an interval."""
    if any(shape.match(text.strip()) for shape in _SHAPES.values()):
        return True
    parts = two_stamps(text)
    return parts is not None and all(looks_like_stamp(part) for part in (parts[0], parts[2]))


def looks_like_clock(text: str) -> bool:
    """A time of day without a date."""
    return _CLOCK.match(text.strip()) is not None


def clock_format(texts: Sequence[str]) -> str:
    match = next(found for found in (_CLOCK.match(text.strip()) for text in texts) if found)
    return _time_format(match)


def stamp_format(texts: Sequence[str], *, month_first: bool = False) -> StampFormat | None:
    """The format of a column's texts; None unless nine in ten of them are stamps of one shape.

    `month_first`: the order of day and month where the texts themselves do not tell.
    """
    shown = [text.strip() for text in texts[:TEXTS] if text and text.strip()]
    if len(shown) == 0:
        return None
    if np.mean([_EPOCH.match(text) is not None for text in shown]) > 0.9:
        return _epoch(shown)
    found = [(name, match) for text in shown for name, shape in _SHAPES.items() if (match := shape.match(text))]
    if len(found) < 0.9 * len(shown):
        return None
    [(shape, has_time), _] = Counter((name, _has_time(match)) for name, match in found).most_common(1)[0]
    matches = [match for name, match in found if name == shape and _has_time(match) == has_time]
    return _format_of(shape, matches, has_time, month_first)


def _epoch(texts: list[str]) -> StampFormat:
    unit, word = ("epoch_ms", "milliseconds") if len(texts[0]) == 13 else ("epoch_s", "seconds")
    return StampFormat(unit, f"{texts[0]} is a count of {word} since 1970", has_time=True, absolute=True)


def _has_time(match: re.Match[str]) -> bool:
    return match["h"] is not None


def _format_of(shape: str, matches: list[re.Match[str]], has_time: bool, month_first: bool) -> StampFormat:
    first = matches[0]
    zones = {(match["zone"] or "").strip() for match in matches} if shape != "packed" else {""}
    named = frozenset(zone for zone in zones if zone.isalpha() and zone != "Z")
    offsets = any(zone and zone not in named for zone in zones)
    absolute = (offsets and "" not in zones) or named == {"UTC"}
    if shape == "ymd" and first["s"] == "-" and not named and not first["half"]:
        return StampFormat(None, f"{first[0]} is ISO 8601", has_time, absolute=offsets and "" not in zones)
    date, sure, order = _date_format(shape, matches, month_first)
    time = ""
    if has_time:
        time = first["t"] + _time_format(first)
        # What only some stamps bear stands in no format: it is read without.
        time += "" if "" in zones else " %Z" if named else "%z" if offsets else ""
    return StampFormat(date + time, f"{first[0]}{order}", has_time, absolute, sure, named)


def _date_format(shape: str, matches: list[re.Match[str]], month_first: bool) -> tuple[str, bool, str]:
    first = matches[0]
    year = "%Y" if len(first["y"]) == 4 else "%y"
    if shape == "packed":
        return "%Y%m%d", True, " is year, month and day without separators"
    if shape in ("named", "named_us"):
        month = "%b" if len(first["n"]) == 3 else "%B"
        return (f"%d{first['s']}{month}{first['s']}{year}" if shape == "named" else f"{month} %d, {year}"), True, ""
    mark = first["s"]
    if shape == "ymd":
        return f"%Y{mark}%m{mark}%d", True, ""
    day_first, sure, why = _day_first(matches, month_first)
    parts = ("%d", "%m") if day_first else ("%m", "%d")
    return f"{parts[0]}{mark}{parts[1]}{mark}{year}", sure, why


def _day_first(matches: list[re.Match[str]], month_first: bool) -> tuple[bool, bool, str]:
    """Whether the day stands before the month, whether that is sure, and what says so."""
    a, b = [int(match["a"]) for match in matches], [int(match["b"]) for match in matches]
    if max(a) > 12:
        return True, True, f": the first number goes to {max(a)}, so the day comes first"
    if max(b) > 12:
        return False, True, f": the second number goes to {max(b)}, so the month comes first"
    if len(set(a)) != len(set(b)):
        day_first = len(set(a)) > len(set(b))
        return day_first, False, f": the {'first' if day_first else 'second'} number changes more often, as days do"
    day_first = matches[0]["s"] == "." or not month_first
    order = "day before month" if day_first else "month before day"
    return day_first, False, f": {order}, as is usual there; the numbers do not tell"


def _time_format(match: re.Match[str]) -> str:
    packed = "half" not in match.re.groupindex
    mark = "" if packed else ":"
    half = "" if packed or not match["half"] else match["half"].replace(match["half"].strip(), "%p")
    seconds = f"{mark}%S" if match["sec"] else ""
    fraction = "" if packed or not match["frac"] else f"{match['frac'][0]}%f"
    return f"{'%I' if half else '%H'}{mark}%M{seconds}{fraction}{half}"


def wall_clocks(texts: pd.Series, format_: str | None) -> pd.Series:
    """Stamps as they show the clock (or UTC, where they say their offset); NaT where they are none."""
    if format_ in ("epoch_s", "epoch_ms"):
        counts = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
        micros = np.where(np.isnan(counts), np.nan, counts * (1e6 if format_ == "epoch_s" else 1e3))
        return pd.Series(pd.to_datetime(micros, unit="us", errors="coerce"), index=texts.index)
    texts = texts.str.replace(r"(:\d{2}(?:\.\d+)?[+-]\d{2})$", r"\g<1>00", regex=True) if format_ is None else texts
    if format_ is not None and "%p" not in format_:
        texts, format_ = texts.str.replace(r" [A-Z]{2,5}$", "", regex=True), format_.replace(" %Z", "")
    late = texts.str.contains(r"(?<!\d)24:00(?::00)?$", regex=True, na=False)
    plain = texts.str.replace(r"(?<!\d)24(:00(?::00)?)$", r"00\1", regex=True)
    parsed = pd.to_datetime(plain, format=format_ or "ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
    return parsed + pd.to_timedelta(np.where(late, 1, 0), unit="D")

"""What stamps show: texts, numbers and typed timestamps → microseconds on a wall clock, or in UTC where they say so."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.parsing.stamp_layouts import Parts, iso_parts, layout_of
from energy_lib.landing.parsing.timestamps import DAY, MINUTE, NAT, Clock
from energy_lib.landing.parsing.zone_names import ZoneNames, numeric_offset

Micros = npt.NDArray[np.int64]
MICROS_PER = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
# Beyond the years that any table holds, and far from where adding a length would overflow.
FARTHEST = 4_000_000_000_000_000_000
_PLAIN_ISO = (
    r"^(?P<wall>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?)"
    r"(?P<zone>(?:Z|[+-]\d{2}:?\d{2})?)$"
)
_ENDS_IN_ZONE = r"^(?P<wall>.*\S)\s*(?P<zone>Z|[+-]\d{2}:?\d{2})$"
# pandas reads the words now and today as the clock on the wall: a stamp has a digit.
_ANY_DIGIT = r"^(?P<wall>.*\d.*)(?P<zone>)$"
_UNIT_MICROS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def read_clock(stamps: pa.Array, format_: str | None, names: ZoneNames | None = None) -> Clock:
    """Stamps as texts or timestamps → what they show; equal stamps are read once.

    `format_` is a strptime format, `epoch_s`, `epoch_ms`, or None for ISO 8601; `names` says what the names of clocks
    mean (%Z). A stamp with an offset or a name is read with it, in every format. 24:00 is the midnight that ends the
    day. Words such as now and today are no stamps.
    """
    names = names or ZoneNames()
    if pa.types.is_timestamp(stamps.type):
        return Clock(_typed(stamps), np.full(len(stamps), stamps.type.tz is not None))
    if not pa.types.is_string(stamps.type):
        stamps = stamps.cast(pa.string())
    encoded = stamps.dictionary_encode()
    codes = np.asarray(pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False))
    texts = pc.utf8_trim_whitespace(encoded.dictionary)
    if format_ is None or "(" not in format_:
        texts = _bare_names(texts)
    unique = _epochs(texts, MICROS_PER[format_]) if format_ in MICROS_PER else _texts(texts, format_, names)
    # One more entry for the null stamps, which have code -1.
    return Clock(np.append(unique.micros, NAT)[codes], np.append(unique.absolute, False)[codes])


def _bare_names(texts: pa.Array) -> pa.Array:
    """`02:00 (CEST)` → `02:00 CEST`; both names of a clock (`02:00 (CET/CEST)`) say nothing of the stamp: `02:00`."""
    if not pc.any(pc.match_substring(texts, "(")).as_py():
        return texts
    texts = pc.replace_substring_regex(texts, r"\s*\([A-Za-z]+/[A-Za-z]+\)$", "")
    return pc.replace_substring_regex(texts, r"\s*\(([A-Za-z]{1,9})\)$", r" \1")


def _typed(stamps: pa.Array) -> Micros:
    """Typed timestamps in microseconds; what no microsecond can hold is at FARTHEST."""
    ticks = np.asarray(pc.fill_null(stamps.cast(pa.int64()), NAT).to_numpy(zero_copy_only=False), dtype=np.int64)
    if stamps.type.unit == "ns":
        return np.where(ticks == NAT, NAT, ticks // 1000)
    scale = _UNIT_MICROS[stamps.type.unit]
    bound = FARTHEST // scale
    return np.where(ticks == NAT, NAT, np.clip(ticks, -bound, bound) * scale)


def _epochs(texts: pa.Array, scale: int) -> Clock:
    numbers = np.asarray(pd.to_numeric(texts.to_pandas(), errors="coerce"), dtype=float)
    micros = np.clip(np.nan_to_num(numbers * scale, nan=0.0), -FARTHEST, FARTHEST).round().astype(np.int64)
    return Clock(np.where(np.isnan(numbers), NAT, micros), np.ones(len(texts), dtype=bool))


def _texts(texts: pa.Array, format_: str | None, names: ZoneNames) -> Clock:
    """Most stamps are read by whole columns; those that are left, one by one."""
    if format_ is None:
        clock = _by_columns(texts, _PLAIN_ISO, None)
        take_apart, wall_format = iso_parts, None
    else:
        layout = layout_of(format_)
        pattern = _ENDS_IN_ZONE if layout.carries_zone else _ANY_DIGIT
        clock = _by_columns(texts, pattern, layout.wall_format.rstrip() if layout.carries_zone else format_)
        take_apart, wall_format = layout.parts, layout.wall_format
    left = [(n, take_apart(texts[n].as_py())) for n in np.flatnonzero(clock.micros == NAT)]
    found = {n: parts for n, parts in left if parts is not None}
    for n, wall in zip(found, _parsed([parts.wall for parts in found.values()], wall_format), strict=True):
        clock.micros[n], clock.absolute[n] = _instant(int(wall), found[n], names)
    return clock


def _by_columns(texts: pa.Array, pattern: str, wall_format: str | None) -> Clock:
    """Stamps of which `pattern` takes a wall clock of one format, and no offset or a numeric one."""
    clock = Clock(np.full(len(texts), NAT, dtype=np.int64), np.zeros(len(texts), dtype=bool))
    parts = pc.extract_regex(texts, pattern)
    rows = np.flatnonzero(parts.is_valid().to_numpy(zero_copy_only=False))
    parts = parts.take(pa.array(rows))
    zones = parts.field("zone").dictionary_encode()
    written = zones.dictionary.to_pylist()
    codes = zones.indices.to_numpy(zero_copy_only=False)
    ahead = np.array([numeric_offset(zone) if zone else 0.0 for zone in written], dtype=float)[codes]
    wall = _by_pandas(parts.field("wall").to_pandas(), wall_format)
    known = (wall != NAT) & ~np.isnan(ahead)
    clock.micros[rows[known]] = (wall - np.nan_to_num(ahead).astype(np.int64) * MINUTE)[known]
    clock.absolute[rows[known]] = np.array([bool(zone) for zone in written], dtype=bool)[codes][known]
    return clock


def _instant(wall: int, parts: Parts, names: ZoneNames) -> tuple[int, bool]:
    """Microseconds, and whether they are UTC's."""
    if wall == NAT:
        return NAT, False
    wall += DAY if parts.next_day else 0
    if parts.zone is None:
        return wall, False
    ahead = names.minutes_ahead(parts.zone, wall)
    return (NAT, False) if ahead is None else (wall - int(ahead * MINUTE), True)


def _parsed(texts: list[str], format_: str | None) -> Micros:
    """Wall clocks in microseconds; NAT where a text does not fit."""
    shown = _by_pandas(pd.Series(texts, dtype="object"), format_)
    for position in np.flatnonzero(shown == NAT):
        shown[position] = _of_any_year(texts[position], format_)
    return shown


def _by_pandas(texts: pd.Series, format_: str | None) -> Micros:
    """By whole columns, for the years 1678 … 2261; NAT for others, and where a text does not fit."""
    stamps = pd.to_datetime(texts, format=format_ or "ISO8601", errors="coerce", utc=True)
    return stamps.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)


def _of_any_year(text: str, format_: str | None) -> int:
    """The wall clock of a year that pandas does not know; NAT for what is no stamp."""
    try:
        stamp = datetime.fromisoformat(text) if format_ is None else datetime.strptime(text, format_)  # noqa: DTZ007
    except ValueError:
        return NAT
    return int(np.datetime64(stamp.replace(tzinfo=None), "us").astype(np.int64))

"""Which columns hold the stamp, how it is written, and whether it marks the start or the end of its interval."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pandas as pd

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_words import END, START, says
from energy_lib.landing.proposal.stamp_formats import (
    StampFormat,
    clock_format,
    looks_like_clock,
    stamp_format,
    wall_clocks,
)
from energy_lib.landing.proposal.stamp_ranges import ranges_of
from energy_lib.landing.proposal.text_table import is_number

TIME_WORDS = "time timestamp ts stamp date datetime epoch unix utc start end zeit datum heure hora fecha tijd from"
LATER_WORDS = "received created updated issued landed modified inserted processed available meldung upload revision"
HOUR_WORDS = "hour hr he stunde uur heure hora ora time hourending ending"
PERIOD_WORDS = "period sp settlement interval periode block"
OFFSET_AT_END = r"[+-]\d{2}:?\d{2}$"


@dataclass(frozen=True, slots=True)
class Stamps:
    """`columns` make the stamp; `walls` is what it shows; `ends` is what a second stamp shows, if the file has one.

    `period` is the column that numbers the intervals of a day, where the stamp is a day. `ranged`: each cell holds the
    start and the end. `clocks` is what the local clock showed, of stamps that say their offset.
    """

    columns: tuple[str, ...]
    written: StampFormat
    walls: pd.Series
    used: frozenset[str]
    ends: pd.Series | None = None
    period: str | None = None
    ranged: bool = False
    clocks: pd.Series | None = None


def stamp_columns(cells: pd.DataFrame, guesses: Guesses, *, american: bool) -> Stamps | None:
    """Adds `time.column` and `time.format`; None if no column holds stamps.

    `american`: words of the file point to North America, where the month stands first.
    """
    ranges = {str(name): parted for name in cells if (parted := ranges_of(cells[name])) is not None}
    cells = cells.assign(**{name: parted.starts for name, parted in ranges.items()})
    month_first = american or any(cells[name].head(100).str.match(r".*\d ?[AaPp][Mm]$").any() for name in cells)
    found = {str(name): _format(str(name), cells[name], month_first) for name in cells}
    formats = {name: format_ for name, format_ in found.items() if format_ is not None}
    days = [name for name, format_ in formats.items() if not format_.has_time]
    full = [name for name, format_ in formats.items() if format_.has_time]
    # When a row was sent is no stamp of its interval, if there is another.
    full = [name for name in full if not says(name, LATER_WORDS)] or ([] if days else full)
    stamps = _one_column(cells, formats, full) if full else _two_columns(cells, formats, days) if days else None
    if stamps is None or stamps.walls.isna().all():
        _ask_for_excel(cells, guesses)
        return None
    column = stamps.columns[0] if len(stamps.columns) == 1 else list(stamps.columns)
    first = " ".join(cells[name].iloc[0] for name in stamps.columns)
    guesses.add("time.column", column, f"it holds stamps such as {first}")
    if stamps.written.format is not None:
        guesses.add("time.format", stamps.written.format, stamps.written.evidence, sure=stamps.written.sure)
    if stamps.columns[0] in ranges and len(stamps.columns) == 1:
        separator = ranges[stamps.columns[0]].separator
        guesses.add("time.range_separator", separator, "each cell holds the start and the end of its interval")
        return replace(stamps, ranged=True)
    return stamps


def _format(name: str, texts: pd.Series, month_first: bool) -> StampFormat | None:
    shown = texts[texts != ""].unique().tolist()
    format_ = stamp_format(shown, month_first=month_first)
    if format_ is None:
        return None
    bare_number = format_.format in ("epoch_s", "epoch_ms", "%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S")
    return None if bare_number and not says(name, TIME_WORDS) else format_


def _one_column(cells: pd.DataFrame, formats: dict[str, StampFormat], full: list[str]) -> Stamps:
    starts = [name for name in full if says(name, START)]
    ends = [name for name in full if says(name, END) and not says(name, START)]
    candidates = starts or [name for name in full if name not in ends] or full
    # Of a stamp in UTC and one of the local clock, the one that no clock change touches.
    first = next((name for name in candidates if says(name, "utc")), candidates[0])
    walls = wall_clocks(cells[first], formats[first].format)
    other = next((name for name in ends if name != first and first not in ends), None)
    beside = wall_clocks(cells[other], formats[other].format) if other else None
    written = formats[first]
    has_offset = written.absolute and written.format is None
    clocks = wall_clocks(cells[first].str.replace(OFFSET_AT_END, "", regex=True), None) if has_offset else None
    return Stamps((first,), written, walls, frozenset(full), beside, clocks=clocks)


def _two_columns(cells: pd.DataFrame, formats: dict[str, StampFormat], days: list[str]) -> Stamps:
    """A day, and where there is one a clock or the number of an hour beside it."""
    day = ([name for name in days if says(name, START)] or days)[0]
    written = formats[day]
    clocks = [name for name in map(str, cells) if _is_clock(cells[name])]
    clock = [name for name in clocks if says(name, START)] or [name for name in clocks if not says(name, END)] or clocks
    used = frozenset([*days, *clocks])
    if clock:
        format_ = f"{written.format or '%Y-%m-%d'} {clock_format(cells[clock[0]].tolist())}"
        return _joined(cells, day, clock[0], StampFormat(format_, written.evidence, True, sure=written.sure), used)
    hour = next((name for name in map(str, cells) if name not in used and is_hour(name, cells[name])), None)
    if hour is not None:
        format_ = f"{written.format or '%Y-%m-%d'} %H"
        return _joined(cells, day, hour, StampFormat(format_, written.evidence, True, sure=written.sure), used | {hour})
    period = _period_column(cells, used)
    used = used | {period} if period else used
    return Stamps((day,), written, wall_clocks(cells[day], written.format), used, period=period)


def _joined(cells: pd.DataFrame, day: str, clock: str, written: StampFormat, used: frozenset[str]) -> Stamps:
    texts = cells[day] + " " + cells[clock]
    if written.format is not None and written.format.endswith(" %H"):
        hours = pd.to_numeric(cells[clock], errors="coerce")
        walls = wall_clocks(cells[day], written.format.removesuffix(" %H")) + pd.to_timedelta(hours, unit="h")
    else:
        walls = wall_clocks(texts, written.format)
    return Stamps((day, clock), written, walls, used)


def _is_clock(texts: pd.Series) -> bool:
    filled = texts[texts != ""]
    return len(filled) > 0 and bool(filled.head(1000).map(looks_like_clock).mean() > 0.9)


def is_hour(name: str, texts: pd.Series) -> bool:
    """Numbers from 0 or 1 to 23, 24 or 25 in a column named after hours."""
    if not says(name, HOUR_WORDS):
        return False
    numbers = pd.to_numeric(texts, errors="coerce").dropna()
    whole = len(numbers) > 0.9 * len(texts) and bool((numbers % 1 == 0).all())
    return whole and numbers.min() in (0, 1) and 1 < numbers.max() <= 25


def _period_column(cells: pd.DataFrame, used: frozenset[str]) -> str | None:
    """The column with the number of an interval in its day (1 … 48, 1 … 96), if there is one."""
    for name in map(str, cells):
        numbers = pd.to_numeric(cells[name], errors="coerce")
        if name in used or not says(name, PERIOD_WORDS) or numbers.isna().mean() > 0.1:
            continue
        if (numbers.dropna() % 1 == 0).all() and numbers.min() == 1 and 25 < numbers.max() <= 100:
            return name
    return None


def stamp_mark(stamps: Stamps, minutes: int | None, guesses: Guesses) -> None:
    """Adds `time.stamp`."""
    name = " ".join(stamps.columns)
    key = "time.stamp"
    if stamps.ends is not None:
        guesses.add(key, "start", f"{name} is the first of two stamps")
    elif re.search(r"hour ?ending|hourending|\bHE\b", name, re.IGNORECASE):
        guesses.add(key, "hour_ending", f"{name} says so")
    elif says(name, END) and not says(name, START):
        guesses.add(key, "end", f"{name} is a word for the end")
    elif says(name, START):
        guesses.add(key, "start", f"{name} is a word for the start")
    else:
        _by_first_and_last(stamps, minutes, guesses)


def _by_first_and_last(stamps: Stamps, minutes: int | None, guesses: Guesses) -> None:
    """Days that run from 00:15 to 24:00 name ends; days that run from 00:00 to 23:45 name starts."""
    walls = (stamps.walls if stamps.clocks is None else stamps.clocks).dropna()
    run = _first_run(walls, minutes)
    first, last = (int(wall.hour * 60 + wall.minute) for wall in (run.iloc[0], run.iloc[-1]))
    hours_of_24 = (
        stamps.written.format is not None and stamps.written.format.endswith(" %H") and len(stamps.columns) == 2
    )
    if hours_of_24 and walls.dt.hour.nunique() > 1:
        numbered = (walls - walls.dt.normalize()).dt.total_seconds().gt(0).all() or last == 0
        mark, why = ("end", "hours go from 1 to 24") if numbered else ("start", "hours go from 0 to 23")
        guesses.add("time.stamp", mark, why)
    elif minutes and first == minutes and last == 0:
        guesses.add("time.stamp", "end", f"the file runs from {_clock(first)} to midnight")
    elif minutes and first == 0 and last == 1440 - minutes:
        guesses.add("time.stamp", "start", f"the file runs from midnight to {_clock(last)}")
    else:
        why = "nothing says whether a stamp marks the start or the end of its interval"
        guesses.add("time.stamp", "start", why, sure=False)


def _first_run(walls: pd.Series, minutes: int | None) -> pd.Series:
    """The stamps in order, up to the first that is not one interval after the one before it."""
    ordered = walls.drop_duplicates().sort_values()
    if minutes is None:
        return ordered
    gaps = ordered.diff() > pd.Timedelta(minutes=2 * minutes)
    return ordered[~gaps.cummax()]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _ask_for_excel(cells: pd.DataFrame, guesses: Guesses) -> None:
    for name in map(str, cells):
        numbers = pd.to_numeric(cells[name], errors="coerce")
        serial = cells[name].map(is_number).mean() > 0.9 and numbers.between(20_000, 80_000).mean() > 0.9
        if serial and says(name, TIME_WORDS):
            guesses.ask(f"{name} holds Excel's serial numbers of days ({cells[name].iloc[0]}): save them as dates.")
            return
    guesses.ask(f"No column holds stamps; the columns are {', '.join(map(str, cells))}.")

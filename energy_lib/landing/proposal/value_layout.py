"""Which columns hold values, and how they lie: a reading a row, meters or registers in columns, or a day per row."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pandas as pd

from energy_lib.landing.parsing.day_columns import clock_offsets
from energy_lib.landing.proposal.clock_zone import PLACES
from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_words import NO_VALUE, REGISTER, VALUE, says, words
from energy_lib.landing.proposal.row_labels import flow_of
from energy_lib.landing.proposal.units_said import unit_in
from energy_lib.landing.proposal.written_numbers import written_numbers
from energy_lib.landing.sources.allowed_values import Layout

COLUMNS_OF_A_DAY = range(23, 101)
TOTALS = "total summe sum gesamt totale somme totaal suma"


@dataclass(frozen=True, slots=True)
class Values:
    """`columns` hold the values; `first` is one whose name and cells stand for the others."""

    layout: Layout
    columns: tuple[str, ...]

    @property
    def first(self) -> str:
        return self.columns[0]


def value_layout(cells: pd.DataFrame, used: set[str], *, days: bool, guesses: Guesses) -> Values | None:
    """Adds `value.column`, `value.day_columns` or `registers`; None if no column holds numbers.

    `days`: the stamps are days without a time.
    """
    numeric = [str(name) for name in cells if name not in used and _is_numeric(cells[name])]
    day = _day_columns([str(name) for name in cells if name not in used], numeric) if days else []
    if day:
        return _a_day(day, list(map(str, cells)), guesses)
    candidates = [name for name in numeric if not says(name, NO_VALUE) or (unit_in(name) and not _is_price(name))]
    candidates = [name for name in candidates if not says(name, "max min mean")]
    registers = _registers(candidates, guesses)
    if registers:
        return Values(Layout.REGISTER_COLUMNS, tuple(registers))
    if _are_meters(candidates):
        return _meters(candidates, list(map(str, cells)), guesses)
    return _one(candidates or numeric, guesses)


def _is_numeric(texts: pd.Series) -> bool:
    filled = texts[texts != ""]
    if len(filled) == 0:
        return False
    numbers = written_numbers(filled.head(2000))
    with_unit = filled.head(2000).str.match(r"^[+-]?[\d.,]+\s*(?:[kM]?Wh?|m3|m³)$")
    known = numbers.values.notna() | filled.head(2000).isin(numbers.missing) | with_unit
    return bool(known.mean() > 0.6) and bool(numbers.values.notna().any() or with_unit.any())


def _is_price(name: str) -> bool:
    return says(name, "price cost preis prijs prix precio eur gbp usd pricing estimated")


def _day_columns(names: list[str], numeric: list[str]) -> list[str]:
    clocks = [name for name in names if clock_offsets([name, name], starts=True) is not None or _names_a_time(name)]
    if len(clocks) in COLUMNS_OF_A_DAY and clock_offsets(clocks, starts=True) is not None:
        return clocks
    by_prefix: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if re.search(r"\d+$", name):
            by_prefix[re.sub(r"\d+$", "", name)].append(name)
    largest = max(by_prefix.values(), key=len, default=[])
    numbers = [int(match[0]) for name in largest if (match := re.search(r"\d+$", name))]
    consecutive = bool(numbers) and sorted(numbers) == list(range(min(numbers), max(numbers) + 1))
    some = set(largest) & set(numeric)
    return largest if len(largest) in COLUMNS_OF_A_DAY and consecutive and min(numbers) in (0, 1) and some else []


def _names_a_time(name: str) -> bool:
    return re.search(r"\d{1,2}[:.hH]\d{2}|^\D*\d{4}$", name) is not None


def _a_day(day: list[str], names: list[str], guesses: Guesses) -> Values:
    guesses.add("value.day_columns", pattern_of(day, names), f"{day[0]} … {day[-1]} are {len(day)} intervals of a day")
    return Values(Layout.DAY_ROWS, tuple(day))


def _registers(candidates: list[str], guesses: Guesses) -> list[str]:
    """Columns of import and export, or of tariffs, of one meter."""
    flows: dict[str, list[str]] = defaultdict(list)
    for name in candidates:
        if (flow := flow_of(name)) in ("import", "export", "generation") and not says(name, TOTALS):
            flows[str(flow)].append(name)
    named = [name for names in flows.values() for name in names]
    tariffs = [name for name in named if re.search(r"(?i)\bT\d\b|tarif|\d$|peak|hp\b|hc\b", name)]
    if len(flows) < 2 and len(tariffs) < 2:
        return []
    value = [{"columns": pattern_of(names, candidates), "flow": flow} for flow, names in flows.items()]
    guesses.add("registers", value, f"the names say {' and '.join(flows)}; several columns of one flow are summed")
    return named


def _are_meters(candidates: list[str]) -> bool:
    """Several columns with numbers, whose names are no words for values but for one another's like."""
    if len(candidates) < 2:
        return False
    plain = [name for name in candidates if not says(name, VALUE) or _numbered_alike(candidates)]
    return len(plain) > 0.5 * len(candidates) and (_numbered_alike(candidates) or len(candidates) >= 3)


def _numbered_alike(names: list[str]) -> bool:
    return len({re.sub(r"\d+", "#", name) for name in names}) == 1 and bool(re.search(r"\d", names[0]))


def _meters(candidates: list[str], names: list[str], guesses: Guesses) -> Values:
    meters = [name for name in candidates if not says(name, TOTALS)]
    guesses.add(
        "value.column",
        pattern_of(meters, names, alone=True),
        f"{len(meters)} columns with numbers, such as {meters[0]}",
    )
    totals = [name for name in candidates if name not in meters]
    if totals:
        guesses.add("ignore.columns", totals, f"{totals[0]} is a word for a sum", sure=False)
    return Values(Layout.METER_COLUMNS, tuple(meters))


def _one(candidates: list[str], guesses: Guesses) -> Values | None:
    if not candidates:
        guesses.ask("No column holds numbers that may be readings.")
        return None
    scored = sorted(candidates, key=_score, reverse=True)
    best = scored[0]
    rivals = [name for name in scored[1:] if _score(name) == _score(best)]
    why = f"{best} holds numbers" + (f"; so do {', '.join(rivals[:3])}" if rivals else "")
    guesses.add("value.column", best, why, sure=not rivals and _score(best) > 0)
    return Values(Layout.LONG, (best,))


def _score(name: str) -> int:
    place = " ".join(known for known, _, _ in PLACES)
    score = 3 * (unit_in(name) is not None) + 2 * says(name, VALUE) - 4 * says(name, NO_VALUE) + says(name, place)
    return score + (says(name, REGISTER) and not says(name, TOTALS)) + bool({"active"} & set(words(name)))


def pattern_of(names: list[str], others: list[str], *, alone: bool = False) -> str | list[str]:
    """One pattern that matches these names and none of the others; the names themselves if there is none.

    `alone`: a pattern has to be there, as only one is allowed.
    """
    if len(names) == 1:
        return names[0]
    rest = [name for name in others if name not in names]
    for digits in (r"\d+", r"\d"):
        shapes = {re.sub(digits, "*" if digits == r"\d+" else "?", name) for name in names}
        if len(shapes) == 1 and not any(fnmatchcase(name, next(iter(shapes))) for name in rest):
            return shapes.pop()
    return "*" if alone else names

"""Delimited text: its separator, where its header is, and its cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from energy_lib.landing.formats.delimited import unique_names
from energy_lib.landing.parsing.arrow_columns import AS_TEXT
from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.sample import Sample
from energy_lib.landing.proposal.stamp_formats import looks_like_stamp

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LINES_FOR_SHAPE = 300
ROWS = 200_000
_NUMBER = re.compile(r"^\s*[+-]?\d[\d.,' ]*([eE][+-]?\d+)?\s*$")


@dataclass(frozen=True, slots=True)
class TextTable:
    """`cells` are texts by column; `preamble` stands above the header.

    `has_key`: columns of stamps tell the rows of data from others.
    """

    cells: pd.DataFrame
    preamble: str
    has_key: bool


def read_table(sample: Sample, guesses: Guesses) -> TextTable | None:
    """The table of a text file, and guesses of `separator`, `skip_rows` and `column_names`; None if it has no rows."""
    # A NUL and a carriage return within a line make the csv module stop.
    lines = sample.text.replace("\0", "").replace("\r", " ").split("\n")
    if not any(line.strip() for line in lines):
        return None
    separator = _separator(lines)
    rows = list(csv.reader(io.StringIO("\n".join(lines[:ROWS])), delimiter=separator))
    width = _width(rows)
    data = [row for row in rows if len(row) == width]
    key = _key_columns(data[:LINES_FOR_SHAPE])
    whole = [at for at, row in enumerate(rows) if len(row) == width]
    # Where no column has stamps or numbers, the first whole line is the header.
    first = next((at for at in whole if _is_data(rows[at], key)), None) if key else next(iter(whole[1:]), None)
    if first is None or width < 2:
        return None
    if separator != ",":
        guesses.add("separator", separator, f"{SEPARATORS[separator]} part {width} fields in most lines")
    head = _header_at(rows, first)
    names = _names(rows, head, width, guesses)
    start = head + 1 if head is not None else first
    body = [row for row in rows[start:] if len(row) == width and _is_data(row, key)]
    ragged = sum(1 for row in rows[start:] if row and len(row) != width)
    if ragged > len(body) // 10 or len(names) != width:
        guesses.ask(f"{ragged:,} lines do not have as many fields as the header: they would be ragged_row.")
    cells = pd.DataFrame(body, columns=names[:width] + [f"column_{n + 1}" for n in range(len(names), width)])
    cells = cells.apply(lambda column: column.str.strip().str.replace(AS_TEXT, r"\1\2", regex=True))
    return TextTable(cells, "\n".join(lines[: head or 0]), any(key.values()))


def _separator(lines: list[str]) -> str:
    """The one that parts most lines into one number of fields; of equals the one that makes more fields."""
    shown = [line for line in lines[:LINES_FOR_SHAPE] if line.strip()]

    def score(separator: str) -> tuple[float, int]:
        counts = Counter(len(row) for row in csv.reader(shown, delimiter=separator)) or Counter([0])
        width, lines_of_width = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        # The header decides where decimal commas part the rows as evenly as the separator does.
        return (0.0 if width < 2 else lines_of_width / len(shown), width)

    by_share = sorted(SEPARATORS, key=score, reverse=True)
    header = next((line for line in shown if any(s in line for s in SEPARATORS)), "")
    best = score(by_share[0])[0]
    return max((s for s in by_share if score(s)[0] >= best - 0.15), key=lambda s: (header.count(s) > 0, score(s)))


def _width(rows: list[list[str]]) -> int:
    """The number of fields that most lines have; where some lines have stamps, most of these."""
    shown = [row for row in rows[-LINES_FOR_SHAPE:] if any(cell.strip() for cell in row)]
    stamped = [row for row in shown if any(looks_like_stamp(cell) for cell in row)]
    counts = Counter(len(row) for row in stamped or shown)
    return counts.most_common(1)[0][0] if counts else 0


def _key_columns(data: list[list[str]]) -> dict[int, bool]:
    """Columns that tell a row of data from a header: those of stamps (True), or else of numbers; there may be none."""
    columns = list(zip(*data, strict=True))
    stamps = {at: True for at, column in enumerate(columns) if _share(column, looks_like_stamp) >= 0.5}
    return stamps or {at: False for at, column in enumerate(columns) if _share(column, is_number) >= 0.5}


def _share(column: tuple[str, ...], test: Callable[[str], bool]) -> float:
    filled = [cell for cell in column if cell.strip()]
    return sum(1 for cell in filled if test(cell)) / len(filled) if filled else 0.0


def is_number(cell: str) -> bool:
    return _NUMBER.match(cell) is not None


def _is_data(row: list[str], key: dict[int, bool]) -> bool:
    return not key or any((looks_like_stamp if stamp else is_number)(row[at]) for at, stamp in key.items())


def _header_at(rows: list[list[str]], first: int) -> int | None:
    """The last line above the data that has texts in most fields."""
    for at in range(first - 1, -1, -1):
        filled = [cell for cell in rows[at] if cell.strip()]
        if len(filled) > 1 and len(filled) >= len(rows[first]) // 2:
            return at
        if filled:
            return None
    return None


def _names(rows: list[list[str]], head: int | None, width: int, guesses: Guesses) -> list[str]:
    if head is None:
        names = [f"column_{number}" for number in range(1, width + 1)]
        guesses.add("column_names", names, "the first line is data already: name the columns", sure=False)
        return names
    if head:
        guesses.add("skip_rows", head, f"the header is line {head + 1}")
    return unique_names([cell.strip() for cell in rows[head]])

"""A table of readings: its stamps, meters, labels, values, lengths and zone, in the order in which they depend."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from energy_lib.landing.proposal.clock_zone import Place, clock_zone, place_of
from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_stamps import stamps_in_header
from energy_lib.landing.proposal.header_words import says
from energy_lib.landing.proposal.interval_length import interval_length, period_length
from energy_lib.landing.proposal.meter_ids import meter_ids
from energy_lib.landing.proposal.register_reads import is_register, read_at
from energy_lib.landing.proposal.row_labels import flow_of, fuel_of_file, length_column, row_labels
from energy_lib.landing.proposal.stamp_columns import LATER_WORDS, Stamps, stamp_columns, stamp_mark
from energy_lib.landing.proposal.units_said import value_unit
from energy_lib.landing.proposal.value_layout import Values, value_layout
from energy_lib.landing.proposal.written_numbers import Numbers, written_numbers
from energy_lib.landing.sources.allowed_values import Format, Layout


def readings_table(
    cells: pd.DataFrame, of_file: pd.Series, preamble: str, files: Sequence[str], guesses: Guesses
) -> tuple[Place | None, pd.Series | None]:
    """Adds the keys of readings; returns where the meters are and what the stamps show."""
    context = " ; ".join([*map(str, cells), *files, preamble])
    place = place_of(context)
    header = stamps_in_header([str(name) for name in cells], guesses)
    if header is not None:
        return _of_header(cells, *header, context, preamble, files, guesses)
    stamps = stamp_columns(cells, guesses, american=place is not None and place.country in ("US", "CA"))
    if stamps is None:
        return None, None
    used = set(stamps.used) | {str(name) for name in cells if says(str(name), LATER_WORDS)}
    lengths = length_column(cells, used)
    meter = meter_ids(cells, frozenset(used), files, guesses, preamble)
    used |= {meter} if meter else set()
    row_labels(cells, used, guesses)
    values = value_layout(cells, used, days=not stamps.written.has_time and stamps.period is None, guesses=guesses)
    if values is None:
        return None, stamps.walls
    if values.layout is Layout.METER_COLUMNS:
        guesses.add("format", Format.WIDE_CSV.value, "each column of numbers is a meter's")
        guesses.drop("meter")
    numbers = _numbers(cells, values, guesses)
    unit = value_unit(cells, values.first, preamble, numbers, guesses)
    fuel_of_file(unit, context, guesses)
    series = _series(cells, of_file, meter, guesses)
    first = written_numbers(cells[values.first], guesses.value("separator", ",")).values
    reads = values.layout is not Layout.DAY_ROWS and is_register(values.first, first, series, unit, guesses)
    if reads:
        read_at(stamps, series, guesses)
    else:
        _intervals(cells, stamps, series, values, lengths, guesses)
        _sign(values, numbers, guesses)
    return clock_zone(stamps, context, guesses), stamps.walls


def _of_header(
    cells: pd.DataFrame,
    stamps: Stamps,
    columns: list[str],
    context: str,
    preamble: str,
    files: Sequence[str],
    guesses: Guesses,
) -> tuple[Place | None, pd.Series | None]:
    """The keys of a file that has a row for each register and a column for each stamp."""
    used = set(columns)
    # An id comes again from stamp to stamp: here its row holds several.
    several = cells.loc[cells.index.repeat(len(columns))]
    meter = meter_ids(several, frozenset(used), files, guesses, preamble)
    used |= {meter} if meter else set()
    row_labels(cells, used, guesses)
    values = Values(Layout.STAMP_COLUMNS, tuple(columns))
    numbers = _numbers(cells, values, guesses)
    fuel_of_file(value_unit(cells, values.first, preamble, numbers, guesses), context, guesses)
    one_series = pd.Series("", index=stamps.walls.index)
    stamp_mark(stamps, interval_length(stamps.walls, one_series, None, guesses), guesses)
    _sign(values, numbers, guesses)
    return clock_zone(stamps, context, guesses), stamps.walls


def _numbers(cells: pd.DataFrame, values: Values, guesses: Guesses) -> Numbers:
    columns = pd.concat([cells[name] for name in values.columns], ignore_index=True)
    numbers = written_numbers(columns, guesses.value("separator", ","))
    if numbers.decimal != ".":
        guesses.add("value.decimal", numbers.decimal, numbers.evidence, sure=numbers.sure)
    if numbers.thousands is not None:
        guesses.add("value.thousands", numbers.thousands, numbers.evidence, sure=numbers.sure)
    if numbers.missing:
        guesses.add("value.missing", list(numbers.missing), "these texts stand where a number should")
    return numbers


def _series(cells: pd.DataFrame, of_file: pd.Series, meter: str | None, guesses: Guesses) -> pd.Series:
    """What tells one register's rows from another's: the file, the meter, the flow and the fuel."""
    series = of_file.astype(str)
    for column in (meter, guesses.value("flow.column"), guesses.value("fuel.column")):
        if column is not None:
            series = series + " " + cells[column]
    return series


def _intervals(
    cells: pd.DataFrame, stamps: Stamps, series: pd.Series, values: Values, lengths: str | None, guesses: Guesses
) -> None:
    if stamps.ranged:
        return
    if stamps.period is not None:
        period_length(cells[stamps.period], stamps.period, guesses)
        return
    if values.layout is Layout.DAY_ROWS:
        guesses.add("time.interval_minutes", "infer", f"{len(values.columns)} columns make a day")
        guesses.add("time.stamp", "start", f"{values.first} is the first interval of the day", sure="-" in values.first)
        return
    if lengths is not None:
        guesses.add("time.interval_column", lengths, f"{lengths} holds the length")
        stamp_mark(stamps, None, guesses)
        return
    minutes = interval_length(stamps.walls, series, stamps.ends, guesses)
    stamp_mark(stamps, minutes, guesses)


def _sign(values: Values, numbers: Numbers, guesses: Guesses) -> None:
    """Adds `flow` where the values' name or their sign says it."""
    if values.layout is Layout.REGISTER_COLUMNS or guesses.value("flow.column") is not None:
        return
    said = flow_of(values.first) if values.layout is Layout.LONG else None
    below = int((numbers.values < 0).sum())
    if below:
        why = f"{below:,} values are below zero" + (f", and {values.first} says net" if said == "net" else "")
        guesses.add("flow", "net", why, sure=said == "net")
    elif said in ("export", "generation", "net"):
        guesses.add("flow", said, f"{values.first} says so")

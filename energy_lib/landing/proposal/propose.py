"""A source's YAML proposed from its files: one question after the other, each answered by a file of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from energy_lib.errors import BadConfig
from energy_lib.landing.proposal.clock_zone import Place, clock_zone
from energy_lib.landing.proposal.file_format import file_format, table_of
from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_words import says
from energy_lib.landing.proposal.interval_length import interval_length
from energy_lib.landing.proposal.known_layouts import add_keys, known_layout
from energy_lib.landing.proposal.readings_table import readings_table
from energy_lib.landing.proposal.reference_kinds import reference_kind
from energy_lib.landing.proposal.sample import Sample, read_sample
from energy_lib.landing.proposal.self_describing import self_describing
from energy_lib.landing.proposal.stamp_columns import LATER_WORDS, stamp_columns
from energy_lib.landing.sources.allowed_values import SELF_DESCRIBING
from energy_lib.landing.sources.source import Source

NAME = "proposed"
# Files that come day by day bring stamps of the last days; older ones are an archive.
ARCHIVE_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was guessed, and the source that it makes; None where it is not whole, for the reason in `fault`."""

    guesses: Guesses
    source: Source | None
    fault: str = ""


def propose(paths: Sequence[Path], landed_at_utc: datetime, known: Mapping[str, Source] | None = None) -> Proposal:
    """The source that reads these files, which are taken to have one layout; it may be one that is `known`.

    Raises InputMissing for a file that cannot be read, BadConfig for files of several formats.
    """
    samples = [read_sample(path) for path in paths]
    guesses = Guesses()
    kinds = {file_format(sample) for sample in samples}
    formats = sorted({format_.value for format_, _ in kinds})
    if len(formats) > 1:
        raise BadConfig(f"The files are {' and '.join(formats)}: propose for the files of one source at a time.")
    format_, evidence = next(iter(kinds))
    guesses.add("format", format_.value, evidence)
    if suffixes := {"".join(path.suffixes[-2:] if path.suffix == ".gz" else [path.suffix]) for path in paths} - {""}:
        guesses.add("glob", f"*{sorted(suffixes)[0]}", "the files are named so", sure=len(suffixes) == 1)
    if format_ in SELF_DESCRIBING:
        self_describing(format_, samples, guesses)
    else:
        _of_tables(samples, landed_at_utc, known or {}, guesses)
    return _checked(guesses)


def _of_tables(
    samples: Sequence[Sample], landed_at_utc: datetime, known: Mapping[str, Source], guesses: Guesses
) -> None:
    format_, _ = file_format(samples[0])
    tables = [table_of(sample, format_, guesses) for sample in samples]
    table = next((one for one in tables if one is not None and one.has_key), tables[0])
    if table is None:
        guesses.ask("The file holds no rows of several fields.")
        return
    same = [one for one in tables if one is not None and list(one.cells) == list(table.cells)]
    if len(same) < len(tables):
        guesses.ask(f"{len(tables) - len(same)} of the files have other columns than the first.")
    alike = [one.cells for one in same if one.has_key == table.has_key]
    cells = pd.concat([one.assign(**{FILE: at}) for at, one in enumerate(alike)], ignore_index=True)
    of_file = cells.pop(FILE)
    names = [str(name) for name in cells]
    files = [sample.name for sample in samples]
    context = " ; ".join([*names, *files, table.preamble])
    layout = known_layout(names, files, format_.value, known)
    if layout is not None:
        add_keys(layout, guesses)
    elif reference_kind(names, context, files[0], guesses):
        _of_reference(cells, context, guesses)
    else:
        place, walls = readings_table(cells, of_file, table.preamble, files, guesses)
        _available(cells, walls, landed_at_utc, guesses)
        _meters(place, guesses)


FILE = " file "


def _of_reference(cells: pd.DataFrame, context: str, guesses: Guesses) -> None:
    if guesses.value("kind") in ("meters", "buildings"):
        return
    stamps = stamp_columns(cells, guesses, american=False)
    if stamps is None:
        return
    clock_zone(stamps, context, guesses)
    if stamps.ranged:
        _available(cells, stamps.walls, None, guesses)
        return
    guesses.add("time.stamp", "start", "weather and prices mostly stand at the start of their interval", sure=False)
    if guesses.value("kind") != "weather" and not guesses.value("columns.interval_minutes"):
        interval_length(stamps.walls.drop_duplicates(), pd.Series("", index=stamps.walls.index), None, guesses)
    _available(cells, stamps.walls, None, guesses)


def _available(cells: pd.DataFrame, walls: pd.Series | None, landed: datetime | None, guesses: Guesses) -> None:
    """When a row counts as known: a column says it, or the file is an archive."""
    column = next((str(name) for name in cells if says(str(name), LATER_WORDS)), None)
    if column is not None:
        guesses.add("available.column", column, f"{column} says when a row was sent")
        return
    if walls is None or walls.dropna().empty:
        return
    last = walls.max()
    if landed is None or landed.astimezone(UTC).replace(tzinfo=None) - last > ARCHIVE_AGE:
        why = f"the last stamp is of {last:%Y-%m-%d}: an archive"
        guesses.add("available.after_interval_end_minutes", 0, why, sure=landed is not None)


def _meters(place: Place | None, guesses: Guesses) -> None:
    if place is None:
        return
    guesses.add("meters.zone", place.zone, place.evidence, sure=place.sure)
    if place.country is not None:
        guesses.add("meters.country", place.country, place.evidence, sure=place.sure)
    if guesses.value("value.register_reads"):
        guesses.ask("Registers want meters.capacity_kw, the connection's limit: it tells a swapped meter from use.")


def _checked(guesses: Guesses) -> Proposal:
    try:
        return Proposal(guesses, Source.model_validate({"name": NAME, **guesses.sections()}))
    except ValidationError as error:
        first = error.errors()[0]
        return Proposal(guesses, None, first["msg"].removeprefix("Value error, "))

"""Files in the layout of a source that ships: its YAML says what no file tells, such as the zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import Available, FuelColumn, QualityColumn

# Fewer columns in common may be chance.
LEAST_COLUMNS = 2


def known_layout(
    names: Sequence[str], files: Sequence[str], format_: str, sources: Mapping[str, Source]
) -> tuple[str, Source] | None:
    """The one source whose format, file names and columns these are; None if there is none, or several."""
    fits = [
        (name, source)
        for name, source in sources.items()
        if source.format.value.removeprefix("wide_") == format_
        and source.glob != "*"
        and all(fnmatchcase(file, source.glob) for file in files)
        and _has_columns(names, named_columns(source))
    ]
    return fits[0] if len(fits) == 1 else None


def named_columns(source: Source) -> list[str]:
    """The columns, or patterns of them, that a source's YAML names."""
    named: list[str | None] = [source.building, source.meter.column if source.meter else None]
    if source.time is not None:
        named += [*source.time.columns, source.time.interval_column, source.time.offset_column]
    if source.value is not None:
        value = source.value
        days = [value.day_columns] if isinstance(value.day_columns, str) else value.day_columns or ()
        named += [value.column, value.unit_column, value.sum_over, *days]
    named += [column for register in source.registers for column in register.columns]
    for part in (source.fuel, source.quality, source.available):
        named.append(part.column if isinstance(part, (FuelColumn, QualityColumn, Available)) else None)
    named += [reference.column for reference in source.columns.values()]
    return [name for name in named if name is not None and name != "*"]


def add_keys(name: str, source: Source, guesses: Guesses) -> None:
    """Adds what the source's YAML says, in place of what was guessed."""
    evidence = f"as in conf/sources/{name}.yaml, whose file names and columns these are"
    keys = source.model_dump(mode="json", exclude_unset=True, exclude={"name", "description", "folder"})
    guesses.of_keys.clear()
    guesses.open_questions.clear()
    for key, value in keys.items():
        within = value if isinstance(value, dict) else {"": value}
        for of_section, said in within.items():
            guesses.add(f"{key}.{of_section}".rstrip("."), said, evidence)


def _has_columns(names: Sequence[str], wanted: Iterable[str]) -> bool:
    found = [any(name == one or fnmatchcase(name, one) for name in names) for one in wanted]
    return len(found) >= LEAST_COLUMNS and all(found)

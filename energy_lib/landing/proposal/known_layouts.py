"""Files in the layout of a source that ships: its YAML says what no file tells, such as the zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.sources.source import Source
from energy_lib.landing.sources.yaml_sections import Available, FlowOfRegister, FuelColumn, QualityColumn

# Fewer columns in common may be chance.
LEAST_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class KnownLayout:
    """The source whose files look so, and the names of others that read such files, too."""

    name: str
    source: Source
    others: tuple[str, ...]


def known_layout(
    names: Sequence[str], files: Sequence[str], format_: str, sources: Mapping[str, Source]
) -> KnownLayout | None:
    """The source whose format, file names and columns these are; None if there is none.

    Of several that read such files (each its own rows, say) it is the one that names most columns; None if none does.
    """
    fits = {
        name: len(named_columns(source))
        for name, source in sources.items()
        if source.format.value.removeprefix("wide_") == format_
        and source.glob != "*"
        and all(fnmatchcase(file, source.glob) for file in files)
        and _has_columns(names, named_columns(source))
    }
    best = [name for name, count in fits.items() if count == max(fits.values())]
    if len(best) != 1:
        return None
    return KnownLayout(best[0], sources[best[0]], tuple(name for name in fits if name != best[0]))


def named_columns(source: Source) -> list[str]:
    """The columns, or patterns of them, that a source's YAML names."""
    named: list[str | None] = [source.building, source.meter.column if source.meter else None]
    if source.time is not None:
        named += [*source.time.columns, source.time.interval_column, source.time.offset_column]
    if source.value is not None:
        value = source.value
        days = [value.day_columns] if isinstance(value.day_columns, str) else value.day_columns or ()
        stamps = [value.stamp_columns] if isinstance(value.stamp_columns, str) else value.stamp_columns or ()
        named += [value.column, value.unit_column, value.sum_over, *days, *stamps]
    named += [column for register in source.registers for column in register.columns]
    for part in (source.fuel, source.flow, source.quality, source.available):
        named.append(part.column if isinstance(part, (FuelColumn, FlowOfRegister, QualityColumn, Available)) else None)
    named += list(source.ignore.rows)
    named += [reference.column for reference in source.columns.values()]
    return [name for name in named if name is not None and name != "*"]


def add_keys(layout: KnownLayout, guesses: Guesses) -> None:
    """Adds what the source's YAML says, in place of what was guessed."""
    evidence = f"as in conf/sources/{layout.name}.yaml, whose file names and columns these are"
    keys = layout.source.model_dump(mode="json", exclude_unset=True, exclude={"name", "description", "folder"})
    guesses.of_keys.clear()
    guesses.open_questions.clear()
    for other in layout.others:
        guesses.ask(f"conf/sources/{other}.yaml reads such files, too: it may be what you want, or both.")
    for key, value in keys.items():
        within = value if isinstance(value, dict) else {"": value}
        for of_section, said in within.items():
            guesses.add(f"{key}.{of_section}".rstrip("."), said, evidence)


def _has_columns(names: Sequence[str], wanted: Iterable[str]) -> bool:
    found = [any(name == one or fnmatchcase(name, one) for name in names) for one in wanted]
    return len(found) >= LEAST_COLUMNS and all(found)

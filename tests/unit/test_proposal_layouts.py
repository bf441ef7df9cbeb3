"""Proposals for files of every layout that is known here, against what their own YAML reads."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from exported_samples import EXPORTS
from shipped_samples import SAMPLES as OLDER

from energy_lib.errors import BadConfig, EnergyError
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.proposal.propose import Proposal, propose
from energy_lib.landing.sources.allowed_values import Format
from energy_lib.landing.sources.loading import load_source, load_sources
from energy_lib.landing.sources.source import Kind, Source

SAMPLES: dict[str, tuple[str, str | bytes]] = {**OLDER, **EXPORTS}
CASES = Path(__file__).parents[1] / "cases"
LANDED = datetime(2025, 6, 1, tzinfo=UTC)
SHIPPED = load_sources(None)
# What a reading is; a meter's and a place's name cannot be told where the file does not hold it.
READING = ("flow", "fuel", "interval_start_utc", "interval_minutes", "energy_kwh", "register_kwh", "rule_id")
NAMES = ("tariff_id", "location_id", "region")
OF_FILE = ("row_number", "raw_row", "reason", "available_at_utc", "building_id", "site_id")


def read(source: Source | None, files: list[Path]) -> list[Any]:
    """What a source makes of files: the readings with meters by their order, or the rows of a reference table."""
    if source is None:
        return []
    parse = parse_readings if source.kind is Kind.READINGS else parse_reference
    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            tables = parse(Content.at(str(file), file.name), source, LANDED)
            rows += [row for table in tables for row in table.to_pylist()]
        except FileFault as fault:
            rows.append({"rule_id": fault.rule_id})
    if source.kind is not Kind.READINGS:
        return [{k: v for k, v in row.items() if k not in (*OF_FILE, *NAMES)} for row in rows if row["rule_id"] is None]
    order: dict[str | None, int] = {}
    return [
        (order.setdefault(row.get("meter_id"), len(order)), *(_rounded(row.get(name)) for name in READING))
        for row in rows
        if row["rule_id"] is None
    ]


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def layouts(folder: Path, shipped: Iterable[str]) -> list[tuple[str, Source, list[Path]]]:
    """Name, source and files of each case and of the shipped sources.

    A case whose YAML is one to be refused has no answer to compare with.
    """
    found = []
    for case in sorted(path for path in CASES.iterdir() if path.is_dir()):
        source = loads(case / f"{case.name}.yaml")
        if source is not None:
            found.append((case.name, source, sorted(path for path in case.iterdir() if path.suffix != ".yaml")))
    return [*found, *((name, SHIPPED[name], [sample_of(name, folder)]) for name in shipped)]


def loads(path: Path) -> Source | None:
    try:
        return load_source(path)
    except BadConfig:
        return None


def sample_of(name: str, folder: Path) -> Path:
    file, data = SAMPLES[name]
    path = folder / file
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    os.utime(path, (LANDED.timestamp(), LANDED.timestamp()))
    return path


def unsure(proposal: Proposal) -> bool:
    return bool(proposal.guesses.open_questions) or any(not g.sure for g in proposal.guesses.of_keys.values())


@pytest.mark.parametrize(
    ("shipped", "known"),
    [
        # By what the files say alone; without the exports, whose two rows tell no length and no zone.
        pytest.param(OLDER, {}, id="unknown"),
        # As the job proposes: it knows the sources that ship.
        pytest.param(SAMPLES, SHIPPED, id="known"),
    ],
)
def test_four_in_five_layouts_are_proposed_right_and_the_others_say_that_they_are_unsure(
    shipped: Iterable[str], known: dict[str, Source], tmp_path: Path
) -> None:
    wrong, certain = [], []
    looked_at = layouts(tmp_path, shipped)
    for name, source, files in looked_at:
        try:
            proposal = propose(files, LANDED, known)
        except EnergyError:
            # An archive of files is told, and never read.
            assert files[0].suffix == ".zip"
            continue
        if read(proposal.source, files) != read(source, files):
            wrong.append(name)
            certain += [] if unsure(proposal) else [name]
    assert certain == []
    assert len(wrong) <= 0.2 * len(looked_at), wrong


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_of_an_export_that_is_unknown_what_is_wrong_says_that_it_is_unsure(name: str, tmp_path: Path) -> None:
    files = [sample_of(name, tmp_path)]
    proposal = propose(files, LANDED)
    assert unsure(proposal) or read(proposal.source, files) == read(SHIPPED[name], files)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_shipped_source_has_a_sample_that_it_reads(name: str, tmp_path: Path) -> None:
    assert read(SHIPPED[name], [sample_of(name, tmp_path)])


def test_the_samples_are_of_all_shipped_sources() -> None:
    # Messages are no files.
    files = {name for name, source in SHIPPED.items() if source.format is not Format.KAFKA}
    assert files - set(SAMPLES) <= {"cambridge_buildings"}


# Two sources read the file of Liander: what is proposed is the one that names more of its columns.
@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"nem12", "green_button", "liander_gas"}))
def test_a_file_of_a_shipped_layout_gets_the_shipped_yaml(name: str, tmp_path: Path) -> None:
    files = [sample_of(name, tmp_path)]
    proposal = propose(files, LANDED, SHIPPED)
    assert read(proposal.source, files) == read(SHIPPED[name], files)
    assert proposal.source is not None
    assert proposal.source.time == SHIPPED[name].time

"""The small files of tests/cases, each with the YAML that a user would write, parsed for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.sources.loading import load_source
from energy_lib.landing.sources.source import Kind

CASES = Path(__file__).parent / "cases"
LANDED = datetime(2025, 12, 1, tzinfo=UTC)


def case_rows(case: str, file: str) -> list[dict[str, Any]]:
    """The rows of a case's file as parsing gives them; raises BadConfig or FileFault."""
    source = load_source(CASES / case / f"{case}.yaml")
    parse = parse_readings if source.kind is Kind.READINGS else parse_reference
    tables = parse(Content.at(str(CASES / case / file), f"{case}/{file}"), source, LANDED)
    return [row for table in tables for row in table.to_pylist()]

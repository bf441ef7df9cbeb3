"""The house rules that a machine can read: sizes, names, comments, suites that fit their tables."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_lib.catalog import tables_by_name
from energy_lib.quality.suites import SUITES_DIR, suite_columns
from energy_lib.tables import Table

ROOT = Path(__file__).parents[2]
FILE_LINES, FUNCTION_LINES = 250, 60
SOURCES = sorted(
    path for folder in ("energy_lib", "jobs", "benchmarks", "docs_site") for path in (ROOT / folder).rglob("*.py")
)
TABLES = tables_by_name()
SUITES = sorted(SUITES_DIR.glob("*.json"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_and_functions_stay_small() -> None:
    long_files = [f"{p.relative_to(ROOT)}: {n}" for p in SOURCES if (n := len(p.read_text().splitlines())) > FILE_LINES]
    long_functions = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length}"
        for path in SOURCES
        for node in functions(path)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert not long_files
    assert not long_functions


def test_nothing_is_called_utils() -> None:
    assert not [path for path in SOURCES for part in path.parts if "util" in part and part != "utility.py"]


def test_the_library_asks_no_clock_for_the_day() -> None:
    """A default argument never reads it: the period is given, and only the entry asks what today is."""
    for path in SOURCES:
        for node in functions(path):
            defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
            calls = [ast.unparse(d) for d in defaults if isinstance(d, ast.Call)]
            assert not [call for call in calls if "now(" in call or "today(" in call], f"{path}:{node.lineno}"


def test_every_job_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    jobs = [path.stem for path in (ROOT / "jobs").glob("*.py") if path.stem != "__init__"]
    assert not [job for job in jobs if job not in readme]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_and_column_has_a_comment(table: Table) -> None:
    assert table.comment
    assert not [column.name for column in table.columns if not column.comment.strip()]


@pytest.mark.parametrize("path", SUITES, ids=[path.stem for path in SUITES])
def test_a_suite_fits_its_table(path: Path) -> None:
    suite = json.loads(path.read_text())
    assert suite["name"] == path.stem
    assert path.stem in TABLES, f"{path.name} names no table"
    assert not set(suite_columns(suite)) - set(TABLES[path.stem].column_names)
    for expectation in suite["expectations"]:
        assert expectation["severity"] in ("critical", "warning")
        assert expectation["meta"]["notes"], f"{expectation['type']} does not say why it is there"

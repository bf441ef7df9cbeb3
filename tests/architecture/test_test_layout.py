"""What the tests' folders promise."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_unit_tests_start_no_spark() -> None:
    asking = [
        f"{path.name}: {node.name}"
        for path in (TESTS / "unit").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and any(argument.arg == "spark" or "Lake" in ast.unparse(argument) for argument in node.args.args)
    ]
    assert not asking, "tests with a Spark session belong to tests/spark"

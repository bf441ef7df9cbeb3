"""Text is UTF-8 whatever the locale: who opens a file or a pipe as text says so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for room in ("energy_lib", "jobs", "benchmarks") for path in (ROOT / room).rglob("*.py"))
TEXT_METHODS = ("read_text", "write_text")
OPENERS = ("open", "fdopen", "NamedTemporaryFile", "TextIOWrapper")
PROCESSES = ("run", "Popen", "check_output")


def silent(tree: ast.AST) -> Iterator[int]:
    """Lines of calls that take the locale's encoding."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "encoding" in given:
            continue
        as_text = isinstance(given.get("text"), ast.Constant) and given["text"].value is True  # type: ignore[union-attr]
        if name in TEXT_METHODS or (name in PROCESSES and as_text) or (name in OPENERS and _mode(call) in "rtwax+"):
            yield call.lineno


def _mode(call: ast.Call) -> str:
    """The mode of an opening as text ('r', 'w' …); one that no text has for others."""
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    modes = [text for text in texts if text and set(text) <= set("rwaxbt+")]
    keyword = next(
        (k.value.value for k in call.keywords if k.arg == "mode" and isinstance(k.value, ast.Constant)), None
    )
    mode = str(keyword or (modes[0] if modes else ""))
    return mode[0] if mode and "b" not in mode else "binary or another library's"


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(ROOT)) for file in FILES])
def test_text_is_opened_with_its_encoding(file: Path) -> None:
    assert list(silent(ast.parse(file.read_text(encoding="utf-8")))) == []


def test_the_check_sees_what_it_is_for() -> None:
    bad = "path.read_text()\npath.open('w')\nsubprocess.run(x, text=True)\nopen(p, 'r')"
    good = "path.read_text(encoding='utf-8')\npath.open('rb')\nsubprocess.run(x)\ntarfile.open(p, 'r:gz')"
    assert list(silent(ast.parse(bad))) == [1, 2, 3, 4]
    assert list(silent(ast.parse(good))) == []

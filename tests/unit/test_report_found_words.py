"""What tables say in words is German on a German page; what no template fits is English, and marked so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from report_lake import HOSTILE

from energy_lib.reporting.found_words import found
from energy_lib.reporting.words import words_of

ROOMS = Path(__file__).parents[2] / "energy_lib" / "insights" / "recommendations"
SAID_BY = ("what", "assumption", "interval_is")
# What an f-string puts in, by the name in the code; all else is a number.
PLACES = {"kind": "holiday", "moved": "a tenth of what it uses above its base load", "named": "stuck since 2024-05-01"}


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("The base load is 4.25 kW, 1.5 kW above what this meter has managed.",
         "Die Grundlast ist 4,25 kW, 1,5 kW über dem, was dieser Zähler schon erreicht hat."),
        ("It ran as if open on 8 of 104 weekend days of the last year. The same shows on 2 more meters.",
         "Es lief an 8 von 104 Wochenendtagen des letzten Jahres wie geöffnet. "
         "Dasselbe zeigt sich an 2 weiteren Zählern."),
        ("It ran as if open on 8 of 104 weekend days of the last year. The same shows on one more meter.",
         "Es lief an 8 von 104 Wochenendtagen des letzten Jahres wie geöffnet. "
         "Dasselbe zeigt sich an einem weiteren Zähler."),
        ("The temperature explains 71% of the heating; days scatter by 40%.",
         "Die Temperatur erklärt 71\N{NO-BREAK SPACE}% des Heizens; die Tage streuen um 40\N{NO-BREAK SPACE}%."),
        ("Open faults: stuck since 2024-05-01, dead since 2024-05-03.",
         "Offene Fehler: steht auf einem Wert seit 2024-05-01, tot: nur Nullen seit 2024-05-03."),
        ("90 % interval of the slope", "90-%-Intervall der Steigung"),
    ],
)  # fmt: skip
def test_a_sentence_is_told_in_german(english: str, german: str) -> None:
    assert found(english, words_of("de")) == german
    assert found(english, words_of("en")) == english


def test_what_fits_no_template_is_marked_english() -> None:
    german = words_of("de")
    assert found("Something new was found.", german) == '<span lang="en">Something new was found.</span>'
    other = "Something new was found. The same shows on 2 more meters."
    assert found(other, german) == f'<span lang="en">{other}</span>'
    for language in ("en", "de"):
        assert "<script" not in found(f"Tariff {HOSTILE} would have cost 5 GBP a year less for the same hours.",
                                      words_of(language))  # fmt: skip


def sentences(node: ast.expr) -> Iterator[str]:
    """Every sentence that an expression of the code may give."""
    if isinstance(node, ast.IfExp):
        yield from (*sentences(node.body), *sentences(node.orelse))
    elif isinstance(node, ast.BinOp):
        yield from (left + right for left in sentences(node.left) for right in sentences(node.right))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            part.value if isinstance(part, ast.Constant) else PLACES.get(ast.unparse(part.value), "7")
            for part in node.values
            if isinstance(part, ast.FormattedValue | ast.Constant)
        )
    elif isinstance(node, ast.Constant):
        yield str(node.value)


def test_every_sentence_that_recommendations_make_has_its_template() -> None:
    said = set()
    for path in ROOMS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in SAID_BY:
                said.update(sentences(node.value))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Suppressed":
                said.update(sentences(node.args[0]))
    assert len(said) > 60
    assert sorted(each for each in said if each and "<span" in found(each, words_of("de"))) == []

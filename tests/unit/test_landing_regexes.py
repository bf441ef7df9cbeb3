"""A source's regular expressions: linear in the text, and of what they can say the same as Python's."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from energy_lib.landing.sources.linear_regex import first_group, require_linear
from energy_lib.landing.sources.loading import SHIPPED, load_source
from energy_lib.landing.sources.yaml_sections import Meter

CATASTROPHIC = ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){25}$"]


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_a_catastrophic_pattern_takes_no_time(pattern: str) -> None:
    require_linear(pattern)
    began = time.process_time()
    for text, lines in (("a" * 5000 + "!", False), (("a" * 5000 + "!\n") * 20, True)):
        assert first_group(pattern, text, lines=lines) in (None, "", "a" * 5000)
    # Python would take hours.
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "missing \\)|missing \\)|unterminated"),
        ("(?=a)", "lookarounds and backreferences"),
        ("(?<!a)b", "lookarounds and backreferences"),
        (r"(a)\1", "invalid escape"),
        ("a{1000}{1000}", "bad repetition|too large|multiple repeat"),
        ("((((a{100}){100}){100}){100})", "repetition|too large"),
        ("x" * 1001, "more than 1000 letters"),
    ],
)
def test_a_pattern_that_is_none_or_not_linear_is_a_sentence(pattern: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as refused:
        Meter(file_name=pattern)
    assert "is not a regular expression" in str(refused.value)


parts = st.sampled_from(
    ["a", "b", ".", "[ab]", "(a)", "(b|ab)", "(?:a|b)", "a*", "b+?", "a?", "^", "$", "(a*)", r"\d", "_"]
)


@given(st.lists(parts, min_size=1, max_size=6).map("".join), st.text("ab1_\n", max_size=12), st.booleans())
def test_it_finds_what_python_finds(pattern: str, text: str, lines: bool) -> None:
    try:
        require_linear(pattern)
    except ValueError:
        assume(False)
    # Python's $ also stands before a last line break.
    assume(not text.endswith("\n"))
    match = re.search(pattern, text, re.MULTILINE if lines else 0)
    # Of several ways to match from one place Python takes the first, as RE2 does by its leftmost-first rule.
    expected = None if match is None else (match.group(1) or "") if match.groups() else match.group(0)
    assert first_group(pattern, text, lines=lines) == expected


def test_the_shipped_patterns_find_their_meters() -> None:
    names = {
        "homewizard_p1": ("P1e-2024-1-31.csv", "2024-1-31"),
        "elhub": ("meteringvalues-mp-707057500012345678-consumption.csv", "707057500012345678"),
        "pjm_hourly": ("AEP_hourly.csv", "AEP"),
        "n3rgy": ("1234567890123_electricity.csv", "1234567890123"),
        "octopus": ("Zähler 1.csv.csv", "Zähler 1"),
    }
    for name, (file, meter_id) in names.items():
        meter = load_source(SHIPPED / f"{name}.yaml").meter
        assert meter is not None
        assert meter.file_name is not None
        assert first_group(meter.file_name, file) == meter_id
    above = load_source(SHIPPED / "pge.yaml").meter
    assert above is not None
    assert above.above_header is not None
    assert first_group(above.above_header, 'Name,X\nAccount Number,"123"\n', lines=True) == "123"

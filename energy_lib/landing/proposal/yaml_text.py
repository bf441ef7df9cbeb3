"""A proposal as the YAML that a user keeps: each key with its evidence, and what the file did not tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from energy_lib.landing.proposal.guess import Guess, Guesses
from energy_lib.landing.sources.source import Source

UNSURE = "UNSURE: "
# Comments stand in one column where the lines leave room.
COMMENT_COLUMN = 44


def yaml_lines(guesses: Guesses) -> Iterator[str]:
    """The lines of the YAML, in the order of docs/sources.md; what is unsure says so in its comment."""
    order = list(Source.model_fields)
    sections: dict[str, list[Guess]] = {}
    for guess in guesses.of_keys.values():
        sections.setdefault(guess.key.split(".")[0], []).append(guess)
    for section in sorted(sections, key=order.index):
        within = sections[section]
        if len(within) == 1 and "." not in within[0].key:
            yield _line(section, within[0], "")
            continue
        yield f"{section}:"
        for guess in within:
            yield _line(guess.key.split(".", 1)[1], guess, "  ")
    for question in guesses.open_questions:
        yield f"# {UNSURE}{question}"


def _line(key: str, guess: Guess, indent: str) -> str:
    text = f"{indent}{key}: {_flow_style(guess.value)}"
    comment = ("" if guess.sure else UNSURE) + guess.evidence
    return f"{text:<{COMMENT_COLUMN}}  # {comment}".rstrip(" #") if comment else text


def _flow_style(value: Any) -> str:
    dumped = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    return dumped.removesuffix("\n").removesuffix("\n...")

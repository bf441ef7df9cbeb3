"""What is proposed for a key of a source's YAML, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Guess:
    """`key` is dotted (`time.zone`); `evidence` is one sentence; `sure` is false where the file does not tell."""

    key: str
    value: Any
    evidence: str
    sure: bool = True


@dataclass(slots=True)
class Guesses:
    """All that is proposed, in the order of the YAML, and what a file leaves open beside it."""

    of_keys: dict[str, Guess] = field(default_factory=dict)
    open_questions: list[str] = field(default_factory=list)

    def add(self, key: str, value: Any, evidence: str, *, sure: bool = True) -> None:
        self.of_keys[key] = Guess(key, value, evidence, sure)

    def drop(self, section: str) -> None:
        """Take back what was proposed for a section."""
        self.of_keys = {key: guess for key, guess in self.of_keys.items() if key.split(".")[0] != section}

    def ask(self, question: str) -> None:
        self.open_questions.append(question)

    def value(self, key: str, default: Any = None) -> Any:
        guess = self.of_keys.get(key)
        return default if guess is None else guess.value

    def sections(self) -> dict[str, Any]:
        """The keys as the YAML nests them."""
        nested: dict[str, Any] = {}
        for guess in self.of_keys.values():
            place = nested
            *sections, last = guess.key.split(".")
            for section in sections:
                place = place.setdefault(section, {})
            place[last] = guess.value
        return nested

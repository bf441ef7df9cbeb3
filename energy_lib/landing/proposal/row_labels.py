"""Columns of words that hold for a row: fuel, flow, quality and the length of the interval."""

from __future__ import annotations

import re

import pandas as pd

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_words import EXPORT, FUEL, GENERATION, IMPORT, NET, QUALITY, says, words
from energy_lib.landing.sources.allowed_values import VOLUMES, Unit

FUELS = {
    "electricity": "electricity electric elec strom elektriciteit electricite elettricita power e el",
    "gas": "gas gaz erdgas aardgas g naturalgas",
    "heat": "heat warme warmte chaleur fernwarme districtheat heating",
    "cooling": "cooling cold kalte koude froid",
}
QUALITIES = {
    "measured": "measured actual a ok uitgelezen gemessen reel real w v valid validated good true as_read metered r",
    "estimated": "estimated e geschat ersatzwert estime stimato estimada est estimate s interpolated substituted bad",
    "edited": "edited corrected manual c",
}
LABELS = 12
_DURATION = re.compile(r"^P(T?\d+(D|H|M|MIN))+$|^\d{1,3}( ?min)?$|^\d{2}:\d{2}:\d{2}$")


def row_labels(cells: pd.DataFrame, used: set[str], guesses: Guesses) -> None:
    """Adds `fuel`, `flow`, `value.sum_over` and `quality` of columns; those that it finds are added to `used`."""
    few = {str(name): [t for t in cells[name].unique() if t] for name in cells if name not in used}
    few = {name: texts for name, texts in few.items() if 0 < len(texts) <= LABELS}
    _fuel(few, used, guesses)
    _flow(few, used, guesses)
    _quality(few, used, guesses)


def _fuel(few: dict[str, list[str]], used: set[str], guesses: Guesses) -> None:
    for name, texts in few.items():
        mapping = _mapped(texts, FUELS)
        if says(name, FUEL) and mapping is not None:
            used.add(name)
            guesses.add("fuel.column", name, f"{name} says {', '.join(texts[:3])}")
            unlike = {text: fuel for text, fuel in mapping.items() if text.lower() != fuel}
            if unlike:
                guesses.add("fuel.mapping", unlike, "")
            return


def fuel_of_file(unit: Unit | None, context: str, guesses: Guesses) -> None:
    """Adds `fuel` where no column says it."""
    if guesses.value("fuel.column") is not None:
        return
    named = set(words(context))
    gas = unit in VOLUMES or bool({"gas", "gaz", "erdgas"} & named)
    electric = bool({"electric", "electricity", "strom", "elektriciteit", "elec"} & named)
    why = "the unit or the names say so" if gas or electric else "nothing names a fuel; most meters count electricity"
    guesses.add("fuel", "gas" if gas and not electric else "electricity", why, sure=gas or electric)


def _flow(few: dict[str, list[str]], used: set[str], guesses: Guesses) -> None:
    for name, texts in few.items():
        mapping = {text: flow for text in texts if (flow := flow_of(text)) is not None}
        if len(mapping) < len(texts) or not (len(texts) > 1 or says(name, "flow direction richting")):
            continue
        used.add(name)
        guesses.add("flow.column", name, f"{name} says {', '.join(texts[:4])}")
        guesses.add("flow.mapping", mapping, "")
        if len(set(mapping.values())) < len(mapping):
            guesses.add("value.sum_over", name, f"{name} has several tariffs of one flow")
        return


def flow_of(text: str) -> str | None:
    """The flow that a text or a column's name says."""
    for flow, vocabulary in (("export", EXPORT), ("net", NET), ("generation", GENERATION), ("import", IMPORT)):
        if says(text, vocabulary):
            return flow
    return None


def _quality(few: dict[str, list[str]], used: set[str], guesses: Guesses) -> None:
    for name, texts in few.items():
        if name in used or not says(name, QUALITY):
            continue
        mapping = {text: word for text in texts if (word := _word(text, QUALITIES)) is not None}
        yes = {text: "estimated" for text in texts if text.lower() in ("ja", "yes", "true", "oui", "y", "1")}
        if says(name, "ersatzwert estimated") and yes:
            mapping = yes
        if not mapping:
            continue
        used.add(name)
        unknown = [text for text in texts if text not in mapping]
        sure = not unknown
        why = f"{name} says {', '.join(texts[:4])}"
        guesses.add("quality.column", name, why, sure=sure)
        unlike = {text: word for text, word in mapping.items() if text.lower() != word}
        if unlike:
            guesses.add("quality.mapping", unlike, f"unknown: {', '.join(unknown)}" if unknown else "", sure=sure)
        return


def length_column(cells: pd.DataFrame, used: set[str]) -> str | None:
    """A column with the interval's length: PT15M, 00:15:00, or minutes."""
    for name in map(str, cells):
        texts = [text for text in cells[name].unique() if text]
        named = says(name, "resolution resoluution resoluutio interval minutes duration length auflosung resolutie mtu")
        if name in used or not texts or len(texts) > LABELS or not all(_DURATION.match(text) for text in texts):
            continue
        iso = all(text.startswith("P") for text in texts)
        if iso or (named and all(text in ("5", "10", "15", "30", "60", "1440") or ":" in text for text in texts)):
            used.add(name)
            return name
    return None


def _mapped(texts: list[str], vocabulary: dict[str, str]) -> dict[str, str] | None:
    mapping = {text: _word(text, vocabulary) for text in texts}
    known = {text: word for text, word in mapping.items() if word is not None}
    return known if len(known) == len(texts) else None


def _word(text: str, vocabulary: dict[str, str]) -> str | None:
    own = "".join(words(text))
    return next((word for word, known in vocabulary.items() if own in known.split() or own == word), None)

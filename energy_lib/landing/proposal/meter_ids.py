"""Where the meter's id stands: a column, the file's name, or nowhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_ids import id_above_header
from energy_lib.landing.proposal.header_words import FUEL, METER, NO_VALUE, QUALITY, UNIT, VALUE, says

# Names that say more of an id than others do, the best first.
BEST = (
    "mpan mprn ean eancode eancodeasn gsrn nmi pod cups prm pdl esiid esi lclid meteringpointgsrn",
    "meterid meter zahler zahlernummer zahlpunkt messstelle metering supply maalepunkt malepunkt malepunktsid contador "
    "compteur",
    "id statistic entity",
)
# Beside these names, others are ids only where nothing else is.
OTHER_IDS = "building gebaude product code postcode account tariff type metertype zipcode source kind"
# A part of a file's name that is not longer is no name of a meter by itself.
LETTERS = 2


def meter_ids(
    cells: pd.DataFrame, used: frozenset[str], files: Sequence[str], guesses: Guesses, preamble: str = ""
) -> str | None:
    """Adds `meter`; returns the column if it is one. `used` are columns that hold something else.

    `preamble` is the text above the header.
    """
    candidates = [name for name in map(str, cells) if name not in used and says(name, METER) and _are_ids(cells[name])]
    own = [name for name in candidates if says(name, BEST[0]) or not says(name, OTHER_IDS)] or candidates
    if own:
        best = min(own, key=lambda name: next((at for at, known in enumerate(BEST) if says(name, known)), len(BEST)))
        number = cells[best].nunique()
        many = f"holds {number:,} ids, such as" if number > 1 else "holds the id"
        guesses.add("meter.column", best, f"{best} {many} {cells[best].iloc[0]}", sure=says(best, " ".join(BEST)))
        return best
    above = id_above_header(preamble)
    if above is not None:
        guesses.add("meter.above_header", above[0], f"the lines above the header name {above[1]}", sure=False)
        return None
    other = _other_texts(cells, used)
    if other is not None:
        guesses.add(
            "meter.column", other, f"{other} holds texts that come again, such as {cells[other].iloc[0]}", sure=False
        )
        return other
    if len(files) > 1 and (pattern := _pattern(files)) is not None:
        guesses.add("meter.file_name", pattern, "no column names a meter, and the files' names differ", sure=False)
        return None
    stem = re.sub(r"\.(csv|txt|gz|xml|json|parquet)\b", "", files[0])
    why = "no column names a meter: name it here, or take the id from the files' names by meter.file_name"
    guesses.add("meter.constant", stem, why, sure=False)
    return None


def _other_texts(cells: pd.DataFrame, used: frozenset[str]) -> str | None:
    """A column of texts that come again, and that no word says to be something else."""
    labels = f"{QUALITY} {FUEL} {UNIT} {NO_VALUE} {VALUE} {OTHER_IDS} register direction flow description"
    texts = [name for name in map(str, cells) if name not in used and not says(name, labels) and _are_ids(cells[name])]
    return next((name for name in texts if cells[name].str.contains(r"[A-Za-z]", regex=True).all()), None)


def _are_ids(texts: pd.Series) -> bool:
    filled = texts[texts != ""]
    if len(filled) < 0.9 * len(texts) or len(filled) == 0:
        return False
    distinct = filled.nunique()
    # Ids come again from stamp to stamp, and are no decimal fractions.
    return not filled.str.fullmatch(r"[+-]?\d+[.,]\d+").any() and (distinct <= 0.5 * len(filled) or distinct == 1)


def _pattern(files: Sequence[str]) -> str | None:
    """The part of the files' names in which they differ, as a regular expression."""
    first = re.sub(r"[A-Za-z0-9]*$", "", _common(files))
    last = re.sub(r"^[A-Za-z0-9]*", "", _common([name[::-1] for name in files])[::-1])
    if any(len(name) <= len(first) + len(last) for name in files):
        return None
    if max(len(name) - len(first) - len(last) for name in files) <= LETTERS:
        # home-a and home-b: letters alone are no names.
        first = re.sub(r"[A-Za-z0-9]+[^A-Za-z0-9]$", "", first)
    return f"^{re.escape(first)}(.+){re.escape(last)}$".replace(r"\-", "-").replace(r"\_", "_")


def _common(names: Sequence[str]) -> str:
    """The longest beginning that all names have."""
    alike = zip(*names, strict=False)
    length = next((at for at, letters in enumerate(alike) if len(set(letters)) > 1), min(map(len, names)))
    return names[0][:length]

"""The unit of the values: from the column's name, a column of units, the lines above the header, or the cells."""

from __future__ import annotations

import re

import pandas as pd

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_words import UNIT, says, without_accents
from energy_lib.landing.proposal.written_numbers import Numbers
from energy_lib.landing.sources.allowed_values import Unit

_UNIT = re.compile(
    r"(?<![A-Za-z])(k|M)?(Wh?)(?![A-Za-z])|(?<![A-Za-z])(m3|m³)(?![A-Za-z0-9])"
    r"|(?<![A-Za-z])(GJ|MJ|therms?|mmbtu|btu|ccf|ft3)(?![A-Za-z])",
    re.IGNORECASE,
)
OTHER_UNITS = {unit.value.lower(): unit for unit in (Unit.GJ, Unit.MJ, Unit.MMBTU, Unit.BTU, Unit.CCF, Unit.FT3)}
OTHER_UNITS |= {"therm": Unit.THERM, "therms": Unit.THERM}
# A home draws single kW, a grid thousands of MW.
GRID_MW = 1_000
POWER_WORDS = "power leistung puissance demand load potencia last"


def unit_in(text: str) -> Unit | None:
    """The unit that a text names: kWh, `KWH/hh`, `AEP_MW`, m³."""
    match = _UNIT.search(re.sub(r"[_/]", " ", without_accents(text)))
    if match is None:
        return None
    if match[3]:
        return Unit.M3
    if match[4]:
        return OTHER_UNITS[match[4].lower()]
    # mWh would be a thousandth of a Wh, which nobody bills: a header in one case means MWh.
    prefix = {"k": "k", "m": "M", "": ""}[(match[1] or "").lower()]
    return Unit(prefix + "W" + ("h" if len(match[2]) == 2 else ""))


def value_unit(cells: pd.DataFrame, name: str, preamble: str, numbers: Numbers, guesses: Guesses) -> Unit | None:
    """Adds `value.unit`, or `value.unit_column` with `value.units`; returns the unit if it is one."""
    said = unit_in(name)
    if said is not None:
        guesses.add("value.unit", said.value, f"the name {name!r} says it")
        return said
    column = next((c for c in map(str, cells) if says(c, UNIT) and c != name and _are_units(cells[c])), None)
    if column is not None:
        units = cells[column].unique().tolist()
        if len(units) == 1 and (one := unit_in(units[0])) is not None:
            guesses.add("value.unit", one.value, f"{column} says {units[0]} in each row")
            return one
        guesses.add("value.unit_column", column, f"{column} says {', '.join(units[:4])}")
        return None
    for text, where in ((numbers.unit_in_cell or "", "the cells say"), (preamble, "the lines above the header say")):
        found = unit_in(text)
        if found is not None:
            guesses.add("value.unit", found.value, f"{where} {found.value}")
            return found
    if says(name, POWER_WORDS):
        unit = Unit.MW if numbers.values.median() >= GRID_MW else Unit.KW
        why = f"{name} is a word for power; the unit is guessed from the size of the values"
        guesses.add("value.unit", unit.value, why, sure=False)
        return unit
    guesses.add("value.unit", Unit.KWH.value, "nothing names the unit", sure=False)
    return Unit.KWH


def _are_units(texts: pd.Series) -> bool:
    distinct = texts.unique()
    return 0 < len(distinct) <= 8 and all(unit_in(text) is not None and len(text) <= 6 for text in distinct)

"""How a column writes numbers: the decimal sign, the sign between thousands, and what stands for no value."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd

_COMMA_DECIMAL = re.compile(r"^[+-]?\d{1,3}(\.\d{3})*,\d+$|^[+-]?\d+,\d+$")
_COMMA_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_POINT_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(\.\d{3}){2,}(,\d+)?$|^[+-]?\d{1,3}(\.\d{3})+,\d+$")
_WITH_UNIT = re.compile(r"^[+-]?[\d.,]+\s*(?P<unit>[kM]?Wh?|m3|m³)$")
WORDS_FOR_NONE = {"null", "nan", "na", "n/a", "none", "-", "--", "?", "missing", "empty", "no value"}


@dataclass(frozen=True, slots=True)
class Numbers:
    """`values` are NaN where a text is no number; `missing` are texts that stand for no value."""

    values: pd.Series
    decimal: str
    thousands: str | None
    missing: tuple[str, ...]
    evidence: str
    sure: bool = True
    unit_in_cell: str | None = None


def written_numbers(texts: pd.Series, separator: str = ";") -> Numbers:
    """`separator` parts the fields of the file, and decides where a comma may be either sign."""
    filled = texts[texts != ""]
    unit = next((match["unit"] for text in filled.head(1000) if (match := _WITH_UNIT.match(text))), None)
    commas = filled[filled.str.contains(",", regex=False)]
    decimal, thousands, evidence, sure = ".", None, "", True
    if len(commas):
        decimal, thousands, evidence, sure = _commas(filled, commas, separator)
    elif (pointed := filled[filled.str.match(_POINT_THOUSANDS)]).size:
        decimal, thousands, evidence = ",", ".", f"{pointed.iloc[0]} has two points"
    values = _values(texts, decimal, thousands)
    left = Counter(filled[values.reindex(filled.index).isna()])
    missing = tuple(text for text, _ in left.most_common(5) if text.lower() in WORDS_FOR_NONE)
    return Numbers(values, decimal, thousands, missing, evidence, sure, unit)


def _commas(filled: pd.Series, commas: pd.Series, separator: str) -> tuple[str, str | None, str, bool]:
    """A comma is the decimal sign, unless three digits follow each and a point or none comes after."""
    as_thousands = commas.str.match(_COMMA_THOUSANDS)
    as_decimal = commas.str.match(_COMMA_DECIMAL)
    only_decimal, only_thousands = commas[as_decimal & ~as_thousands], commas[as_thousands & ~as_decimal]
    zero_first = commas[commas.str.match(r"^[+-]?0\d*,")]
    if len(only_decimal) or len(zero_first):
        shown = (only_decimal if len(only_decimal) else zero_first).iloc[0]
        points = filled[filled.str.match(_POINT_THOUSANDS)]
        return ",", "." if len(points) else None, f"{shown} has a decimal comma", True
    shown = commas.iloc[0]
    if len(only_thousands) or filled.str.contains(r"\.\d", regex=True).any():
        return ".", ",", f"{shown} has commas between thousands", True
    if separator == ",":
        return ".", ",", f"{shown} may have a comma between thousands, as fields are parted by commas", False
    return ",", None, f"{shown} may be a decimal comma or one between thousands", False


def _values(texts: pd.Series, decimal: str, thousands: str | None) -> pd.Series:
    plain = texts
    if thousands:
        plain = plain.str.replace(thousands, "", regex=False)
    if decimal != ".":
        plain = plain.str.replace(decimal, ".", regex=False)
    return pd.to_numeric(plain, errors="coerce").astype(float)

"""Regular expressions of a source's YAML, matched in time that is linear in the text, whatever they are.

Python's `re` tries all ways to match, and a pattern such as (a+)+$ then takes hours for a name of forty letters. Arrow
brings RE2, which does not; it knows neither lookarounds nor backreferences, and its \\w and \\d are ASCII.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

LONGEST_PATTERN = 1000


def require_linear(pattern: str) -> None:
    """Raises ValueError for what is no regular expression of RE2, or has no number of groups that Python counts."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"it has more than {LONGEST_PATTERN} letters")
    try:
        re.compile(pattern)
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, pa.ArrowInvalid, RecursionError, OverflowError) as error:
        what = str(error).removeprefix("Invalid regular expression: ")
        hint = "; lookarounds and backreferences are not known here" if "invalid perl operator" in what else ""
        raise ValueError(f"{what}{hint}") from None


def first_group(pattern: str, text: str, *, lines: bool = False) -> str | None:
    """The first group of the leftmost match, or the match if there is no group; None without a match.

    `lines`: ^ and $ are the ends of each line, not of the text. `pattern` is one that `require_linear` took.
    """
    texts = pa.array([text.encode("utf-8", "replace").decode("utf-8")])
    matching = f"(?m:{pattern})" if lines else f"(?:{pattern})"
    if not pc.match_substring_regex(texts, matching)[0].as_py():
        return None
    group = 2 if re.compile(pattern).groups else 1
    around = rf"\A(?s:.*?)({matching})(?s:.*)\z"
    return str(pc.replace_substring_regex(texts, around, rf"\{group}", max_replacements=1)[0].as_py())

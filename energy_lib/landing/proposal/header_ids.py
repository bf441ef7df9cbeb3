"""The id of a meter in the lines above the header: beside a word for it, or below one."""

from __future__ import annotations

import re
from itertools import pairwise

from energy_lib.landing.proposal.header_words import METER, says

LABELS = f"{METER} account contract identifiant konto compte cuenta conto"
_FIELDS = re.compile(r"\s*[,;\t:]\s*")
# An id has digits, and is no date and no count.
_ID = re.compile(r"^(?=(?:\D*\d){5})[A-Za-z0-9]{5,34}$")


def id_above_header(preamble: str) -> tuple[str, str] | None:
    """A regex whose first group is the id, and what it finds; None if no line names one."""
    lines = [[field.strip(' "=') for field in _FIELDS.split(line.lstrip("\ufeff"))] for line in preamble.splitlines()]
    for fields in lines:
        if len(fields) > 1 and says(fields[0], LABELS) and _ID.match(fields[1]):
            return f"^{re.escape(fields[0])}\\W+(\\w+)".replace("\\ ", " "), fields[1]
    for labels, fields in pairwise(lines):
        if len(labels) == len(fields) > 1 and says(labels[0], LABELS) and _ID.match(fields[0]):
            shape = rf"\d{{{len(fields[0])}}}" if fields[0].isdigit() else r"\w+"
            return f"^({shape})\\W", fields[0]
    return None

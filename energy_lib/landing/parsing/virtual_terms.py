"""Virtual meters are declared by several rows together: what is wrong with one of them costs the virtual meter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.arrow_columns import replaced
from energy_lib.landing.parsing.parse_failures import BrokenRules, Mask
from energy_lib.vocabulary import Flow

SIGNS = (1.0, -1.0)
Row = dict[str, Any]


def whole_declarations(table: pa.Table) -> pa.Table:
    """A file's terms (columns of silver.virtual_meters), each virtual meter's either all right or all broken.

    `table`: the rows of one file as they were parsed, with raw_row, rule_id and reason. A sum that lacks a term would
    be wrong without a word. So a row that cannot be told to belong to a virtual meter costs all of the file.
    """
    rows: list[Row] = table.to_pylist()
    rules = BrokenRules(len(rows))
    rules.adopt(table["rule_id"].combine_chunks(), table["reason"].combine_chunks())
    of_meter: dict[str | None, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        of_meter[row["virtual_meter_id"]].append(place)
    _mark_signs(rows, rules)
    _mark_repeated(rows, rules)
    _mark_flows(rows, of_meter, rules)
    _mark_the_others(rows, of_meter, rules)
    rule_id, reason = rules.arrays()
    texts = [_text(row) if broken else None for row, broken in zip(rows, rules.broken, strict=True)]
    for name, column in (("rule_id", rule_id), ("reason", reason), ("raw_row", pa.array(texts, pa.string()))):
        table = replaced(table, name, column)
    return table


def of_newest_files(rows: Iterable[Row]) -> list[Row]:
    """Of rows of silver.virtual_meters those of each virtual meter's newest file, which declares it whole."""
    newest: dict[str, tuple[Any, ...]] = {}
    kept: dict[str, list[Row]] = {}
    for row in rows:
        meter, said_by = row["virtual_meter_id"], (row["landed_at_utc"], row["file_id"])
        if meter not in newest or said_by > newest[meter]:
            newest[meter], kept[meter] = said_by, []
        if said_by == newest[meter]:
            kept[meter].append(row)
    return [row for meter in sorted(kept) for row in kept[meter]]


def _mask(rows: list[Row], places: Iterable[int]) -> Mask:
    mask = np.zeros(len(rows), dtype=bool)
    mask[list(places)] = True
    return mask


def _mark_signs(rows: list[Row], rules: BrokenRules) -> None:
    wrong = [i for i, row in enumerate(rows) if row["sign"] is not None and row["sign"] not in SIGNS]
    rules.mark(
        file_faults.IMPLAUSIBLE_VALUE, _mask(rows, wrong), lambda i: f"sign: {rows[i]['sign']} is neither 1 nor -1"
    )


def _mark_repeated(rows: list[Row], rules: BrokenRules) -> None:
    terms = [(row["virtual_meter_id"], row["meter_id"]) for row in rows]
    counts = Counter(term for term in terms if None not in term)
    rules.mark(
        file_faults.REPEATED_TERM,
        _mask(rows, (i for i, term in enumerate(terms) if counts[term] > 1)),
        lambda i: f"{terms[i][1]} is a term of {terms[i][0]} in {counts[terms[i]]} rows",
    )


def _mark_flows(rows: list[Row], of_meter: dict[str | None, list[int]], rules: BrokenRules) -> None:
    said = {
        meter: " and ".join(sorted({rows[i]["flow"] or str(Flow.IMPORT) for i in places}))
        for meter, places in of_meter.items()
    }
    contradicted = (i for meter, places in of_meter.items() for i in places if meter and " and " in said[meter])
    rules.mark(
        file_faults.IMPLAUSIBLE_VALUE,
        _mask(rows, contradicted),
        lambda i: f"flow: the rows of {rows[i]['virtual_meter_id']} say {said[rows[i]['virtual_meter_id']]}",
    )


def _mark_the_others(rows: list[Row], of_meter: dict[str | None, list[int]], rules: BrokenRules) -> None:
    """Mark the rows beside a broken one, and all rows if it is not known whose a broken one is."""
    nobodys = [i for i in of_meter.get(None, ()) if rules.broken[i]]
    culprit: dict[int, int] = {}
    for places in of_meter.values():
        broken = nobodys or [i for i in places if rules.broken[i]]
        culprit |= dict.fromkeys(places, broken[0]) if broken else {}
    rules.mark(
        file_faults.BROKEN_DECLARATION,
        _mask(rows, culprit),
        lambda i: (
            f"row {rows[culprit[i]]['row_number']} breaks a rule, and without it {rows[i]['virtual_meter_id']} may be "
            "another sum"
        ),
    )


def _text(row: Row) -> str:
    """The row as it stood, which is kept of a row that was broken before; else what it was parsed to."""
    if row["raw_row"] is not None:
        return str(row["raw_row"])
    return f"{row['virtual_meter_id']},{row['meter_id']},{row['sign']:g}"

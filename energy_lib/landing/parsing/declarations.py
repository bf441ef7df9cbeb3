"""What several rows of a file declare together: what is wrong with one of them costs the whole declaration.

A sum that lacks a term, a tariff that lacks a charge or a project that lacks a meter would be wrong without a word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.arrow_columns import replaced
from energy_lib.landing.parsing.parse_failures import BrokenRules, Mask
from energy_lib.tables import Table, references, silver

Row = dict[str, Any]
Judge = Callable[[list[Row], BrokenRules], None]
# Table → the column that names what its rows declare together.
DECLARED_BY: dict[Table, str] = {
    silver.VIRTUAL_METERS: "virtual_meter_id",
    references.TARIFFS: "tariff_id",
    references.PROJECTS: "project_id",
    references.ASSETS: "asset_id",
}


def judged_together(rows_of_file: pa.Table, table: Table, judge: Judge) -> pa.Table:
    """A file's rows (columns of `table`, and raw_row, rule_id, reason), judged side by side by `judge`.

    Where `table` is in DECLARED_BY each declaration is all right or all broken. So a row that cannot be told to belong
    to one costs all of the file. `raw_row` is kept of broken rows only.
    """
    rows: list[Row] = rows_of_file.to_pylist()
    rules = BrokenRules(len(rows))
    rules.adopt(rows_of_file["rule_id"].combine_chunks(), rows_of_file["reason"].combine_chunks())
    judge(rows, rules)
    if table in DECLARED_BY:
        _mark_the_others(rows, DECLARED_BY[table], rules)
    rule_id, reason = rules.arrays()
    texts = [row["raw_row"] if broken else None for row, broken in zip(rows, rules.broken, strict=True)]
    for name, column in (("rule_id", rule_id), ("reason", reason), ("raw_row", pa.array(texts, pa.string()))):
        rows_of_file = replaced(rows_of_file, name, column)
    return rows_of_file


def of_newest_files(rows: Iterable[Row], declared_by: str) -> list[Row]:
    """Of a table's rows those of each declaration's newest file, which declares it whole, by the declarations' ids."""
    newest: dict[str, tuple[Any, ...]] = {}
    kept: dict[str, list[Row]] = {}
    for row in rows:
        declared, said_by = row[declared_by], (row["landed_at_utc"], row["file_id"])
        if declared not in newest or said_by > newest[declared]:
            newest[declared], kept[declared] = said_by, []
        if said_by == newest[declared]:
            kept[declared].append(row)
    return [row for declared in sorted(kept) for row in kept[declared]]


def mask_of(rows: list[Row], places: Iterable[int]) -> Mask:
    mask = np.zeros(len(rows), dtype=bool)
    mask[list(places)] = True
    return mask


def _mark_the_others(rows: list[Row], declared_by: str, rules: BrokenRules) -> None:
    """Mark the rows beside a broken one, and all rows if it is not known whose a broken one is."""
    of_declaration: dict[str | None, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        of_declaration[row[declared_by]].append(place)
    nobodys = [i for i in of_declaration.get(None, ()) if rules.broken[i]]
    culprit: dict[int, int] = {}
    for places in of_declaration.values():
        broken = nobodys or [i for i in places if rules.broken[i]]
        culprit |= dict.fromkeys(places, broken[0]) if broken else {}
    rules.mark(
        file_faults.BROKEN_DECLARATION,
        mask_of(rows, culprit),
        lambda i: (
            f"row {rows[culprit[i]]['row_number']} breaks a rule, and without it {rows[i][declared_by]} may be another"
        ),
    )

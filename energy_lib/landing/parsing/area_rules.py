"""Rules for rows of areas: an area is said once in a file, and lies in no area that lies in it."""

from __future__ import annotations

from collections import Counter

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.declarations import Row, mask_of
from energy_lib.landing.parsing.parse_failures import BrokenRules


def judge_areas(rows: list[Row], rules: BrokenRules) -> None:
    """Mark areas that are said twice, an income without a currency, and every area of a circle of parents."""
    said = Counter(row["area_id"] for row in rows)
    rules.mark(
        file_faults.OVERLAPPING_VALIDITY,
        mask_of(rows, (i for i, row in enumerate(rows) if row["area_id"] is not None and said[row["area_id"]] > 1)),
        lambda i: f"{rows[i]['area_id']} is said by {said[rows[i]['area_id']]} rows of the file",
    )
    priced = (i for i, row in enumerate(rows) if row["income_per_year"] is not None and row["currency"] is None)
    rules.mark(
        file_faults.MISSING_VALUE, mask_of(rows, priced), lambda i: "there is no currency, which an income needs"
    )
    parents = {row["area_id"]: row["parent_area_id"] for row in rows}
    rules.mark(
        file_faults.AREA_IN_ITSELF,
        mask_of(rows, (i for i, row in enumerate(rows) if _lies_in_itself(row["area_id"], parents))),
        lambda i: f"{rows[i]['area_id']} lies in {rows[i]['parent_area_id']}, which lies in {rows[i]['area_id']}",
    )


def _lies_in_itself(area: str | None, parents: dict[str | None, str | None]) -> bool:
    above, seen = parents.get(area), set()
    while above is not None and above not in seen:
        if above == area:
            return True
        seen.add(above)
        above = parents.get(above)
    return False

"""Virtual meters are declared by several rows together: their signs, their terms and their flow."""

from __future__ import annotations

from collections import Counter, defaultdict

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.declarations import Row, mask_of
from energy_lib.landing.parsing.parse_failures import BrokenRules
from energy_lib.vocabulary import Flow

SIGNS = (1.0, -1.0)


def judge_terms(rows: list[Row], rules: BrokenRules) -> None:
    """Mark the terms (rows of silver.virtual_meters of one file) that no sum can have."""
    _mark_signs(rows, rules)
    _mark_repeated(rows, rules)
    _mark_flows(rows, rules)


def _mark_signs(rows: list[Row], rules: BrokenRules) -> None:
    wrong = [i for i, row in enumerate(rows) if row["sign"] is not None and row["sign"] not in SIGNS]
    rules.mark(
        file_faults.IMPLAUSIBLE_VALUE, mask_of(rows, wrong), lambda i: f"sign: {rows[i]['sign']} is neither 1 nor -1"
    )


def _mark_repeated(rows: list[Row], rules: BrokenRules) -> None:
    terms = [(row["virtual_meter_id"], row["meter_id"]) for row in rows]
    counts = Counter(term for term in terms if None not in term)
    rules.mark(
        file_faults.REPEATED_TERM,
        mask_of(rows, (i for i, term in enumerate(terms) if counts[term] > 1)),
        lambda i: f"{terms[i][1]} is a term of {terms[i][0]} in {counts[terms[i]]} rows",
    )


def _mark_flows(rows: list[Row], rules: BrokenRules) -> None:
    flows: dict[str | None, set[str]] = defaultdict(set)
    for row in rows:
        flows[row["virtual_meter_id"]].add(row["flow"] or str(Flow.IMPORT))
    said = {meter: " and ".join(sorted(words)) for meter, words in flows.items()}
    contradicted = (
        i for i, row in enumerate(rows) if row["virtual_meter_id"] and " and " in said[row["virtual_meter_id"]]
    )
    rules.mark(
        file_faults.IMPLAUSIBLE_VALUE,
        mask_of(rows, contradicted),
        lambda i: f"flow: the rows of {rows[i]['virtual_meter_id']} say {said[rows[i]['virtual_meter_id']]}",
    )

"""Savings of several meters together: a project's, and the portfolio's, with what their errors have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from energy_lib.insights.savings.correction import Correction
from energy_lib.insights.savings.measured import ALL, VALUES, Row, proven

SUMMED = ("observed_kwh", "counterfactual_kwh", "avoided_kwh")


def together(parts: Sequence[Row], project_id: str, correction: Correction) -> Row:
    """A row of gold.savings of several meters' rows of one scope, at least one: a day's, or totals up to one last day.

    Meters that are not measured are left out of every sum, and the reasons name them. Cost and carbon are null unless
    all that are summed have them, in one currency. The half-width of a sum adds those of the meters by their measured
    correlation, not as if their errors were independent.
    """
    measured = [part for part in parts if part["state"] == "measured"]
    row: Row = {
        "project_id": project_id, "meter_id": ALL, "scope": parts[0]["scope"],
        "first_date": min(part["first_date"] for part in parts), "last_date": max(part["last_date"] for part in parts),
        "state": "measured" if measured else parts[0]["state"],
        "reasons": _left_out(parts), "event_ids": sorted({event for part in parts for event in part["event_ids"]}),
        **{name: max(part[name] for part in parts) for name in ("days", "days_with_events", "days_unknown")},
    }  # fmt: skip
    if not measured:
        return row
    fuels = {part["fuel"] for part in measured}
    row["fuel"] = fuels.pop() if len(fuels) == 1 else None
    row |= {name: float(sum(part[name] for part in measured)) for name in SUMMED}
    weights = [part["days"] for part in measured]
    row["imputed_share"] = float(np.average([part["imputed_share"] for part in measured], weights=weights))
    row["currency"] = _one(measured, "currency")
    for name in VALUES:
        _sum_value(row, name, measured, correction)
    if row["scope"] == "total":
        row["proven"] = proven(row)
        if all(part.get("expected_kwh") is not None for part in measured):
            row["expected_kwh"] = float(sum(part["expected_kwh"] for part in measured))
    return row


def _sum_value(row: Row, name: str, measured: Sequence[Row], correction: Correction) -> None:
    of = f"avoided_{name}"
    row |= dict.fromkeys((of, f"{of}_low", f"{of}_high"))
    lacking = sorted(part["meter_id"] for part in measured if part.get(of) is None)
    if lacking:
        row["reasons"].append(f"{of} is not known of {', '.join(lacking)}.")
        return
    if name == "cost" and row["currency"] is None:
        row["reasons"].append("avoided_cost is in several currencies.")
        return
    row[of] = float(sum(part[of] for part in measured))
    without = sorted(part["meter_id"] for part in measured if part.get(f"{of}_low") is None)
    if without:
        row["reasons"].append(f"{of} has no interval of {', '.join(without)}.")
        return
    halves = [(part[f"{of}_high"] - part[f"{of}_low"]) / 2 for part in measured]
    # As if all erred alike: no sum errs by more.
    half = min(correction.sum_half_width_kwh(halves), sum(halves))
    row |= {f"{of}_low": row[of] - half, f"{of}_high": row[of] + half}


def _left_out(parts: Sequence[Row]) -> list[str]:
    return [
        f"{part['meter_id']} of {part['project_id']} is left out ({part['state']}): {' '.join(part['reasons'])}"
        for part in parts
        if part["state"] != "measured"
    ] + [
        f"{part['meter_id']} of {part['project_id']}: {part['days_with_events']} days are left out because of events."
        for part in parts
        if part["state"] == "measured" and part["days_with_events"]
    ]


def _one(rows: Sequence[Row], name: str) -> str | None:
    found = {row.get(name) for row in rows}
    return found.pop() if len(found) == 1 else None

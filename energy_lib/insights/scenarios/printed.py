"""The answer for people: what a scenario is about, and what it changes for all homes and all other buildings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_lib.insights.scenarios.baseline import Baseline
from energy_lib.insights.scenarios.load import FED_IN, POWER
from energy_lib.insights.scenarios.scenario import Scenario

Row = dict[str, Any]


def lines_of(rows: Sequence[Row], scenario: Scenario, baseline: Baseline) -> list[str]:
    """`rows`: of gold.scenario_results, of one scenario."""
    lines = [
        f"{scenario.name}: {scenario.question}",
        f"  {len(baseline.units)} homes and buildings, {baseline.days} days ({baseline.first_day} to "
        f"{baseline.last_day}); {baseline.left_out} were not read whole and are left out",
    ]
    lines += [_line(row) for row in rows if row["group_kind"] in ("all", "unserved")]
    if any(row["group_kind"] == "area" and row.get("reason") for row in rows):
        lines.append("  some areas are not told: see reason in gold.scenario_results")
    return lines


def _line(row: Row) -> str:
    fuel = row["fuel"] if row["flow"] in ("*", POWER[1]) else f"{row['fuel']} {_flow(row['flow'])}"
    what = " ".join(part for part in (fuel.strip("*"), row["quantity"], row.get("currency")) if part)
    who = row["category"] if row["group_kind"] == "all" else row["group_id"]
    if row.get("change") is None:
        return f"  {who}, {what}: {row['reason']}"
    low, change, high = (number(row[name], sign=True) for name in ("change_low", "change", "change_high"))
    if row["change_low"] == row["change_high"] == 0:
        return f"  {who}, {what}: {number(row['baseline'])}, no change"
    words = [f"  {who}, {what}: {number(row['baseline'])}, change {change} ({low} to {high})"]
    if row.get("gain_share") is not None and row.get("lose_share") is not None:
        words.append(f"{row['gain_share']:.0%} gain and {row['lose_share']:.0%} lose")
    if row.get("hangs_on"):
        words.append(f"hangs on {row['hangs_on']}")
    return "; ".join(words)


def _flow(flow: str) -> str:
    return "fed in" if flow == FED_IN[1] else flow


def number(value: float, *, sign: bool = False) -> str:
    """Three digits, but never fewer than a whole number has; `sign`: with a plus where it is above 0."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    rounded = round(value, digits) + 0.0
    return f"{rounded:{'+' if sign else ''},.{digits}f}"

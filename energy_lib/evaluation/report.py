"""Scores and comparisons as lines of text, for the output of jobs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from energy_lib.evaluation.comparison.summary import Comparison
from energy_lib.evaluation.relative_change import relative_change, signed, signed_interval

HEAD = f"{'fuel':24}{'model':22}{'version':>20}{'cells':>10}{'WAPE':>9}{'median':>9}{'MASE':>8}{'WQL':>9}{'p10-p90':>9}"


def score_lines(scores: pd.DataFrame, naives: Sequence[str]) -> list[str]:
    """The rows of scope `total` of gold.scores as a table, best WAPE first.

    The last column is each model's WAPE relative to the better of the two naives on the same days, in per cent; a dash
    where that naive makes no error, or none was scored.
    """
    totals = scores[scores["scope"] == "total"]
    lines: list[str] = []
    for (first, last), span in totals.groupby(["first_date", "last_date"]):
        lines += [f"Origins {first} to {last}", f"{HEAD}  vs naive"]
        for fuel, rows in span.sort_values("wape").groupby("fuel"):
            naive_wape = rows.loc[rows["model_name"].isin(naives), "wape"].min()
            lines += [_line(str(fuel), row, naive_wape) for _, row in rows.iterrows()]
    return lines


def difference_lines(comparison: Comparison) -> list[str]:
    """Each model's pooled WAPE and WQL against the reference's, with the difference and its 95 % interval."""
    lines = [f"{'fuel':24}{'model':26}{'metric':8}{'value':>9}{'reference':>11}  against {comparison.reference}"]
    for _, row in comparison.differences_of("total").iterrows():
        change, low, high = (100 * row[name] for name in ("relative", "relative_low", "relative_high"))
        lines.append(
            f"{row['fuel']:24}{row['model']:26}{row['metric']:8}{row['model_value']:>9.4f}{row['reference_value']:>11.4f}"
            f"  {signed_interval(change, low, high, places=1, unit=' %')}"
        )
    return lines


def _line(fuel: str, row: pd.Series, naive_wape: float) -> str:
    gain = signed(100 * relative_change(row["wape"], naive_wape), places=1, unit=" %")
    version = "" if row["model_version"] == row["model_name"] else str(row["model_version"])
    return (
        f"{fuel:24}{row['model_name']:22}{version:>20}{row['cells']:>10,}{row['wape']:>9.4f}{row['wape_median']:>9.4f}"
        f"{row['mase']:>8.3f}{row['wql']:>9.4f}{row['coverage_p10_p90']:>9.3f}{gain:>10}"
    )

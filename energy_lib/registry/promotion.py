"""Who is champion: a challenger must beat both the champion and seasonal naive on the same cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the challenger won, and why in words."""

    won: bool
    reason: str


def judge(scores: pd.DataFrame, challenger: str, champion: str | None, naives: Sequence[str]) -> Verdict:
    """Compare the pooled WAPE (scope total, fuel *) of model versions in gold.scores rows of one backtest.

    `challenger`, `champion` (None: there is none yet) and `naives` are values of `model_version`. The challenger wins
    if its WAPE is below that of every other. If one of them has no score, it does not win.
    """
    total = scores[(scores["scope"] == "total") & (scores["fuel"] == "*")]
    wape = {str(version): float(value) for version, value in zip(total["model_version"], total["wape"], strict=True)}
    challenger_wape = wape.get(challenger, float("nan"))
    if not challenger_wape >= 0:
        return Verdict(False, f"version {challenger} has no score: no actuals to hold it against")
    rivals = [*naives, *([champion] if champion is not None and champion != challenger else [])]
    absent = [rival for rival in rivals if not wape.get(rival, float("nan")) >= 0]
    if absent:
        return Verdict(False, f"{', '.join(absent)} has no score to hold version {challenger} against")
    best = min(rivals, key=lambda rival: wape[rival])
    reason = f"version {challenger} has WAPE {challenger_wape:.4f}, {best} {wape[best]:.4f}"
    return Verdict(challenger_wape < wape[best], reason)

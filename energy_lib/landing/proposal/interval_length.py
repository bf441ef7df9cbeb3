"""How long the intervals are: the commonest step between the stamps of a meter."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from energy_lib.landing.proposal.guess import Guesses

WHOLE_LENGTHS = (1, 5, 10, 15, 30, 60, 1440)
MONTH_MINUTES = 28 * 1440


def period_length(numbers: pd.Series, name: str, guesses: Guesses) -> None:
    """Adds `time.period_column` and the length of its periods, from how many of them a day has."""
    most = int(pd.to_numeric(numbers, errors="coerce").max())
    minutes = 30 if most <= 50 else 15
    guesses.add("time.period_column", name, f"{name} numbers the intervals of a day from 1 to {most}")
    guesses.add("time.interval_minutes", minutes, f"a day has {most} of them", sure=most in (46, 48, 50, 92, 96, 100))


def interval_length(walls: pd.Series, series: pd.Series, ends: pd.Series | None, guesses: Guesses) -> int | None:
    """Adds `time.interval_minutes`: a number, or infer where lengths change; returns the number.

    `series` tells meters apart; a file with a start and an end in each row says its lengths itself (`ends`).
    """
    if ends is not None and (lengths := (ends - walls).dropna().dt.total_seconds() // 60).gt(0).any():
        steps = Counter(int(length) for length in lengths if length > 0)
    else:
        ordered = pd.DataFrame({"wall": walls, "series": series}).dropna().sort_values(["series", "wall"])
        between = ordered.groupby("series")["wall"].diff().dropna().dt.total_seconds() // 60
        steps = Counter(int(step) for step in between if step > 0)
    if not steps:
        guesses.add("time.interval_minutes", 60, "no meter has two stamps: nothing says the length", sure=False)
        return 60
    commonest, count = max(steps.items(), key=lambda item: (item[1], -item[0]))
    shorter = [step for step in steps if step in WHOLE_LENGTHS and steps[step] >= 0.1 * steps.total()]
    if commonest >= MONTH_MINUTES:
        guesses.add("time.interval_minutes", "infer", f"stamps are {commonest // 1440} days and more apart")
        return None
    if len(shorter) > 1:
        several = " and ".join(str(step) for step in sorted(shorter))
        guesses.add("time.interval_minutes", "infer", f"stamps are {several} minutes apart", sure=False)
        return None
    share = count / steps.total()
    why = f"{share:.0%} of the steps between a meter's stamps are {commonest} minutes"
    guesses.add("time.interval_minutes", commonest, why, sure=share > 0.5 and commonest in WHOLE_LENGTHS)
    return commonest

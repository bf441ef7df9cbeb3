"""Whether values are reads of a cumulative register or energy of intervals, and whether they have a sign."""

from __future__ import annotations

import pandas as pd

from energy_lib.landing.proposal.guess import Guesses
from energy_lib.landing.proposal.header_words import INTERVAL, REGISTER, START, says
from energy_lib.landing.proposal.interval_length import interval_length
from energy_lib.landing.proposal.stamp_columns import Stamps
from energy_lib.landing.sources.allowed_values import AT_INTERVAL_END, Unit

POWER = (Unit.W, Unit.KW, Unit.MW)
# A register stands this many times above what it adds in one step: where its name says so, and where nothing does.
NAMED_STEPS, NAMELESS_STEPS = 20.0, 1000.0
RISING = 0.7
SURE_STEPS = 200


def is_register(name: str, values: pd.Series, series: pd.Series, unit: Unit | None, guesses: Guesses) -> bool:
    """Adds `value.register_reads` if they are; `series` tells registers apart, whose rows stand in order of time."""
    steps = values.groupby(series).diff().dropna()
    moving = steps[steps != 0]
    named = says(name, REGISTER)
    if unit in POWER or (says(name, INTERVAL) and not named) or len(moving) < 2:
        return False
    rising = float(max((moving > 0).mean(), (moving < 0).mean()))
    above = float(values.abs().median() / moving.abs().median())
    if rising < RISING or above < (NAMED_STEPS if named else NAMELESS_STEPS):
        return False
    word = f"{name} is a word for a register, and " if named else ""
    why = f"{word}its values rise in {rising:.0%} of the steps and are {above:,.0f} times as large as these"
    guesses.add("value.register_reads", True, why, sure=named or len(moving) >= SURE_STEPS)
    return True


def read_at(stamps: Stamps, series: pd.Series, guesses: Guesses) -> None:
    """Where the stamp is named as a start, the register stands at its value when the interval ends."""
    if not says(" ".join(stamps.columns), START):
        return
    minutes = interval_length(stamps.walls, series, None, guesses)
    if minutes is None:
        guesses.of_keys.pop("time.interval_minutes")
        return
    why = "the stamp is named a start, and a register is read when its interval is over"
    guesses.add("value.register_reads", AT_INTERVAL_END, why, sure=False)

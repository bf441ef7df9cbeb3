"""What an alarm is called: the statistic that was broken, and what else is known of the meter and the season."""

from __future__ import annotations

from energy_lib.insights.anomalies.detector import Raised

# Of several statistics that are broken on one day the first of these names the event: the surest about its cause.
PRECEDENCE = (
    "swap_2", "gap", "stuck", "dead", "both_5", "multiplied", "divided", "peak", "shift_1", "shift_3", "shift_6",
    "weekend_1", "weekend_2", "startup_3", "startup_10", "quiet_4", "quiet_2", "base_5", "base_7", "base_14",
    "dropout", "spike",
)  # fmt: skip
# Days before the alarm's that its statistic looks back on as part of what is wrong.
BEGAN_BEFORE = {
    "quiet_2": 1, "quiet_4": 3, "base_5": 4, "base_7": 6, "base_14": 13, "shift_3": 2, "shift_6": 5, "weekend_2": 1,
    "startup_3": 2, "startup_10": 13, "both_5": 4, "swap_2": 1,
}  # fmt: skip
NAMES = {
    "gap": "missing_data", "shift": "clock_shift", "startup": "start_up_drift", "both": "heating_and_cooling",
    "swap": "swapped_meters",
}  # fmt: skip
UNIT_RATIO = 50.0
MULTIPLIER_RATIO = 1.6
WARM_C = 17.0
SENTENCES = {
    "gap": "nothing was read for {score:.0f} hours; {limit:.0f} are usual at most",
    "stuck": "one value for longer than its past explains: surprise {score:.1f}, limit {limit:.1f}",
    "dead": "zeros for longer than its past explains: surprise {score:.1f}, limit {limit:.1f}",
    "multiplied": "most of 16 hours are above what is expected: log ratio {score:.2f}, limit {limit:.2f}",
    "divided": "most of 16 hours are below what is expected: log ratio -{score:.2f}, limit -{limit:.2f}",
    "spike": "an hour is {score:.1f} spreads above what is expected, limit {limit:.1f}",
    "peak": "an hour is above the highest of five months: log ratio {score:.2f}, limit {limit:.2f}",
    "dropout": "three hours are {score:.1f} spreads below what is expected, limit {limit:.1f}",
    "quiet": "more use in the quiet hours explains the days better: log gain {score:.2f}, limit {limit:.2f}",
    "weekend": "a share of a workday explains the days off better: log gain {score:.2f}, limit {limit:.2f}",
    "shift": "the profile fits better when it is moved: log gain {score:.2f}, limit {limit:.2f}",
    "startup": "workdays begin {score:.1f} h earlier than they did, limit {limit:.1f}",
    "both": "heating and cooling at once, beside {other}: the lesser is {score:.2f} of its range, limit {limit:.2f}",
    "swap": "it fits the past of {other} better, and that its: log gain {score:.2f}, limit {limit:.2f}",
    "base": "the base load is above its reference: log ratio {score:.2f}, limit {limit:.2f}",
}


def surest(alarms: list[Raised]) -> Raised:
    """The alarm that names an event of several."""
    return min(alarms, key=lambda each: PRECEDENCE.index(each.name))


def family_of(name: str) -> str:
    """`quiet` of `quiet_2`: the statistics that look for the same."""
    return name.split("_", maxsplit=1)[0]


def event_type(
    name: str, *, fuel: str, ratio: float, peak: float, temperature_c: float, on_holiday: bool, grows: bool
) -> str:
    """The type of an event that a statistic found.

    `ratio` is observed over expected energy of its first days, `peak` the highest hour over what is expected of it,
    `temperature_c` their mean (NaN: unknown),
    `on_holiday` whether a public holiday on a weekday is among them, `grows` whether the base load still rises.
    """
    family = family_of(name)
    warm_gas = fuel == "gas" and temperature_c >= WARM_C
    if family == "peak":
        return "unit_change" if peak >= UNIT_RATIO else "spike"
    if family in ("stuck", "dead", "spike", "dropout"):
        return family
    if family in ("multiplied", "divided"):
        factor = max(ratio, 1 / max(ratio, 1e-9))
        if factor >= MULTIPLIER_RATIO:
            return "unit_change" if ratio >= UNIT_RATIO or 0 < ratio <= 1 / UNIT_RATIO else "multiplier_change"
        return "base_load_step" if ratio >= 1 else "dropout"
    if family == "quiet":
        return "leak" if warm_gas else "out_of_hours"
    if family == "weekend":
        return "holiday_running" if on_holiday else "weekend_running"
    if family == "base":
        if warm_gas:
            return "heating_in_warm_weather"
        return "base_load_creep" if grows else "base_load_step"
    return NAMES[family]


def evidence(alarm: Raised, other: str) -> str:
    """The rule that was broken, in words, with its figures; `other` names the meter that was looked at beside it."""
    words = SENTENCES.get(alarm.name) or SENTENCES[family_of(alarm.name)]
    return f"{alarm.name}: {words.format(score=alarm.score, limit=alarm.limit, other=other)}"

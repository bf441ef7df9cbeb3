"""Alarms become events: one for what begins within a day, with its start, end, energy and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from energy_lib.insights.anomalies.detector import LEARN_DAYS, Raised, daily_limits, raised
from energy_lib.insights.anomalies.expectation import LOOK_BACK_DAYS, Expected, expected, expected_from
from energy_lib.insights.anomalies.extent import LONGEST_DAYS, OF_AN_HOUR, RUNS, days_of, hours_of
from energy_lib.insights.anomalies.growth import Growth, grew, growing
from energy_lib.insights.anomalies.limits import APART_DAYS
from energy_lib.insights.anomalies.measured import Measured, last_shown, measured, shown
from energy_lib.insights.anomalies.meter_days import HOURS, WORKDAY, Floats, MeterDays
from energy_lib.insights.anomalies.naming import BEGAN_BEFORE, event_type, evidence, surest
from energy_lib.insights.anomalies.statistics import REACH_DAYS, statistics

# Of registers that count what flows out or is generated only the meter itself is judged: their profile is the sun's.
OF_THE_METER = (*RUNS, "multiplied", "peak")
SWAP, GROWS = "swap_2", "startup"
ECHO_DAYS = 14
FAR_ABOVE = 3.0
JOINED_DAYS = 2
INTERVAL = (0.05, 0.95)
INTERVAL_DAYS = 14
# Days before an event that decide about it: a year of scores, the month whose limit is in force, a score's own reach.
HISTORY_DAYS = LEARN_DAYS + 31 + REACH_DAYS + 2 * APART_DAYS


@dataclass(frozen=True, slots=True)
class Event:
    """Something wrong at one meter. Energies are kWh of the hours that count from `start` to `end`; NaN where unknown.

    `excess_kwh` is what each hour from `start` on was above its expectation, NaN where it does not count, and
    `begins` the place of the first among the hours of all days. `raised` is the end of the day whose readings told of
    it; `end` that of its last day or hour so far; `goes_on` whether it may last. `score` is the statistic over its
    limit. `severity`: low, medium or high.
    """

    type: str
    start: pd.Timestamp
    end: pd.Timestamp
    raised: pd.Timestamp
    goes_on: bool
    severity: str
    score: float
    observed_kwh: float
    expected_kwh: float
    expected_low_kwh: float
    expected_high_kwh: float
    imputed_share: float
    evidence: tuple[str, ...]
    growth: Growth | None
    begins: int
    excess_kwh: Floats

    @property
    def energy_kwh(self) -> float:
        return self.observed_kwh - self.expected_kwh


@dataclass(frozen=True, slots=True)
class Beside:
    """What the readings of another meter say of one: its id, and name -> (days,) scores of the days of the one."""

    meter_id: str
    scores: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Judged:
    """A meter's days with what was expected of them; name -> (days,) scores and the limits in force."""

    days: MeterDays
    foreseen: Expected
    scores: dict[str, Floats]
    limits: dict[str, Floats]
    alarms_per_month: float
    beside: str


def detect(
    days: MeterDays,
    *,
    fuel: str,
    imports: bool,
    alarms_per_month: float,
    since: int,
    beside: Beside | None = None,
) -> list[Event]:
    """The events that start on the day at position `since` or later, by start.

    What is known on a day decides about it, so a longer series gives the same events and later ones. For limits of
    full strength `days` begin `HISTORY_DAYS` before `since`.
    """
    return events_of(judged(days, imports=imports, alarms_per_month=alarms_per_month, beside=beside), fuel, since)


def judged(days: MeterDays, *, imports: bool, alarms_per_month: float, beside: Beside | None = None) -> Judged:
    """Score every day from the days before it. Of a register that does not import only itself is judged."""
    foreseen = expected(days)
    scores = statistics(days, foreseen)
    if not imports:
        scores = {name: scores[name] for name in OF_THE_METER}
    other = Beside("", {}) if beside is None else beside
    scores |= other.scores
    limits = daily_limits(scores, days.days, alarms_per_month)
    return Judged(days, foreseen, scores, limits, alarms_per_month, other.meter_id)


def events_of(known: Judged, fuel: str, since: int) -> list[Event]:
    """The events of a meter's days that start on the day at position `since` or later, by start."""
    days = known.days
    return [
        event
        for group in grouped(raised(known.scores, known.limits, shown(days)))
        if group[0].day >= since
        and (event := _event(days, known.foreseen, group, fuel, known.beside)).start >= days.utc(since, 0)
    ]


def grouped(alarms: Iterable[Raised], before: Iterable[Raised] = ()) -> list[list[Raised]]:
    """Alarms of one day are one event, with later ones whose statistic looks back on a day that it had an alarm on.

    A fault of the meter on a later day is an event of its own. Where one is far above its limit, what still looks back
    on its days is its echo. `before`: the alarms of the last event before, which then is the first group.
    """
    groups: list[list[Raised]] = [earlier] if (earlier := list(before)) else []
    for alarm in alarms:
        if groups and _belongs(alarm, groups[-1]):
            groups[-1].append(alarm)
        else:
            groups.append([alarm])
    return groups


def _belongs(alarm: Raised, group: list[Raised]) -> bool:
    if alarm.day == group[0].day:
        return True
    if alarm.name in (*OF_THE_METER, SWAP):
        return False
    if alarm.name.startswith(GROWS) and any(
        each.name.startswith(GROWS) and alarm.day <= each.last_day for each in group
    ):
        return True
    sees = alarm.day - BEGAN_BEFORE.get(alarm.name, 0)
    far = [each.last_day for each in group if each.name in OF_THE_METER and each.score > FAR_ABOVE * each.limit]
    echo = bool(far) and sees <= max(far) and alarm.day - group[0].day <= ECHO_DAYS
    return echo or (sees <= group[-1].day and alarm.day - group[-1].day <= JOINED_DAYS)


def _event(days: MeterDays, foreseen: Expected, alarms: list[Raised], fuel: str, other: str) -> Event:
    # Named by the first day alone: what the next night adds must not change what it is called.
    named = surest([each for each in alarms if each.day == alarms[0].day])
    first, last = days_of(days, named, alarms)
    should = expected_from(days, first, last + 1)
    early = measured(days, first, should[: named.day + 1 - first], named.name)
    kind = event_type(
        named.name,
        fuel=fuel,
        peak=highest_ratio(days.energy[named.day], foreseen.energy[named.day]),
        ratio=ratio_of(early),
        temperature_c=_mean(days.temperature[first : named.day + 1]),
        on_holiday=_on_holiday(days, first, named.day),
        grows=grew(days, first, named.day),
    )
    found = measured(days, first, should, named.name, kind)
    last = first + last_shown(found.excess, named.name, named.day - first)
    start, end = hours_of(days, foreseen, named, first, last)
    hours = slice(start - first * HOURS, end - first * HOURS)
    observed, total = (_sum(each.reshape(-1)[hours]) for each in (found.observed, found.expected))
    low, high = _interval(days, foreseen, first, end - start)
    goes_on = (
        named.name not in OF_AN_HOUR and last >= len(days.days) - 1 - APART_DAYS and last - first + 1 < LONGEST_DAYS
    )
    return Event(
        type=kind,
        start=days.utc(start // HOURS, start % HOURS),
        end=days.utc(end // HOURS, end % HOURS),
        raised=days.utc(named.day + 1, 0),
        goes_on=goes_on,
        severity=severity_of(kind, observed - total, _sum(should.reshape(-1)[hours]), end - start),
        score=named.score / named.limit if named.limit > 0 else 1.0 + named.score - named.limit,
        observed_kwh=observed,
        expected_kwh=total,
        expected_low_kwh=total * low,
        expected_high_kwh=total * high,
        imputed_share=float(days.imputed[first : last + 1].reshape(-1)[hours].mean()),
        evidence=tuple(evidence(each, other) for each in alarms),
        growth=growing(kind, days, first, last),
        begins=start,
        excess_kwh=found.excess.reshape(-1)[hours],
    )


def _interval(days: MeterDays, foreseen: Expected, first: int, hours: int) -> tuple[float, float]:
    """What sums of so many hours were lately as shares of what was expected: the 5 % and the 95 % quantile."""
    rows = slice(max(0, first - 2 * LOOK_BACK_DAYS), first)
    window = min(max(1, hours // HOURS), INTERVAL_DAYS)
    observed, should = (np.nansum(each[rows], axis=1) for each in (days.energy, foreseen.energy))
    if len(observed) < 3 * window:
        return float("nan"), float("nan")
    sums = [np.convolve(each, np.ones(window), "valid") for each in (observed, should)]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = sums[0] / sums[1]
    shares = shares[np.isfinite(shares)]
    if len(shares) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(shares, INTERVAL)
    return float(min(low, 1.0)), float(max(high, 1.0))


def ratio_of(found: Measured) -> float:
    total = float(np.nansum(found.expected))
    return float(np.nansum(found.observed)) / total if total > 0 else 1.0


def _sum(values: Floats) -> float:
    """Of what is known; NaN where nothing is."""
    return float(np.nansum(values)) if np.isfinite(values).any() else float("nan")


def highest_ratio(observed: Floats, should: Floats) -> float:
    if not np.isfinite(observed).any():
        return 1.0
    hour = int(np.nanargmax(observed))
    return float(observed[hour] / should[hour]) if should[hour] > 0 else 1.0


def _mean(values: Floats) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _on_holiday(days: MeterDays, first: int, last: int) -> bool:
    """Whether one of the days is off although it is none of a weekend."""
    weekday = (days.days[first : last + 1].astype(np.int64) + 3) % 7
    return bool(((days.kind[first : last + 1] != WORKDAY) & (weekday < 5)).any())


def severity_of(kind: str, energy: float, expected_kwh: float, hours: int) -> str:
    if kind in ("stuck", "dead", "missing_data", "unit_change", "multiplier_change", "clock_shift", "swapped_meters"):
        return "high" if hours >= 3 * HOURS or kind == "unit_change" else "medium"
    share = abs(energy) / expected_kwh if expected_kwh > 0 else 0.0
    return "high" if share >= 0.25 else "medium" if share >= 0.10 else "low"

"""All answers on one meter: what every action finds there, and how much of it no other action counts already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from energy_lib.insights.recommendations.finding import Finding, Recommendation, Scope, Suppressed
from energy_lib.insights.recommendations.meter_year import MeterFacts, MeterYear
from energy_lib.insights.recommendations.season import urgency
from energy_lib.insights.recommendations.valuation import Worth, worth

LEAST_DAYS = 28
STALE_DAYS = 7
LARGEST_IMPUTED_SHARE = 0.5
# Faults of a meter after which its energies mean nothing.
FALSIFYING = frozenset({"stuck", "dead", "unit_change", "multiplier_change", "swapped_meters"})
# What stands for all actions where none can be judged.
ANY = Recommendation("any", "Nothing can be recommended", "whether enough is known", lambda _: None, scope=Scope.METER)


@dataclass(frozen=True, slots=True)
class Counted:
    """What an action adds to a total a year, after those before it: kWh, currency, kgCO2e; None is unknown."""

    energy_kwh: float | None
    cost: float | None
    carbon_kg: float | None


@dataclass(frozen=True, eq=False)
class Answer:
    """One action at one meter. `kwh` and `bill`: energy and cost of the meter's year, None where unknown.

    A suppressed one has a reason and no worth. `confidence` is 0 to 1.
    """

    action: Recommendation
    meter: MeterFacts
    result: Finding | Suppressed
    worth: Worth | None = None
    counted: Counted | None = None
    confidence: float | None = None
    kwh: float | None = None
    bill: float | None = None
    currency: str | None = None
    imputed_share: float = 0.0
    first_day: np.datetime64 | None = None
    last_day: np.datetime64 | None = None


def withheld(year: MeterYear) -> str | None:
    """Why nothing can be recommended on this meter; None if something can."""
    for fault in year.faults:
        if fault.kind in FALSIFYING:
            return f"fault: the meter is at fault ({fault.kind}) since {fault.since}"
    known = np.flatnonzero(~np.isnan(year.daily_kwh))
    if not len(known):
        return "no day of the last year is known"
    days = len(known)
    age = len(year.grid.dates) - 1 - int(known[-1])
    if age > STALE_DAYS:
        return f"stale: the last known day is {year.grid.dates[known[-1]]}, {age} days ago"
    if days < LEAST_DAYS:
        return f"short: {days} days are known, and {LEAST_DAYS} are needed"
    if year.imputed_share > LARGEST_IMPUTED_SHARE:
        return f"estimated: {year.imputed_share:.0%} of the last year's hours were not read"
    return None


def meter_answers(year: MeterYear, actions: Iterable[Recommendation]) -> list[Answer]:
    """What each action says of the meter; where it says nothing there is no answer.

    Of a meter of which too little is known, ANY says why, and only actions that are due even then (a meter to mend)
    are looked for.
    """
    reason = withheld(year)
    results: list[tuple[Recommendation, Finding | Suppressed]] = []
    if reason is not None:
        results.append((ANY, Suppressed(reason)))
    for action in actions:
        if year.meter.fuel in action.fuels and (reason is None or action.on_bad_data):
            result = action.kernel(year)
            if result is not None:
                results.append((action, result))
    known = np.flatnonzero(~np.isnan(year.daily_kwh))
    common = Answer(
        action=ANY,
        meter=year.meter,
        result=Suppressed(""),
        currency=year.prices.currency,
        imputed_share=year.imputed_share,
        first_day=year.grid.dates[known[0]] if len(known) else None,
        last_day=year.grid.dates[known[-1]] if len(known) else None,
    )
    kwh, bill = _whole_year(year)
    answers = []
    for action, result in results:
        if isinstance(result, Suppressed):
            answers.append(replace(common, action=action, result=result))
            continue
        confidence = result.strength * min(1.0, year.known_days / 365) ** 0.5 * (1 - year.imputed_share)
        value = worth(year, result)
        due = replace(result, urgency=urgency(year, result))
        answers.append(
            replace(common, action=action, result=due, worth=value, confidence=confidence, kwh=kwh, bill=bill)
        )
    return count_once(year, answers)


def _whole_year(year: MeterYear) -> tuple[float | None, float | None]:
    """Energy and cost of the meter's year; None is unknown."""
    whole = Finding("", "", {}, 1.0, "", avoidable=year.kwh, low=year.kwh, high=year.kwh)
    value = worth(year, whole)
    return None if value.energy is None else value.energy.expected, None if value.cost is None else value.cost.expected


def count_once(year: MeterYear, answers: list[Answer]) -> list[Answer]:
    """Give each answer what it adds to a total.

    Those of a known cause come first, of these the surest and largest. In each hour an action adds what it avoids
    beyond the most that one before it avoids there: two that would avoid the same kWh count it once. Money that comes
    out of the same charge likewise.
    """
    order = sorted(range(len(answers)), key=lambda i: _place_of(answers[i]))
    claimed, pots = np.zeros(year.grid.size), dict[str, float]()
    counted = list(answers)
    for i in order:
        answer = answers[i]
        if isinstance(answer.result, Suppressed) or answer.worth is None:
            continue
        finding, energy, cost, carbon = answer.result, None, None, None
        if finding.avoidable is not None:
            claim = np.minimum(np.nan_to_num(finding.avoidable), np.where(np.isnan(year.kwh), np.inf, year.kwh))
            net = np.where(np.isnan(finding.avoidable), np.nan, np.maximum(0.0, claim - claimed))
            claimed = np.maximum(claimed, claim)
            alone = replace(finding, avoidable=net, low=net, high=net, money=None, carbon_kg=None, marginal_kg=None)
            value = worth(year, alone)
            energy = None if value.energy is None else value.energy.expected
            cost = None if value.cost is None else value.cost.expected
            carbon = None if value.carbon is None else value.carbon.expected
            if energy == 0 and answer.worth.cost is not None:
                cost = 0.0
            if energy == 0 and answer.worth.carbon is not None:
                carbon = 0.0
        if finding.money is not None:
            pot = finding.pot or answer.action.name
            more = max(0.0, finding.money.expected - pots.get(pot, 0.0))
            pots[pot] = max(pots.get(pot, 0.0), finding.money.expected)
            cost = more if cost is None else cost + more
        if finding.carbon_kg is not None:
            carbon = finding.carbon_kg.expected if carbon is None else carbon + finding.carbon_kg.expected
        counted[i] = replace(answer, counted=Counted(energy, cost, carbon))
    return counted


def _place_of(answer: Answer) -> tuple[bool, float, str]:
    return answer.action.counts_last, -_weight(answer), answer.action.name


def _weight(answer: Answer) -> float:
    if answer.worth is None or isinstance(answer.result, Suppressed):
        return 0.0
    value = answer.worth.cost or answer.worth.energy
    return (answer.confidence or 0.0) * (value.expected if value is not None else 0.0)

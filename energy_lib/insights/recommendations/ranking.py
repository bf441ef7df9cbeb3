"""From answers of meters to ranked rows: one action a cause, whatever number of meters it shows on."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from energy_lib.insights.recommendations.finding import Effort, Finding, Ongoing, Range, Scope, Suppressed
from energy_lib.insights.recommendations.meter_answers import Answer

Row = dict[str, Any]
# An action that asks for more is put behind one that asks for less, at the same value.
EASE = {Effort.LOW: 1.0, Effort.MEDIUM: 0.6, Effort.HIGH: 0.35}
# A payback of so many years halves the priority.
PAYBACK_YEARS = 5.0
# A saving of this share of the yearly bill is rated 10; a quarter of it 5.
FULL_RATING_SHARE = 0.2
# In these states an action is out of the ranking.
SETTLED = ("done", "rejected", "snoozed")
OFFERED, SUPPRESSED = "offered", "suppressed"
DECIMALS = 4
# By the number of meters that share a cause: what is said after what was found on the first of them.
ALSO_ON = {1: "", 2: " The same shows on one more meter."}


def recommendation_id(*parts: str) -> str:
    """The same for the same action at the same place, for ever: `<action>-<ten hexadecimal digits>`."""
    return f"{parts[0]}-{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()[:10]}"


def place_of(answer: Answer) -> tuple[str, str]:
    """Kind and id of where the cause sits; where the meter's building or site is unknown, the next smaller place."""
    meter = answer.meter
    if answer.action.scope is Scope.SITE and meter.site_id:
        return Scope.SITE, meter.site_id
    if answer.action.scope is not Scope.METER and meter.building_id:
        return Scope.BUILDING, meter.building_id
    return Scope.METER, meter.meter_id


def ranked_rows(answers: Iterable[Answer], states: dict[str, Row]) -> list[Row]:
    """Rows of gold.recommendations but for their day and lineage, the first to do first, suppressed ones last.

    `states`: recommendation id → what people last said of it (`state`, and `snoozed_until` if it still holds).
    """
    causes: dict[tuple[str, ...], list[Answer]] = defaultdict(list)
    for answer in answers:
        kind, place = place_of(answer)
        if isinstance(answer.result, Suppressed):
            kind, place = Scope.METER, answer.meter.meter_id
        fuel = "*" if answer.action.across_fuels and kind != Scope.METER else answer.meter.fuel
        suppressed = SUPPRESSED if isinstance(answer.result, Suppressed) else OFFERED
        causes[suppressed, answer.action.name, kind, place, fuel].append(answer)
    offered = [_offered(key[1:], group) for key, group in causes.items() if key[0] == OFFERED]
    for row in offered:
        row |= states.get(row["recommendation_id"], {"state": "new"})
    _prioritise(offered)
    places = {(row["action"], row["scope_kind"], row["scope_id"]) for row in offered}
    suppressed_rows = [
        _suppressed(key[1:], group[0])
        for key, group in causes.items()
        if key[0] == SUPPRESSED and key[1:4] not in places
    ]
    return offered + sorted(suppressed_rows, key=lambda row: (row["action"], row["scope_id"]))


def _common(key: tuple[str, ...], group: Sequence[Answer]) -> Row:
    action, kind, place, fuel = key
    meters = sorted(answer.meter.meter_id for answer in group)
    buildings = {answer.meter.building_id for answer in group}
    sites = {answer.meter.site_id for answer in group}
    first = [answer.first_day for answer in group if answer.first_day is not None]
    last = [answer.last_day for answer in group if answer.last_day is not None]
    return {
        "recommendation_id": recommendation_id(action, kind, place, fuel),
        "action": action,
        "scope_kind": str(kind),
        "scope_id": place,
        "building_id": buildings.pop() if len(buildings) == 1 else None,
        "site_id": sites.pop() if len(sites) == 1 else None,
        "fuel": fuel,
        "meters": meters,
        "rule_version": group[0].action.version,
        "imputed_share": _rounded(float(np.mean([answer.imputed_share for answer in group]))),
        "first_day": min(first).astype(object) if first else None,
        "last_day": max(last).astype(object) if last else None,
    }


def _suppressed(key: tuple[str, ...], answer: Answer) -> Row:
    assert isinstance(answer.result, Suppressed)
    return _common(key, [answer]) | {
        "status": SUPPRESSED,
        "title": answer.action.title,
        "reason": answer.result.reason,
        "evidence": "{}",
    }


def _offered(key: tuple[str, ...], group: Sequence[Answer]) -> Row:
    """One row for all meters that share the cause. Ends of intervals add up: a cause errs on all its meters alike."""
    ordered = sorted(group, key=lambda a: (-_energy(a), a.meter.meter_id))
    findings = [a.result for a in ordered if isinstance(a.result, Finding)]
    currencies = {a.currency for a in group}
    one_currency = currencies.pop() if len(currencies) == 1 else None
    row = _common(key, group) | {
        "status": OFFERED,
        "title": group[0].action.title,
        "what": findings[0].what + ALSO_ON.get(len(group), f" The same shows on {len(group) - 1} more meters."),
        "assumption": findings[0].assumption,
        "interval_is": findings[0].interval_is,
        "effort": str(group[0].action.effort),
        "currency": one_currency,
    }
    mixed = one_currency is None and len({a.currency for a in group}) > 1
    row |= _range("energy_kwh", [a.worth.energy if a.worth else None for a in group])
    row |= _range("cost", [None if mixed or a.worth is None else a.worth.cost for a in group])
    row |= _range("carbon_kg", [a.worth.carbon if a.worth else None for a in group])
    row["cost_then_per_year"] = _total(group, lambda a: None if mixed or a.worth is None else a.worth.cost_then)
    row["marginal_carbon_kg_per_year"] = _total(group, lambda a: a.worth.marginal_kg if a.worth else None)
    row["counted_energy_kwh_per_year"] = _total(group, lambda a: a.counted.energy_kwh if a.counted else None)
    row["counted_cost_per_year"] = _total(group, lambda a: None if mixed or a.counted is None else a.counted.cost)
    row["counted_carbon_kg_per_year"] = _total(group, lambda a: a.counted.carbon_kg if a.counted else None)
    weights = np.array([max(_energy(a), 1e-9) for a in group])
    row["confidence"] = _rounded(float(np.average([a.confidence or 0.0 for a in group], weights=weights)))
    row["capital_cost"] = _total(group, lambda a: a.result.capital_cost if isinstance(a.result, Finding) else None)
    capital, saved = row["capital_cost"], row["cost_per_year"]
    row["payback_years"] = _rounded(capital / saved) if capital is not None and saved else None
    why = sorted({text for a in group if a.worth is not None for text in a.worth.why_null})
    row["reason"] = "; ".join([*why, *(["cost: its meters have several currencies"] if mixed else [])]) or None
    row["rating"], row["share_of_bill"] = _rating(row, group)
    row["_urgency"] = max(finding.urgency for finding in findings)
    row["_stands_for"] = sum(finding.stands_for_kwh for finding in findings)
    row |= _ongoing([finding.ongoing for finding in findings if finding.ongoing is not None])
    row["evidence"] = json.dumps({a.meter.meter_id: _evidence(a) for a in ordered}, sort_keys=True)
    return row


def _ongoing(going: Sequence[Ongoing]) -> Row:
    """What goes on now, on all meters on which it does."""
    if not going:
        return {}
    costs = [(each.cost, each.cost_to_end) for each in going if each.cost is not None and each.cost_to_end is not None]
    priced = len(costs) == len(going)
    return {
        "ongoing_since": min(each.since for each in going),
        "ongoing_days_to_end": max(each.days_to_end for each in going),
        "ongoing_energy_kwh": _rounded(sum(each.energy_kwh for each in going)),
        "ongoing_energy_to_end_kwh": _rounded(sum(each.energy_to_end_kwh for each in going)),
        "ongoing_cost": _rounded(sum(so_far for so_far, _ in costs)) if priced else None,
        "ongoing_cost_to_end": _rounded(sum(to_end for _, to_end in costs)) if priced else None,
    }


def _evidence(answer: Answer) -> Row:
    assert isinstance(answer.result, Finding)
    value = answer.worth
    energy = None if value is None or value.energy is None else value.energy.expected
    cost = None if value is None or value.cost is None else value.cost.expected
    plain: Row = _plain({**answer.result.evidence, "energy_kwh_per_year": energy, "cost_per_year": cost})
    return plain


def _plain(value: Any) -> Any:
    """For JSON: Python's own numbers, rounded; what is no number is null."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float | np.floating):
        return _rounded(float(value)) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _energy(answer: Answer) -> float:
    value = answer.worth
    return 0.0 if value is None or value.energy is None else value.energy.expected


def _rounded(value: float) -> float:
    return round(value, DECIMALS) + 0.0


def _range(name: str, ranges: Sequence[Range | None]) -> Row:
    known = [each for each in ranges if each is not None]
    if len(known) < len(ranges) or not known:
        return {f"{name}_per_year": None, f"{name}_low": None, f"{name}_high": None}
    total = known[0]
    for each in known[1:]:
        total += each
    return {
        f"{name}_per_year": _rounded(total.expected),
        f"{name}_low": _rounded(total.low),
        f"{name}_high": _rounded(total.high),
    }


def _total(group: Sequence[Answer], value: Callable[[Answer], float | None]) -> float | None:
    """The sum, or None if one is unknown: what is unknown is not zero."""
    values = [each for answer in group if (each := value(answer)) is not None]
    return _rounded(sum(values)) if len(values) == len(group) else None


def _rating(row: Row, group: Sequence[Answer]) -> tuple[float | None, float | None]:
    """10 √(share / FULL_RATING_SHARE), at most 10, and the share: of the bill, or of the energy if it is unknown."""
    bill, kwh = _total(group, lambda a: a.bill), _total(group, lambda a: a.kwh)
    share = None
    if row["cost_per_year"] is not None and bill is not None and bill > 0:
        share = row["cost_per_year"] / bill
    elif row["energy_kwh_per_year"] is not None and kwh is not None and kwh > 0:
        share = row["energy_kwh_per_year"] / kwh
    if share is None:
        return None, None
    rating = 10 * min(1.0, max(0.0, share) / FULL_RATING_SHARE) ** 0.5
    return round(rating, 1), _rounded(share)


def _prioritise(rows: list[Row]) -> None:
    """Give each row its priority and its rank, and sort by it.

    Priority = value × confidence × ease × urgency. The value is the yearly cost in kWh: divided by the mean price of
    all rows of the currency, so that rows without a price stand beside those with one.
    """
    prices: dict[Any, float] = {}
    for currency in {row["currency"] for row in rows}:
        both = [
            r for r in rows if r["currency"] == currency and r["cost_per_year"] is not None and r["energy_kwh_per_year"]
        ]
        energy = sum(r["energy_kwh_per_year"] for r in both)
        cost = sum(r["cost_per_year"] for r in both)
        prices[currency] = cost / energy if energy > 0 and cost > 0 else 1.0
    for row in rows:
        cost, energy = row["cost_per_year"], row["energy_kwh_per_year"]
        value = cost / prices[row["currency"]] if cost is not None else energy or 0.0
        value += row.pop("_stands_for")
        ease = EASE[Effort(row["effort"])]
        if row["payback_years"] is not None:
            ease /= 1 + max(0.0, row["payback_years"]) / PAYBACK_YEARS
        row["priority"] = _rounded(value * row["confidence"] * ease * row.pop("_urgency"))
    rows.sort(key=lambda r: (r["state"] in SETTLED, -r["priority"], r["recommendation_id"]))
    for rank, row in enumerate(rows, start=1):
        row["priority_rank"] = None if row["state"] in SETTLED else rank

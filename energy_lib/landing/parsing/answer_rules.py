"""Rules for rows of what answers are made of: factors, tariffs, projects, assets and events.

Each function judges the rows of one file, which have the columns of their table. A tariff that has no rate for an hour
is no row's fault: what it costs then is null, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import combinations
from typing import Any

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.declarations import Row, mask_of
from energy_lib.landing.parsing.parse_failures import BrokenRules

DAY_HOURS = 24
PER_KWH = ("unit_rate", "price_series")
DEAREST_KWH = 20.0
OPEN_END = date.max


def judge_factors(rows: list[Row], rules: BrokenRules) -> None:
    _require(rows, rules, "calorific_basis", "a factor of a fuel that is burnt", lambda r: r["scope"] == "scope_1")
    _mark(
        rows, rules, file_faults.IMPLAUSIBLE_VALUE,
        lambda r: r["basis"] == "location" and r["supply_contract_id"] is not None,
        lambda r: f"supply_contract_id: {r['supply_contract_id']} stands in a factor whose basis is location",
    )  # fmt: skip
    _mark_validity(rows, rules)
    key = ("fuel", "region", "scope", "basis", "supply_contract_id")
    _mark_overlaps(rows, rules, lambda r: tuple(r[name] for name in key), lambda a, b: True)


def judge_tariffs(rows: list[Row], rules: BrokenRules) -> None:
    _require(rows, rules, "rate", "a charge", lambda r: r["charge"] != "price_series")
    _require(rows, rules, "price_series_id", "a price_series", lambda r: r["charge"] == "price_series")
    _mark(
        rows, rules, file_faults.IMPLAUSIBLE_VALUE,
        lambda r: r["charge"] in PER_KWH and abs(r["rate"] or 0) > DEAREST_KWH,
        lambda r: f"rate: {r['rate']} is no price of a kWh in whole units of {r['currency']}",
    )  # fmt: skip
    _mark_validity(rows, rules)
    _mark_overlaps(rows, rules, _charged_for, _meet)


def judge_projects(rows: list[Row], rules: BrokenRules) -> None:
    _mark(
        rows, rules, file_faults.REPORTING_IN_BASELINE,
        lambda r: _known(r, "reporting_start", "baseline_end") and r["reporting_start"] < r["baseline_end"],
        lambda r: f"{r['project_id']} reports from {r['reporting_start']}, before baseline_end {r['baseline_end']}",
    )  # fmt: skip
    _require(rows, rules, "currency", "a cost", lambda r: r["capital_cost"] is not None)


def judge_assets(rows: list[Row], rules: BrokenRules) -> None:
    _require(
        rows, rules, "energy_kwh", "a flexible load or battery", lambda r: r["kind"] in ("flexible_load", "battery")
    )
    _require(rows, rules, "round_trip_efficiency", "a battery", lambda r: r["kind"] == "battery")
    _require(rows, rules, "meter_id", "generation", lambda r: r["kind"] == "generation")
    _require(rows, rules, "currency", "a cost of wear", lambda r: r["wear_cost_per_kwh"] is not None)
    _mark_bounds(rows, rules, "lowest_power_kw", "power_kw")
    _mark_bounds(rows, rules, "lowest_charge_share", "highest_charge_share")
    _mark(rows, rules, file_faults.IMPOSSIBLE_DEADLINE, lambda r: _why_impossible(r) is not None, _why_impossible)
    _mark_validity(rows, rules)
    _mark_overlaps(rows, rules, lambda r: (r["asset_id"],), lambda a, b: bool(hours_of(a) & hours_of(b)))


def judge_events(rows: list[Row], rules: BrokenRules) -> None:
    _mark(
        rows, rules, file_faults.EVENT_NOWHERE,
        lambda r: all(r[place] is None for place in ("meter_id", "building_id", "site_id", "area_id")),
        lambda r: f"{r['event_id']} names no meter, no building, no site and no area",
    )  # fmt: skip
    _mark(
        rows, rules, file_faults.EMPTY_PERIOD,
        lambda r: _known(r, "start_utc", "end_utc") and r["end_utc"] <= r["start_utc"],
        lambda r: f"{r['event_id']} ends at {r['end_utc']:%Y-%m-%dT%H:%MZ}, no later than it starts",
    )  # fmt: skip


def hours_of(row: Row) -> set[int]:
    """The local hours of a row's window; one that ends at or before its start goes on until the next day."""
    first, end = row["from_hour"], row["to_hour"]
    return set(range(first, end)) if end > first else {*range(first, DAY_HOURS), *range(end)}


def _charged_for(row: Row) -> tuple[Any, ...]:
    return row["tariff_id"], row["fuel"], row["flow"], row["charge"]


def _meet(one: Row, other: Row) -> bool:
    """Whether two rows of one charge are for the same hours, and neither is the more special one.

    Weekdays or weekends come before all days, then narrower windows before wider ones. Charges for demand add up unless
    their windows are the same.
    """
    if one["charge"] == "demand_per_kw_month":
        return all(one[name] == other[name] for name in ("days", "from_hour", "to_hour"))
    if one["charge"] not in PER_KWH:
        return True
    as_special = one["days"] == other["days"] and len(hours_of(one)) == len(hours_of(other))
    return as_special and bool(hours_of(one) & hours_of(other))


def _why_impossible(row: Row) -> str | None:
    """Why a flexible load can never use its energy in its window, or None if it can."""
    if row["kind"] != "flexible_load" or not _known(row, "energy_kwh", "power_kw", "from_hour", "to_hour"):
        return None
    hours = len(hours_of(row))
    if row["power_kw"] * hours < row["energy_kwh"]:
        return f"{row['asset_id']}: {row['power_kw']:g} kW for {hours} h give less than its {row['energy_kwh']:g} kWh"
    if (row["minimum_run_hours"] or 0) > hours:
        return f"{row['asset_id']}: it runs {row['minimum_run_hours']} h at least, and its window has {hours} h"
    return None


def _mark_bounds(rows: list[Row], rules: BrokenRules, low: str, high: str) -> None:
    _mark(
        rows, rules, file_faults.IMPLAUSIBLE_VALUE,
        lambda r: _known(r, low, high) and r[low] > r[high],
        lambda r: f"{low}: {r[low]:g} is more than {high} {r[high]:g}",
    )  # fmt: skip


def _mark_validity(rows: list[Row], rules: BrokenRules) -> None:
    _mark(
        rows, rules, file_faults.EMPTY_PERIOD,
        lambda r: _known(r, "valid_from", "valid_to") and r["valid_to"] <= r["valid_from"],
        lambda r: f"valid_to {r['valid_to']} is not after valid_from {r['valid_from']}",
    )  # fmt: skip


def _mark_overlaps(
    rows: list[Row], rules: BrokenRules, subject: Callable[[Row], tuple[Any, ...]], meet: Callable[[Row, Row], bool]
) -> None:
    """Mark whole rows of one `subject` that hold on the same day and `meet`: which of them counts is not said."""
    subjects: dict[tuple[Any, ...], list[int]] = {}
    for place, row in enumerate(rows):
        if not rules.broken[place]:
            subjects.setdefault(subject(row), []).append(place)
    beside: dict[int, int] = {}
    for one, other in (pair for places in subjects.values() for pair in combinations(places, 2)):
        if _hold_together(rows[one], rows[other]) and meet(rows[one], rows[other]):
            beside.setdefault(one, other)
            beside.setdefault(other, one)
    rules.mark(
        file_faults.OVERLAPPING_VALIDITY,
        mask_of(rows, beside),
        lambda i: (
            f"{_named(subject(rows[i]))} is said by row {rows[beside[i]]['row_number']} too, for some of the same time"
        ),
    )


def _hold_together(one: Row, other: Row) -> bool:
    return bool(
        one["valid_from"] < (other["valid_to"] or OPEN_END) and other["valid_from"] < (one["valid_to"] or OPEN_END)
    )


def _named(subject: Iterable[Any]) -> str:
    return " ".join(str(part) for part in subject if part is not None)


def _require(rows: list[Row], rules: BrokenRules, name: str, of: str, when: Callable[[Row], bool]) -> None:
    _mark(
        rows, rules, file_faults.MISSING_VALUE,
        lambda r: when(r) and r[name] is None,
        lambda r: f"there is no {name}, which {of} needs",
    )  # fmt: skip


def _known(row: Row, *names: str) -> bool:
    return all(row[name] is not None for name in names)


def _mark(
    rows: list[Row],
    rules: BrokenRules,
    rule_id: str,
    breaks: Callable[[Row], bool],
    reason: Callable[[Row], str | None],
) -> None:
    broken = mask_of(rows, (i for i, row in enumerate(rows) if not rules.broken[i] and breaks(row)))
    rules.mark(rule_id, broken, lambda i: str(reason(rows[i])))

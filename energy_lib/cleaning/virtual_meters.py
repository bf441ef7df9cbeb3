"""Virtual meters: which of the declared ones count, what they are known by, and why the others do not. No Spark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from energy_lib.cleaning import rules
from energy_lib.cleaning.rules import Rule
from energy_lib.tables import silver
from energy_lib.vocabulary import Flow

Row = dict[str, Any]
# Facts that a virtual meter has if all its registers that say one say the same.
COMMON = (
    *("country", "subdivision", "building_id", "site_id", "weather_location_id"),
    *("floor_area_m2", "latitude", "longitude", "use"),
)


@dataclass(frozen=True, slots=True)
class Term:
    """One register of a sum; it counts in hours from `valid_from` on and before `valid_to` (None: without a bound)."""

    meter_id: str
    sign: float
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class VirtualMeter:
    """A sum that counts: its terms in the order of their ids."""

    meter_id: str
    fuel: str
    flow: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A declared term of a virtual meter that breaks a rule."""

    row: Row
    rule: Rule
    reason: str


def judged(declared: Iterable[Row], meters: Iterable[Row]) -> tuple[list[VirtualMeter], list[Refused]]:
    """The virtual meters that count, in the order of their ids, and the terms of those that break a rule.

    `declared`: rows of silver.virtual_meters; `meters`: rows of silver.meters.
    """
    terms_of: dict[str, list[Row]] = defaultdict(list)
    for row in declared:
        terms_of[row["virtual_meter_id"]].append(row)
    registers = {row["meter_id"]: row for row in meters if row["registered_by"] != silver.VIRTUAL}
    counted: list[VirtualMeter] = []
    refused: list[Refused] = []
    for meter_id in sorted(terms_of):
        rows = sorted(terms_of[meter_id], key=lambda row: str(row["meter_id"]))
        fault = _fault(meter_id, [row["meter_id"] for row in rows], registers, terms_of)
        if fault is None:
            fuel = str(registers[rows[0]["meter_id"]]["fuel"])
            flow = rows[0]["flow"] or str(Flow.IMPORT)
            counted.append(VirtualMeter(meter_id, fuel, flow, tuple(map(_term, rows))))
        else:
            refused += [Refused(row, *fault) for row in rows]
    return counted, refused


def meter_row(virtual: VirtualMeter, registers: Mapping[str, Row]) -> Row:
    """The row of silver.meters. `registers`: rows of silver.meters by meter.

    A fact is that of the registers if they agree; the zone is the first one's, as a meter must have one. What it can
    carry is not known. It names no file, so that a register of the same id takes its place whenever it comes.
    """
    rows = [registers[term.meter_id] for term in virtual.terms]
    facts: Row = dict.fromkeys(silver.METERS.column_names)
    for name in COMMON:
        said = {row[name] for row in rows if row[name] is not None}
        facts[name] = said.pop() if len(said) == 1 else None
    facts["subdivision"] = facts["subdivision"] if facts["country"] else None
    named = {"meter_id": virtual.meter_id, "fuel": virtual.fuel, "flow": virtual.flow, "zone": rows[0]["zone"]}
    return {**facts, **named, "registered_by": silver.VIRTUAL}


def _term(row: Row) -> Term:
    return Term(row["meter_id"], float(row["sign"]), row["valid_from_utc"], row["valid_to_utc"])


def _fault(
    meter_id: str, terms: list[str], registers: Mapping[str, Row], declared: Mapping[str, list[Row]]
) -> tuple[Rule, str] | None:
    """The first rule that a virtual meter breaks, and a sentence that says how."""
    if meter_id in registers:
        return rules.METER_ID_TAKEN, f"{meter_id} is a register in silver.meters: give the virtual meter another id"
    virtual = [term for term in terms if term in declared and term not in registers]
    if virtual:
        return rules.VIRTUAL_OF_VIRTUAL, f"{virtual[0]} is a virtual meter: write its registers as terms of {meter_id}"
    unknown = [term for term in terms if term not in registers]
    if unknown:
        return rules.UNKNOWN_REGISTER, f"{unknown[0]} is not in silver.meters"
    fuel_of = {term: str(registers[term]["fuel"]) for term in terms}
    other = next((term for term in terms if fuel_of[term] != fuel_of[terms[0]]), None)
    if other is not None:
        said = f"{terms[0]} measures {fuel_of[terms[0]]} and {other} {fuel_of[other]}"
        return rules.MIXED_FUELS, f"{said}: a sum has one fuel"
    return None

"""Homes of a month, put together from their registers, statements, buildings and areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from energy_lib.insights.access.degree_days import MonthWeather
from energy_lib.insights.access.meter_month import MeterMonth
from energy_lib.insights.access.need import Home
from energy_lib.insights.access.privacy import AreaTree
from energy_lib.vocabulary import Flow, Fuel

Row = Mapping[str, Any]
# What heats a home, if it has a meter of it.
HEATS = (Fuel.GAS, Fuel.HEAT, Fuel.OIL, Fuel.ELECTRICITY)


@dataclass(frozen=True)
class KnownOfHomes:
    """`months` and `costs` (total, currency) by meter; `weather` by location and zone; `areas`, `buildings`: rows."""

    tree: AreaTree
    areas: Mapping[str, Row]
    buildings: Mapping[str, Row]
    months: Mapping[str, MeterMonth]
    costs: Mapping[str, tuple[float | None, str]]
    weather: Mapping[tuple[str, str], MonthWeather]


def homes_of(meters: Iterable[Row], known: KnownOfHomes) -> list[Home]:
    """`meters`: rows of silver.meters of homes, with an area. A building's registers are one home."""
    registers: dict[str, list[Row]] = {}
    for row in sorted(meters, key=lambda row: str(row["meter_id"])):
        registers.setdefault(row["building_id"] or row["meter_id"], []).append(row)
    return [_home(home_id, rows, known) for home_id, rows in sorted(registers.items())]


def _home(home_id: str, registers: list[Row], known: KnownOfHomes) -> Home:
    imports = [row for row in registers if (row["flow"] or Flow.IMPORT) == Flow.IMPORT]
    heating = next((row for fuel in HEATS for row in imports if row["fuel"] == fuel), registers[0])
    month = known.months.get(heating["meter_id"])
    cost, currency = _cost(registers, known.costs)
    return Home(
        home_id,
        heating["area_id"],
        _of_lineage(heating["area_id"], "climate_zone", known),
        heating["fuel"],
        float("nan") if month is None else month.energy_kwh,
        None if month is None else month.daily_kwh,
        _floor_area(home_id, heating, known),
        known.weather.get((heating["weather_location_id"], heating["zone"])),
        _disconnections(imports, known.months),
        cost,
        _income(heating["area_id"], currency, known),
    )


def _cost(registers: list[Row], costs: Mapping[str, tuple[float | None, str]]) -> tuple[float | None, str | None]:
    """The bill of all registers in one currency; None if one of them is not known."""
    found = [costs.get(row["meter_id"], (None, "")) for row in registers]
    amounts = [amount for amount, _ in found if amount is not None]
    currencies = {currency for _, currency in found}
    if len(amounts) < len(found) or len(currencies) != 1:
        return None, None
    return sum(amounts), currencies.pop()


def _disconnections(imports: list[Row], months: Mapping[str, MeterMonth]) -> int | None:
    """Of the prepaid meters of electricity; None where there is none that was read."""
    prepaid = [
        months[row["meter_id"]].disconnections
        for row in imports
        if row["payment"] == "prepay" and row["fuel"] == Fuel.ELECTRICITY and row["meter_id"] in months
    ]
    return sum(prepaid) if prepaid else None


def _floor_area(home_id: str, heating: Row, known: KnownOfHomes) -> float | None:
    area: float | None = heating["floor_area_m2"]
    return area or (known.buildings.get(home_id) or {}).get("floor_area_m2")


def _of_lineage(area: str, name: str, known: KnownOfHomes) -> Any:
    """What the area says itself, or else the nearest one that it lies in."""
    said = (known.areas[each][name] for each in known.tree.lineage(area))
    return next((value for value in said if value is not None), None)


def _income(area: str, currency: str | None, known: KnownOfHomes) -> float | None:
    for each in known.tree.lineage(area):
        if known.areas[each]["income_per_year"] is not None:
            row = known.areas[each]
            return float(row["income_per_year"]) if row["currency"] == currency else None
    return None

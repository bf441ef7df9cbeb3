"""What ESPI's codes mean: unit, direction, commodity and way of counting of a ReadingType (NAESB REQ.21, espi.xsd)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from energy_lib.landing.sources.allowed_values import Unit
from energy_lib.vocabulary import Flow, Fuel

UNIT_OF = {
    "31": Unit.J,
    "38": Unit.W,
    "42": Unit.M3,
    "72": Unit.WH,
    "119": Unit.FT3,
    "128": Unit.GAL,
    "132": Unit.BTU,
    "134": Unit.LITRE,
    "169": Unit.THERM,
}
# FlowDirection → its name and flow. Quadrants 1 and 4 together are what is taken, 2 and 3 what is given.
FORWARD, REVERSE = ("forward", Flow.IMPORT), ("reverse", Flow.EXPORT)
FLOW_OF = {"": FORWARD, "0": FORWARD, "1": FORWARD, "8": FORWARD, "10": REVERSE, "19": REVERSE, "4": ("net", Flow.NET)}
FUEL_OF_COMMODITY = {
    "1": Fuel.ELECTRICITY,
    "2": Fuel.ELECTRICITY,
    "7": Fuel.GAS,
    "8": Fuel.PROPANE,
    "10": Fuel.STEAM,
    "12": Fuel.HEAT,
    "13": Fuel.COOLING,
}
FUEL_OF_SERVICE = {"0": Fuel.ELECTRICITY, "1": Fuel.GAS, "4": Fuel.HEAT}
# The codes that a feed of our own is written with; what is missing, ESPI has no code for.
UOM_WH = "72"
DIRECTION_OF = {Flow.IMPORT: "1", Flow.EXPORT: "19", Flow.NET: "4"}
COMMODITY_OF = {fuel: code for code, fuel in reversed(FUEL_OF_COMMODITY.items())}
SERVICE_OF = {fuel: code for code, fuel in FUEL_OF_SERVICE.items()}
# AccumulationBehaviour: a counter that goes on (bulkQuantity, continuousCumulative, cumulative, summation).
COUNTERS = ("1", "2", "3", "9")
# AccumulationBehaviour indicating and instantaneous, DataQualifier maximum and minimum: no mean over the interval.
MOMENTS, EXTREMES = ("6", "12"), ("8", "9")
NOT_SAID = ("", "0")


@dataclass(frozen=True, slots=True)
class ReadingType:
    """What a ReadingType says of the values of its meter readings.

    `unit` is a Unit's text, or says what is not known; the value is to be multiplied by 10 to the `power`. `channel` is
    ESPI's name of the flow direction, and `flow` None if it is no flow of ours. `fuel` is a Fuel's text, `commodity 9`
    if it is none, and None where nothing is said.
    """

    unit: str
    power: int = 0
    channel: str = "forward"
    flow: Flow | None = Flow.IMPORT
    fuel: str | None = None
    is_register: bool = False
    is_mean: bool = True

    @property
    def is_power(self) -> bool:
        return self.unit == Unit.W

    @property
    def is_energy(self) -> bool:
        """Energy, or a volume of fuel, per interval or counted."""
        return self.unit in set(UNIT_OF.values()) and not self.is_power


def reading_type(element: ET.Element) -> ReadingType:
    """The ReadingType of its element, with plain tags."""
    uom, power = text_of(element, "uom"), text_of(element, "powerOfTenMultiplier") or "0"
    unit = UNIT_OF.get(uom, f"uom {uom}")
    if not re.fullmatch(r"[+-]?\d{1,2}", power):
        unit, power = f"{unit} times 10 to the {power}", "0"
    direction, commodity = text_of(element, "flowDirection"), text_of(element, "commodity")
    channel, flow = FLOW_OF.get(direction, (f"flowDirection {direction}", None))
    behaviour, qualifier = text_of(element, "accumulationBehaviour"), text_of(element, "dataQualifier")
    return ReadingType(
        unit=str(unit),
        power=int(power),
        channel=channel,
        flow=flow,
        fuel=None if commodity in NOT_SAID else str(FUEL_OF_COMMODITY.get(commodity, f"commodity {commodity}")),
        is_register=behaviour in COUNTERS,
        is_mean=behaviour not in MOMENTS and qualifier not in EXTREMES,
    )


def fuel_of_service(kind: str) -> str | None:
    """Fuel of a usage point's ServiceCategory; None where it says none."""
    if not kind:
        return None
    return str(FUEL_OF_SERVICE.get(kind, f"service {kind}"))


def text_of(parent: ET.Element, tag: str) -> str:
    """Text of the first element of that name below `parent`, empty if there is none."""
    element = parent.find(f".//{tag}")
    return (element.text or "").strip() if element is not None else ""

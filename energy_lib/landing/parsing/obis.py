"""What an OBIS code says of a register: its fuel and its flow (IEC 62056-61, `A-B:C.D.E*F`)."""

from __future__ import annotations

import re

from energy_lib.vocabulary import Flow, Fuel

CODE = re.compile(
    r"(?:(?P<medium>\d{1,3})-\d{1,3}:)?(?P<quantity>\d{1,3})\.(?P<kind>\d{1,3})(?:\.\d{1,3})?(?:[*&]\d{1,3})?"
)
# A: the medium. Heat cost allocators (4) count no energy, and water (8, 9) is none.
FUEL_OF = {"1": Fuel.ELECTRICITY, "5": Fuel.COOLING, "6": Fuel.HEAT, "7": Fuel.GAS}
# C of electricity: active power taken (+A), given (-A), and taken minus given. What is summed without its sign (15)
# and reactive or apparent power (3 to 10) are no flow.
FLOW_OF_QUANTITY = {"1": Flow.IMPORT, "2": Flow.EXPORT, "16": Flow.NET}


def obis_fuel(text: str) -> Fuel | None:
    """Fuel of the code's medium; None if it is no code, or names no medium of ours."""
    code = CODE.fullmatch(text)
    return FUEL_OF.get(code["medium"] or "") if code else None


def obis_flow(text: str) -> Flow | None:
    """Flow of the code's quantity; None if it is no code, or no active energy. Other media are only taken."""
    code = CODE.fullmatch(text)
    if code is None:
        return None
    medium = code["medium"] or "1"
    if medium == "1":
        return FLOW_OF_QUANTITY.get(code["quantity"])
    return Flow.IMPORT if medium in FUEL_OF else None

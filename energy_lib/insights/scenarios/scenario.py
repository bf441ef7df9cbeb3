"""A scenario's YAML: measures, or an area to be served, with what is assumed of them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from energy_lib.config import Section, yaml_value
from energy_lib.errors import BadConfig
from energy_lib.insights.scenarios.assumption import Assumption
from energy_lib.insights.scenarios.measures.electric_vehicle import ElectricVehicle
from energy_lib.insights.scenarios.measures.heat_pump import HeatPump
from energy_lib.insights.scenarios.measures.insulation import Insulation
from energy_lib.insights.scenarios.measures.shifted_load import ShiftedLoad
from energy_lib.insights.scenarios.measures.solar import Solar
from energy_lib.insights.scenarios.measures.tariff_change import TariffChange
from energy_lib.insights.scenarios.unserved import Unserved
from energy_lib.shipped import ROOT

SHIPPED = ROOT / "conf" / "scenarios"
PAGE = "docs/scenarios.md"
# A new measure is a file in measures/ and a name here.
AnyMeasure = Annotated[
    HeatPump | Insulation | Solar | TariffChange | ShiftedLoad | ElectricVehicle, Field(discriminator="kind")
]


class Scenario(Section):
    """`name`: of the file. `areas`: these alone, with all areas inside them. `measures` act one after the other."""

    name: str
    question: str = Field(min_length=1, description="What if …?")
    areas: tuple[str, ...] | None = None
    measures: tuple[AnyMeasure, ...] = ()
    unserved: Unserved | None = None
    digest: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.measures) == (self.unserved is not None):
            raise ValueError("give either measures or unserved")
        return self

    def assumptions(self) -> dict[str, Assumption]:
        """By `heat_pump.boiler_efficiency`; of the second measure of a kind by `heat_pump_2.…`."""
        found = {}
        for place, measure in enumerate(self.measures):
            for name, assumption in measure.assumptions().items():
                found[f"{self.label(place)}.{name}"] = assumption
        return found

    def label(self, place: int) -> str:
        kinds = [measure.kind for measure in self.measures[: place + 1]]
        number = kinds.count(kinds[-1])
        return kinds[-1] if number == 1 else f"{kinds[-1]}_{number}"


def shipped() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def load_scenario(name: str) -> Scenario:
    """One that ships, by its name, or a YAML file. Raises BadConfig, whose sentence names file, key and what to do."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else SHIPPED / f"{name}.yaml"
    if not path.is_file():
        raise BadConfig(f"There is no scenario {name}: give one of {', '.join(shipped())}, or a YAML file of yours.")
    content = path.read_bytes()
    keys = yaml_value(content, str(path))
    if not isinstance(keys, dict):
        raise BadConfig(f"{path} holds no keys: write it as {PAGE} shows.")
    if own := {"name", "digest"} & set(keys):
        raise BadConfig(f"{path}: there is no key '{min(own)}', the file's name is the scenario's: remove it.")
    try:
        return Scenario.model_validate({**keys, "name": path.stem, "digest": sha256(content).hexdigest()[:16]})
    except ValidationError as error:
        raise BadConfig(_sentence(path, error, keys)) from None


def _sentence(path: Path, error: ValidationError, keys: dict[str, Any]) -> str:
    first = error.errors()[0]
    measures = keys.get("measures")
    # Pydantic puts the kind of a measure into the place of its errors.
    kinds = [each.get("kind") for each in measures if isinstance(each, dict)] if isinstance(measures, list) else []
    place = [part for part in first["loc"] if part not in kinds]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
    if first["type"] == "extra_forbidden":
        return f"{path}: there is no key '{key}': remove it, or see the keys in {PAGE}."
    if first["type"] == "missing":
        return f"{path}: key '{key}' is missing: give it, as {PAGE} shows."
    own = first["msg"].removeprefix("Value error, ")
    what = own if own != first["msg"] else own[0].lower() + own[1:]
    return f"{path}: {f'key {key!r}: ' if key else ''}{what}; see {PAGE}."

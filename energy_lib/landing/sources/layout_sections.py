"""The sections of a source's YAML that say how readings lie in rows and columns: `registers` and `ignore`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from energy_lib.landing.sources.allowed_values import Unit
from energy_lib.landing.sources.yaml_sections import Spec
from energy_lib.vocabulary import Flow, Fuel


def _several(texts: object) -> object:
    """One text is short for a list of one."""
    return [texts] if isinstance(texts, str) else texts


def _some(texts: tuple[str, ...]) -> tuple[str, ...]:
    if not texts or not all(texts):
        raise ValueError("name one column at least, or a pattern such as Import T*")
    return texts


# One name or pattern, or a list of them.
Columns = Annotated[tuple[str, ...], BeforeValidator(_several), AfterValidator(_some)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Register(Spec):
    """One register that has columns of its own; the values of several columns (tariffs, phases) are summed.

    What it does not say holds as the source says it. A fuel other than the source's, and a `name`, are added to the
    meter's id, so that each register is a meter of its own.
    """

    columns: Columns
    flow: Flow | None = None
    fuel: Fuel | None = None
    unit: Unit | None = None
    name: str | None = Field(None, min_length=1, description="Added to the meter's id")

    def suffix(self, fuel_of_source: object) -> str:
        """What the register adds to the meter's id, beside its flow: its fuel if that is another one, and its name."""
        fuel = self.fuel.value if self.fuel is not None and self.fuel is not fuel_of_source else None
        return "".join(f"_{part}" for part in (fuel, self.name) if part)


class Ignore(Spec):
    """What of a file is no reading: columns (of wide files), and rows by what stands in one of their columns."""

    columns: Texts = ()
    rows: dict[str, Texts] = Field(default_factory=dict, description="Column → texts or patterns")

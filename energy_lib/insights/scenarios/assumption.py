"""Keys of a scenario's YAML: what is decided, and what is only assumed and so has a range and a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator

from energy_lib.config import Section
from energy_lib.insights.scenarios.load import Load, Unit

Values = Mapping[str, float]


class Assumption(Section):
    """What nobody knows: a range that holds it nine times in ten, its best guess, and who says so."""

    low: float
    central: float
    high: float
    source: str = Field(min_length=1, description="Publication and edition")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.central <= self.high:
            raise ValueError(f"low {self.low:g}, central {self.central:g}, high {self.high:g} are not in this order")
        return self


class Measure(Section):
    """Base of all measures. Keys of type Assumption are assumed, all others are decided.

    `BOUNDS`: the values that an assumption may have. `NEEDS`: what `fits` asks for, in words.
    """

    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {}
    NEEDS: ClassVar[str] = ""

    share: float = Field(1.0, gt=0, le=1, description="Of the homes and buildings that it fits, how many take part")
    uses: tuple[str, ...] | None = Field(None, description="Uses of silver.meters that take part; null: all")

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        for name, assumption in self.assumptions().items():
            least, most = self.BOUNDS[name]
            if not least <= assumption.low <= assumption.high <= most:
                raise ValueError(f"{name} lies outside {least:g} to {most:g}")
        return self

    def assumptions(self) -> dict[str, Assumption]:
        found = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in found if isinstance(value, Assumption)}

    def central(self) -> dict[str, float]:
        return {name: assumption.central for name, assumption in self.assumptions().items()}

    def takes_part(self, unit: Unit) -> bool:
        return (self.uses is None or unit.use in self.uses) and unit.draw < self.share and self.fits(unit)

    def fits(self, unit: Unit) -> bool:
        """Whether the unit has what the measure changes."""
        raise NotImplementedError

    def apply(self, unit: Unit, load: Load, values: Values) -> Load:
        """The load after the measure; `values`: of its assumptions, by name. `load`: after the measures before it."""
        raise NotImplementedError


class Window(Section):
    """Hours of the local day; a window that ends at or before its beginning ends on the next day."""

    from_hour: int = Field(ge=0, le=23)
    to_hour: int = Field(ge=1, le=24)

    def hours(self) -> list[int]:
        end = self.to_hour if self.to_hour > self.from_hour else self.to_hour + 24
        return [hour % 24 for hour in range(self.from_hour, end)]

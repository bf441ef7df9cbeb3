"""How fast an epoch went: rows a second, and how much of the time its steps waited for input."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """Seconds that each step of an epoch waited for its batch, and computed.

    The first step includes compiling and the reader's start. It is left out, unless there is no other.
    """

    waited: list[float] = field(default_factory=list)
    computed: list[float] = field(default_factory=list)

    def add(self, waited: float, computed: float) -> None:
        self.waited.append(waited)
        self.computed.append(computed)

    def rows_per_second(self, rows_a_step: int) -> float:
        """Rows of all workers a second; 0 if there was no step."""
        return rows_a_step * len(self._counted(self.waited)) / max(self._seconds(), 1e-9)

    @property
    def input_share(self) -> float:
        """Share of the steps' time that was spent on waiting for input."""
        return sum(self._counted(self.waited)) / max(self._seconds(), 1e-9)

    def _seconds(self) -> float:
        return sum(self._counted(self.waited)) + sum(self._counted(self.computed))

    @staticmethod
    def _counted(seconds: list[float]) -> list[float]:
        return seconds[1:] if len(seconds) > 1 else seconds

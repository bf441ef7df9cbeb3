"""Of whom rows are: meters, and the buildings, sites and projects that hold no other meters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from energy_lib.vocabulary import Flow

# A shorter id, or a shorter number, stands in texts by chance.
LEAST_LETTERS, LEAST_DIGITS = 4, 6
_WITHIN = "A-Za-z0-9_-"
ERASED = "[erased]"


@dataclass(frozen=True, slots=True)
class Subject:
    """`meters`: ids of registers and of virtual meters made of these alone, as the lake and as files name them.

    `points`: what files may call the same, without the flow of a register. `references`: ids of anomalies, alerts and
    recommendations that were said of them.
    """

    meters: frozenset[str]
    points: frozenset[str] = frozenset()
    buildings: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    references: frozenset[str] = field(default=frozenset())

    @property
    def names(self) -> frozenset[str]:
        """All ids."""
        return self.meters | self.points | self.buildings | self.sites | self.projects

    @property
    def told_in_texts(self) -> tuple[str, ...]:
        """The ids that a text can be searched for: others stand in texts by chance."""
        return tuple(sorted(filter(is_distinctive, self.names)))

    @property
    def pattern(self) -> str | None:
        """A regular expression (of Java, Rust and Python) with two groups around an id in a text; None: no id is."""
        words = "|".join(map(_escaped, self.told_in_texts))
        return f"(^|[^{_WITHIN}])(?:{words})($|[^{_WITHIN}])" if words else None


def is_distinctive(id_: str) -> bool:
    return len(id_) >= (LEAST_DIGITS if id_.isdigit() else LEAST_LETTERS)


def without_flow(meter_id: str) -> str:
    """The point of a register: what a file calls it beside its flow.

    >>> without_flow("m1_export")
    'm1'
    """
    point, _, flow = meter_id.rpartition("_")
    return point if point and flow in {each.value for each in Flow} else meter_id


def bytes_pattern(names: Iterable[str]) -> re.Pattern[bytes]:
    """Finds any of the names in a file's bytes: as it is, in UTF-16, in JSON and in a URL."""
    forms = {form for name in names for form in (name, json.dumps(name)[1:-1], quote(name))}
    words = "|".join(re.escape(form) for form in sorted(forms))
    within = f"[{_WITHIN}]".encode()
    wide = "|".join(re.escape(name.encode("utf-16-le").decode("latin-1")) for name in sorted(names))
    return re.compile(
        b"(?<!" + within + b")(?:" + words.encode() + b")(?!" + within + b")|" + wide.encode("latin-1"),
    )


def _escaped(id_: str) -> str:
    return re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", id_)

"""Which cells of areas may be published, so that no household can be solved from all that ever was.

A cell is a sum over the units (meters, homes) of an area and of all areas inside it. What is published of one measure
and month are cells of one tree. Each unit belongs to the nearest published area at or above its own: so the published
areas cut the units into *pieces*, which share none. A published cell is a sum of whole pieces, hence whatever linear
algebra can make of all cells is a combination of pieces. If each piece is safe, nothing that can be solved is not.

A second edition says a piece anew, or leaves it as it was. From two editions of a piece follow its old sum, its new
sum and the difference, which is a sum over the units that changed: these must be safe, too. There is no third edition,
because three could be combined to fewer units than any two.

Source of the limits: the 15/15 rule of the California Public Utilities Commission (Decision 97-10-031; 14-05-016,
which asks for 100 homes); cell suppression: Willenborg and de Waal, Elements of Statistical Disclosure Control (2001).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Values = Mapping[str, float]
# Of floats that are sums of the same hours in another order.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """A sum is safe if it has at least so many units, and none is more than `largest_share` of it."""

    units: int
    largest_share: float

    def amounts(self, values: Floats) -> bool:
        """Whether a sum of amounts is safe, whatever their signs; a sum of zeros alone is."""
        sizes = np.abs(values)
        return len(sizes) >= self.units and bool(sizes.max() <= self.largest_share * sizes.sum() * (1 + SAME))

    def flags(self, values: Floats) -> bool:
        """Whether a count is safe: neither the units that have it nor those that have it not are few, or none."""
        count = values.sum()
        few = 1 / self.largest_share * (1 - SAME)
        return len(values) >= self.units and bool(few <= count <= len(values) - few)


Safe = Callable[[Floats], bool]


@dataclass(frozen=True)
class AreaTree:
    """`parents`: area → the one it lies in (None: in none). A circle of areas, or an unknown parent, is cut."""

    parents: Mapping[str, str | None]

    def lineage(self, area: str) -> list[str]:
        """The area, the one it lies in, and so on to the top; nothing for an area that is not known."""
        found: list[str] = []
        at: str | None = area
        while at in self.parents and at not in found:
            assert at is not None
            found.append(at)
            at = self.parents[at]
        return found

    def deepest_first(self) -> list[str]:
        return sorted(self.parents, key=lambda area: (-len(self.lineage(area)), area))

    def members(self, area_of: Mapping[str, str]) -> dict[str, frozenset[str]]:
        """Area → the units in it and in all areas inside it."""
        found: dict[str, set[str]] = {area: set() for area in self.parents}
        for unit, own in area_of.items():
            for area in self.lineage(own):
                found[area].add(unit)
        return {area: frozenset(units) for area, units in found.items()}

    def pieces(self, published: Iterable[str], area_of: Mapping[str, str]) -> dict[str, frozenset[str]]:
        """Published area → the units of which it is the nearest published one, where there are any."""
        chosen, found = set(published), dict[str, set[str]]()
        for unit, own in area_of.items():
            nearest = next((area for area in self.lineage(own) if area in chosen), None)
            if nearest is not None:
                found.setdefault(nearest, set()).add(unit)
        return {area: frozenset(units) for area, units in found.items()}


def publishable(tree: AreaTree, area_of: Mapping[str, str], values: Values, is_safe: Safe) -> frozenset[str]:
    """The areas whose sum of `values` may be published: each is safe, and so is each piece that they leave.

    Areas inside another are withheld before the outer one is, the smallest first (complementary suppression).
    """
    units_of = tree.members({unit: area_of[unit] for unit in values})

    def safe(units: Iterable[str]) -> bool:
        return is_safe(np.array([values[unit] for unit in sorted(units)], dtype=float))

    published: set[str] = set()
    for area in tree.deepest_first():
        if not units_of[area] or not safe(units_of[area]):
            continue
        while (rest := units_of[area].difference(*(units_of[i] for i in _inside(tree, area, published)))) and not safe(
            rest
        ):
            published.remove(min(_outermost(tree, area, published), key=lambda inner: (len(units_of[inner]), inner)))
        published.add(area)
    return frozenset(published | _solved(tree, published, units_of, area_of))


def _inside(tree: AreaTree, area: str, published: set[str]) -> list[str]:
    return [inner for inner in published if inner != area and area in tree.lineage(inner)]


def _outermost(tree: AreaTree, area: str, published: set[str]) -> list[str]:
    inside = _inside(tree, area, published)
    return [each for each in inside if not any(other in inside for other in tree.lineage(each)[1:])]


def _solved(
    tree: AreaTree, published: set[str], units_of: Mapping[str, frozenset[str]], area_of: Mapping[str, str]
) -> set[str]:
    """Withheld areas that are sums of whole pieces: they can be solved, and are as safe as these. So they are said."""
    known = {unit for units in units_of.values() for unit in units}
    pieces = tree.pieces(published, {unit: area_of[unit] for unit in known}).values()
    found = set()
    for area, units in units_of.items():
        if units and area not in published:
            within = [piece for piece in pieces if piece & units]
            if within and frozenset().union(*within) == units:
                found.add(area)
    return found


def revised(pieces: Iterable[frozenset[str]], before: Values, after: Values, is_safe: Safe, changes: Limits) -> Values:
    """The values of the second edition: of each piece the new ones, or, if its change would tell too much, the old.

    A unit without a new value keeps its old one; one without an old value is in no edition.
    """
    found = dict(before)
    for piece in pieces:
        units = sorted(piece)
        old = np.array([before[unit] for unit in units])
        new = np.array([after.get(unit, before[unit]) for unit in units])
        change = (new - old)[~np.isclose(new, old, rtol=SAME, atol=SAME)]
        if len(change) and changes.amounts(change) and is_safe(new):
            found |= dict(zip(units, new.tolist(), strict=True))
    return found

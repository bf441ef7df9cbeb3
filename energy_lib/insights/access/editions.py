"""The two editions of a sum: which areas say it, and of what it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from energy_lib.insights.access.privacy import AreaTree, Limits, Values, publishable, revised


@dataclass(frozen=True, slots=True)
class Released:
    """One measure of one month: what each unit adds, the unit's own area, and the areas that may say their sum."""

    values: Values
    area_of: Mapping[str, str]
    areas: frozenset[str]

    def told(self, tree: AreaTree) -> dict[str, dict[str, float]]:
        """Each area that says its sum → the values of the units in it and in all areas inside it."""
        members = tree.members(self.area_of)
        return {area: {unit: self.values[unit] for unit in sorted(members[area])} for area in self.areas}


def first_edition(
    tree: AreaTree, area_of: Mapping[str, str], values: Values, limits: Limits, *, flags: bool = False
) -> Released:
    """`values`: of the units of which it is known. `flags`: they are 0 or 1."""
    known = {unit: area_of[unit] for unit in values if unit in area_of and area_of[unit] in tree.parents}
    told = {unit: values[unit] for unit in known}
    return Released(told, known, publishable(tree, known, told, limits.flags if flags else limits.amounts))


def second_edition(tree: AreaTree, first: Released, values: Values, limits: Limits, *, flags: bool = False) -> Released:
    """The same units in the same areas, said by the same ones: of each piece the newer values, if they may be told."""
    pieces = tree.pieces(first.areas, first.area_of).values()
    said = revised(pieces, first.values, values, limits.flags if flags else limits.amounts, limits)
    return Released(said, first.area_of, first.areas)

"""Groups of units, and which of them may be told: by the privacy rule of areas, for what was and for what changes.

Areas and tenths cut the same homes in two ways. A sum of some areas less a sum of some tenths would be one of the few
homes in which the two differ: so tenths are told only if no such difference holds fewer homes than a cell must.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from energy_lib.insights.access.distribution import TENTHS
from energy_lib.insights.access.privacy import AreaTree, Limits, publishable
from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.scenarios.load import Unit

Places = npt.NDArray[np.int64]
# The area that all areas lie in, and all units without one.
ALL = "*"


@dataclass(frozen=True, eq=False)
class Group:
    """`members`: places in the portfolio."""

    category: str
    kind: str
    group_id: str
    members: Places


def tree_of(parents: Mapping[str, str | None]) -> AreaTree:
    """The areas below one root, ALL."""
    cut = {area: parent if parent in parents and parent != area else ALL for area, parent in parents.items()}
    return AreaTree({**cut, ALL: None})


def area_groups(category: str, units: Sequence[Unit], places: Places, tree: AreaTree) -> list[Group]:
    """All units of the category, and those of each area with the areas inside it."""
    names = {str(place): units[place].area_id or ALL for place in places.tolist()}
    members = tree.members({name: area if area in tree.parents else ALL for name, area in names.items()})
    return [
        Group(category, "all" if area == ALL else "area", area, np.array(sorted(map(int, members[area])), np.int64))
        for area in sorted(tree.parents)
    ]


def tenth_groups(category: str, places: Places, rank_by: Floats, kind: str) -> list[Group]:
    """Tenths of the units of which `rank_by` (by place in the portfolio) is known, the lowest first."""
    known = places[np.isfinite(rank_by[places])]
    ordered = known[np.argsort(rank_by[known], kind="stable")]
    parts = np.array_split(ordered, TENTHS)
    return [Group(category, kind, str(number), np.sort(part)) for number, part in enumerate(parts, start=1)]


Safe = Callable[[Floats], bool]


def safe_of(before: Floats, after: Floats, limits: Limits) -> Safe:
    """Whether a sum over these places is safe, and so is the sum of what changes in it."""

    def safe(places: Floats) -> bool:
        at = places.astype(np.int64)
        change = (after - before)[at]
        changed = change[~np.isclose(after[at], before[at], rtol=1e-9, atol=1e-9)]
        return limits.amounts(before[at]) and (not len(changed) or limits.amounts(changed))

    return safe


def told(
    groups: Sequence[Group], tree: AreaTree, area_of: Mapping[int, str], known: Places, is_safe: Safe, fewest: int
) -> set[int]:
    """The groups (by their place) whose sum over the `known` units may be told; areas of one category, and tenths."""
    names = {str(place): area_of[place] for place in known.tolist()}
    areas = publishable(tree, names, {name: float(name) for name in names}, is_safe)
    found = {i for i, group in enumerate(groups) if group.kind in ("all", "area") and group.group_id in areas}
    tenths = [(i, np.intersect1d(group.members, known)) for i, group in enumerate(groups) if i not in found]
    tenths = [(i, members) for i, members in tenths if groups[i].kind not in ("all", "area")]
    if tenths and all(len(members) and is_safe(members.astype(float)) for _, members in tenths):
        pieces = tree.pieces(areas, names)
        owner = {int(name): piece for piece, members in pieces.items() for name in members}
        tenth = {place: number for number, (_, members) in enumerate(tenths) for place in members.tolist()}
        rows = [(owner.get(place), tenth.get(place)) for place in known.tolist()]
        if smallest_difference(rows) >= fewest:
            found |= {i for i, _ in tenths}
    return found


def smallest_difference(rows: Sequence[tuple[str | None, int | None]]) -> int:
    """The fewest units that a sum of areas less a sum of tenths can leave, given each unit's area and tenth.

    None: the unit is in no area, or no tenth, that is told. Of all units, if nothing is left by any.
    """
    areas = sorted({area for area, _ in rows if area is not None})
    count = np.zeros((len(areas) + 1, TENTHS + 1), np.int64)
    for area, tenth in rows:
        count[len(areas) if area is None else areas.index(area), TENTHS if tenth is None else tenth] += 1
    sizes = count.sum(axis=1)
    least = len(rows)
    for chosen in product((False, True), repeat=TENTHS):
        within = count[:, [*chosen, False]].sum(axis=1)
        # Each area is taken or not, whichever leaves fewer; what is in no area cannot be taken.
        left = np.minimum(within, sizes - within)
        left[-1] = within[-1]
        total = int(left.sum())
        if total == 0 and areas:
            # Areas and tenths hold the same units here: the next smallest leaves one whole area.
            total = int(sizes[:-1].min())
        least = min(least, total) if total else least
    return least

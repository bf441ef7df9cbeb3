"""Which groups are told, and how runs make a range."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario_units import unit

from energy_lib.insights.access.privacy import Limits
from energy_lib.insights.scenarios.groups import (
    Group,
    area_groups,
    safe_of,
    smallest_difference,
    tenth_groups,
    told,
    tree_of,
)
from energy_lib.insights.scenarios.ranges import change_of

TREE = tree_of({"a": "town", "b": "town", "town": None, "lost": "nowhere"})
LIMITS = Limits(3, 0.5)


def homes(*areas: str | None) -> list[Group]:
    units = [unit({("gas", "import"): [1.0] * 24}, unit_id=str(i), area_id=area) for i, area in enumerate(areas)]
    return area_groups("homes", units, np.arange(len(units)), TREE)


def said(groups: list[Group], before: list[float], after: list[float], areas: list[str], limits: Limits) -> set[str]:
    known = np.arange(len(before))
    is_safe = safe_of(np.array(before), np.array(after), limits)
    found = told(groups, TREE, dict(enumerate(areas)), known, is_safe, limits.units)
    return {groups[i].group_id for i in found}


def test_areas_lie_in_one_another_and_all_in_the_first() -> None:
    members = {group.group_id: group.members.tolist() for group in homes("a", "a", "b", "lost", None, "unknown")}
    assert members == {"*": [0, 1, 2, 3, 4, 5], "a": [0, 1], "b": [2], "lost": [3], "town": [0, 1, 2]}


def test_a_small_area_is_withheld_and_so_is_one_that_would_give_it_away() -> None:
    areas = ["a"] * 5 + ["b"] * 2
    groups = homes(*areas)
    same = [1.0] * 7
    # The town less a would be the two homes of b: the town is told, a is not.
    assert said(groups, same, same, areas, LIMITS) == {"*", "town"}
    assert said(groups, same, same, areas, Limits(2, 0.5)) == {"*", "town", "a", "b"}
    assert said(groups, [9.0, *same[1:]], [9.0, *same[1:]], areas, LIMITS) == set(), "one home is more than half"


def test_a_change_of_a_few_homes_is_withheld_though_their_number_is_not_small() -> None:
    areas = ["a"] * 5 + ["b"] * 5
    groups, before = homes(*areas), [1.0] * 10
    three_of_b = [1.0] * 7 + [2.0] * 3
    assert said(groups, before, three_of_b, areas, LIMITS) == {"*", "town", "a", "b"}
    one_of_b = [1.0] * 9 + [2.0]
    assert said(groups, before, one_of_b, areas, LIMITS) == {"a"}


def test_tenths_hold_the_lowest_first_and_are_told_all_or_none() -> None:
    cost = np.arange(40.0)[::-1]
    tenths = tenth_groups("homes", np.arange(40), cost, "tenth_by_cost")
    assert [len(group.members) for group in tenths] == [4] * 10
    assert tenths[0].members.tolist() == [36, 37, 38, 39]
    areas = ["a", "b"] * 20
    groups = homes(*areas) + tenths
    same = [1.0] * 40
    assert {str(i) for i in range(1, 11)} <= said(groups, same, same, areas, LIMITS)
    assert not {str(i) for i in range(1, 11)} & said(groups, same, same, areas, Limits(5, 0.5))
    # Of a home whose bill is not known all areas less all tenths would tell.
    cost[3] = np.nan
    tenths = tenth_groups("homes", np.arange(40), cost, "tenth_by_cost")
    assert [len(group.members) for group in tenths] == [4] * 9 + [3]
    assert said(homes(*areas) + tenths, same, same, areas, LIMITS) == {"*", "town", "a", "b"}


def test_an_area_that_is_nearly_some_tenths_keeps_them_back() -> None:
    """Area a is the five lowest tenths but for one home: the difference would be that home and the one in its place."""
    areas = ["a"] * 20 + ["b"] * 20
    areas[19], areas[20] = areas[20], areas[19]
    tenths = tenth_groups("homes", np.arange(40), np.arange(40.0), "tenth_by_cost")
    groups, same = homes(*areas) + tenths, [1.0] * 40
    assert said(groups, same, same, areas, LIMITS) == {"*", "town", "a", "b"}


def brute(rows: list[tuple[str | None, int | None]]) -> int:
    """Every sum of areas less every sum of tenths."""
    areas = sorted({area for area, _ in rows if area is not None})
    tenths = sorted({tenth for _, tenth in rows if tenth is not None})

    def subsets(values: list[object]) -> list[tuple[object, ...]]:
        return list(chain.from_iterable(combinations(values, n) for n in range(len(values) + 1)))

    counts = {
        sum((area in some) != (tenth in others) for area, tenth in rows)
        for some in subsets(list(areas))
        for others in subsets(list(tenths))
    }
    return min((count for count in counts if count), default=len(rows))


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b", "c"]), st.sampled_from([None, 0, 1, 2])), min_size=1))
def test_the_smallest_difference_is_that_of_all_sums(rows: list[tuple[str | None, int | None]]) -> None:
    assert smallest_difference(rows) == brute(rows)


def test_deviations_of_single_assumptions_add_up_in_quadrature() -> None:
    # Central 110; a moves it to 107 and 114, b to 106 and 110: 3 and 4 below, 4 and 0 above.
    change = change_of(100.0, np.array([110.0, 107, 114, 106, 110]), [None, "a", "a", "b", "b"])
    assert (change.low, change.central, change.high) == pytest.approx((5.0, 10.0, 14.0))
    assert change.hangs_on == "a"
    # Both ends on one side: a peak that another hour takes over.
    change = change_of(100.0, np.array([110.0, 107, 109]), [None, "a", "a"])
    assert (change.low, change.high) == pytest.approx((7.0, 10.0))
    assert change_of(1.0, np.array([2.0]), [None]).hangs_on is None
    assert change_of(1.0, np.array([2.0, 2.0]), [None, "a"]).hangs_on is None

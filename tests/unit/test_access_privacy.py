"""Which cells are withheld, worked out by hand: too few, one too large, and those that would give them away."""

from __future__ import annotations

import numpy as np
import pytest

from energy_lib.insights.access.privacy import AreaTree, Limits, publishable, revised

TOWN = AreaTree({"town": None, "north": "town", "east": "town", "south": "town"})
LIMITS = Limits(15, 0.15)


def homes(**counts: int) -> dict[str, str]:
    return {f"{area}{i}": area for area, count in counts.items() for i in range(count)}


def published(area_of: dict[str, str], tree: AreaTree = TOWN, **values: float) -> set[str]:
    return set(publishable(tree, area_of, dict.fromkeys(area_of, 1.0) | values, LIMITS.amounts))


def test_fifteen_meters_are_enough_and_fourteen_are_not() -> None:
    assert LIMITS.amounts(np.ones(15))
    assert not LIMITS.amounts(np.ones(14))


def test_a_meter_may_be_fifteen_percent_of_a_cell_and_no_more() -> None:
    assert LIMITS.amounts(np.array([3.0, *[1.0] * 17]))
    assert not LIMITS.amounts(np.array([3.01, *[1.0] * 17]))
    # What is exported by one and imported by others does not hide it.
    assert not LIMITS.amounts(np.array([-3.01, *[1.0] * 17]))


def test_a_withheld_ward_costs_the_smallest_of_its_sisters_and_not_the_town() -> None:
    assert published(homes(north=30, east=20, south=14)) == {"town", "north"}
    # Two wards that are withheld hide each other if they are enough together.
    assert published(homes(north=30, east=9, south=9)) == {"town", "north"}
    assert published(homes(north=30, east=20, south=15)) == {"town", "north", "east", "south"}


def test_meters_of_the_town_itself_are_a_piece_too() -> None:
    assert published(homes(north=30, east=20, town=3)) == {"town", "north"}
    assert published(homes(north=30, east=20, town=15)) == {"town", "north", "east"}


def test_a_large_meter_withholds_its_ward_and_is_hidden_by_a_sister() -> None:
    # 10 of 39 in its ward; 10 of 59 are 17 % with the smaller sister too, 10 of 89 are not.
    area_of = homes(north=30, east=20, south=30)
    assert published(area_of, south0=10.0) == {"town"}
    assert published(homes(north=30, east=40, south=30), south0=10.0) == {"town", "east"}


def test_an_area_that_is_the_sum_of_published_ones_is_published() -> None:
    tree = AreaTree({"region": None, "town": "region", "north": "town", "east": "town", "village": "region"})
    # The region's own three meters cost the village; the town and its wards stay.
    assert published(homes(north=40, east=40, village=30, region=3), tree) == {"region", "town", "north", "east"}
    lonely = AreaTree({"town": None, "ward": "town"})
    assert published(homes(ward=15), lonely) == {"town", "ward"}


def test_a_circle_of_areas_ends() -> None:
    assert AreaTree({"a": "b", "b": "a"}).lineage("a") == ["a", "b"]
    assert published(homes(a=20), AreaTree({"a": "gone"})) == {"a"}


@pytest.mark.parametrize(("changed", "is_said"), [(0, False), (1, False), (14, False), (15, True)])
def test_a_piece_is_said_anew_only_if_enough_of_it_changed(changed: int, is_said: bool) -> None:
    before = {f"m{i:02d}": 1.0 for i in range(40)}
    after = before | {f"m{i:02d}": 2.0 for i in range(changed)}
    said = revised([frozenset(before)], before, after, LIMITS.amounts, LIMITS)
    assert said == (after if is_said else before)


def test_a_change_that_is_nearly_one_meters_is_not_said() -> None:
    before = {f"m{i:02d}": 10.0 for i in range(40)}
    after = dict.fromkeys(before, 10.1) | {"m00": 15.0}
    assert revised([frozenset(before)], before, after, LIMITS.amounts, LIMITS) == before
    # One without a new value keeps its old one.
    most = dict.fromkeys(sorted(before)[:30], 10.1)
    assert revised([frozenset(before)], before, most, LIMITS.amounts, LIMITS) == before | most


def test_a_piece_in_which_one_meter_has_become_too_large_is_not_said_anew() -> None:
    before = {f"m{i:02d}": 1.0 for i in range(16)}
    # The change is fair, 2 of 14 kWh, but of the 6 kWh that are left 3 are one meter's.
    after = dict.fromkeys(before, 0.2) | {"m00": 3.0}
    assert LIMITS.amounts(np.array([2.0, *[0.8] * 15]))
    assert revised([frozenset(before)], before, after, LIMITS.amounts, LIMITS) == before

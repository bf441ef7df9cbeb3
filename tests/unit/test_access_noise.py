"""Differential privacy: the noise has its law, one home moves no more than it may, and no fuel or area is missing."""

from __future__ import annotations

import math
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.insights.access.noise import discrete_laplace, standard_deviation
from energy_lib.insights.access.privacy import AreaTree
from energy_lib.insights.access.private_statistics import CONNECTED, DISCONNECTED, HomeFacts, exact_sums, private_rows

FUELS = ("electricity", "gas")
TREE = AreaTree({"town": None, "north": "town", "south": "town"})


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(2), Fraction(7, 3)])
def test_the_noise_has_its_law(scale: Fraction) -> None:
    draw, count = random.Random(1).randrange, 20_000
    found = Counter(discrete_laplace(scale, draw) for _ in range(count))
    odds = math.exp(-1 / float(scale))
    for value in range(-4, 5):
        expected = (1 - odds) / (1 + odds) * odds ** abs(value)
        # Five standard errors of a share.
        assert abs(found[value] / count - expected) < 5 * math.sqrt(expected / count) + 1e-4
    spread = math.sqrt(sum(value**2 * n for value, n in found.items()) / count)
    assert spread == pytest.approx(standard_deviation(scale), rel=0.05)


homes = st.builds(
    HomeFacts,
    st.sampled_from(sorted(TREE.parents)),
    st.sampled_from([None, True, False]),
    st.dictionaries(st.sampled_from([*FUELS, "oil"]), st.floats(-1e9, 1e9)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(homes, max_size=6), homes)
def test_a_home_more_moves_one_count_by_one_and_each_fuel_by_the_clip_at_most(
    others: list[HomeFacts], one: HomeFacts
) -> None:
    without, with_it = exact_sums(others, FUELS, 500), exact_sums([*others, one], FUELS, 500)
    assert list(without) == list(with_it), "what is told does not depend on who is there"
    moved = {
        name: sum(abs(with_it[name].get(area, 0) - without[name].get(area, 0)) for area in TREE.parents)
        for name in without
    }
    assert moved[DISCONNECTED, "*"] + moved[CONNECTED, "*"] <= 1
    assert all(moved["energy_kwh", fuel] <= 500 for fuel in FUELS)


def test_every_area_is_told_and_outer_ones_are_sums_of_what_was_drawn() -> None:
    town = [HomeFacts("north", True, {"gas": 100.4}), HomeFacts("north", False, {"gas": 900.0})]
    rows = private_rows(TREE, town, FUELS, Fraction(1), 500, random.Random(2).randrange)
    assert len(rows) == len(TREE.parents) * 4
    none = private_rows(TREE, town, FUELS, Fraction(10**6), 500, random.Random(2).randrange)
    told = {(row["area_id"], row["statistic"], row["fuel"]): row["value"] for row in none}
    assert told["town", "energy_kwh", "gas"] == told["north", "energy_kwh", "gas"] == 600
    assert (told["town", DISCONNECTED, "*"], told["south", DISCONNECTED, "*"]) == (1, 0)
    spread = {(row["area_id"], row["statistic"]): row["noise_standard_deviation"] for row in rows}
    assert spread["town", DISCONNECTED] == pytest.approx(math.sqrt(3) * spread["north", DISCONNECTED])
    # Half of epsilon 1 for two fuels of 500 kWh: a scale of 2000 kWh.
    assert spread["north", "energy_kwh"] == pytest.approx(math.sqrt(2) * 2000, rel=0.01)

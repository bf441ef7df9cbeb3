"""An attacker with linear algebra and everything ever published solves no withheld cell and no few units."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.insights.access.privacy import AreaTree, Floats, Limits, publishable, revised

LIMITS = Limits(3, 0.6)
# Some meters are far larger than others, and some use nothing.
amounts = st.sampled_from([0.0, 1.0, 1.0, 1.5, 2.0, 3.0, 50.0])


@st.composite
def histories(draw: st.DrawFn) -> tuple[AreaTree, dict[str, str], dict[str, float], dict[str, float]]:
    """A tree of areas, meters at any of its levels, their values, and what some of them turn out to be later."""
    size = draw(st.integers(1, 7))
    parents: dict[str, str | None] = {"a0": None}
    parents |= {
        f"a{i}": f"a{draw(st.integers(0, i - 1))}" if draw(st.booleans()) or i < 4 else None for i in range(1, size)
    }
    meters = [f"m{i}" for i in range(draw(st.integers(1, 14)))]
    area_of = {meter: draw(st.sampled_from(sorted(parents))) for meter in meters}
    before = {meter: draw(amounts) for meter in meters}
    after = {meter: draw(amounts) if draw(st.booleans()) else before[meter] for meter in meters}
    return AreaTree(parents), area_of, before, after


def rows_of(cells: list[set[tuple[str, float]]], columns: list[tuple[str, float]]) -> Floats:
    """Published sums as rows over the unknowns: a meter's value as it was first, and later if it differs."""
    return np.array([[1.0 if column in cell else 0.0 for column in columns] for cell in cells]).reshape(
        -1, len(columns)
    )


def rank(matrix: Floats) -> int:
    return 0 if 0 in matrix.shape else int(np.linalg.matrix_rank(matrix))


@settings(max_examples=300, deadline=None)
@given(histories())
def test_nothing_ever_published_solves_a_withheld_cell_or_few_meters(
    history: tuple[AreaTree, dict[str, str], dict[str, float], dict[str, float]],
) -> None:
    tree, area_of, before, after = history
    units_of = tree.members(area_of)
    published = publishable(tree, area_of, before, LIMITS.amounts)
    later = revised(tree.pieces(published, area_of).values(), before, after, LIMITS.amounts, LIMITS)
    editions = [
        {area: {(unit, values[unit]) for unit in units_of[area]} for area in tree.parents} for values in (before, later)
    ]
    columns = sorted({(unit, values[unit]) for values in (before, later) for unit in area_of})
    known = rows_of([cells[area] for cells in editions for area in sorted(published)], columns)
    solved = rank(known)
    for cells in editions:
        for area, cell in cells.items():
            if area not in published and cell:
                assert rank(np.vstack([known, rows_of([cell], columns)])) == solved + 1, area
    # A combination that holds unknowns of few meters alone would vanish without them, and the rank would fall.
    for few in combinations(sorted(area_of), min(LIMITS.units - 1, len(area_of))):
        others = [i for i, (unit, _) in enumerate(columns) if unit not in few]
        assert rank(known[:, others]) == solved, few
    # Whatever sum of one edition can be solved is safe: try every set of meters.
    for cells in editions:
        values = dict(set().union(*cells.values()))
        for count in range(1, min(len(values), 6) + 1):
            for some in combinations(sorted(values.items()), count):
                row = rows_of([set(some)], columns)
                if not LIMITS.amounts(np.array([value for _, value in some])):
                    assert rank(np.vstack([known, row])) == solved + 1, some


@settings(max_examples=150, deadline=None)
@given(histories(), st.integers(0, 2**14 - 1))
def test_a_count_is_published_only_where_neither_answer_is_rare(
    history: tuple[AreaTree, dict[str, str], dict[str, float], dict[str, float]], bits: int
) -> None:
    tree, area_of, _, _ = history
    limits = Limits(3, 0.5)
    flags = {unit: float(bits >> place & 1) for place, unit in enumerate(sorted(area_of))}
    published = publishable(tree, area_of, flags, limits.flags)
    for piece in tree.pieces(published, area_of).values():
        have = sum(flags[unit] for unit in piece)
        assert 2 <= have <= len(piece) - 2
        assert len(piece) >= 3

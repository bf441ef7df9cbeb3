"""Rows a second and the share of input, from the seconds of an epoch's steps."""

from __future__ import annotations

import pytest

from energy_lib.training.networks.pace import Pace


def paced(*steps: tuple[float, float]) -> Pace:
    pace = Pace()
    for waited, computed in steps:
        pace.add(waited, computed)
    return pace


@pytest.mark.parametrize(
    ("steps", "rows_per_second", "input_share"),
    [
        # The first compiles: 100 rows in each of two steps of a second.
        ([(3.0, 30.0), (0.25, 0.75), (0.25, 0.75)], 100.0, 0.25),
        # An epoch of one step has no other to go by.
        ([(1.0, 4.0)], 20.0, 0.2),
        ([], 0.0, 0.0),
    ],
)
def test_the_first_step_counts_only_where_it_is_the_only_one(
    steps: list[tuple[float, float]], rows_per_second: float, input_share: float
) -> None:
    pace = paced(*steps)
    assert pace.rows_per_second(100) == rows_per_second
    assert pace.input_share == input_share

"""A register's steps: rollovers, exchanges of the meter, and what is large but usual."""

from __future__ import annotations

import numpy as np
import pytest

from energy_lib.cleaning.register_steps import HOUR_US, Steps, outsized, step_kwh

RANGES = (99_999.0, 999_999.0)


def steps(kwh: list[float], *, hours: float = 1.0, fell: list[int] | None = None, limited: bool = False) -> Steps:
    """Steps one after the other, each `hours` long; `fell`: the places of those in which the register fell."""
    count = len(kwh)
    falls = np.zeros(count, dtype=bool)
    falls[fell or []] = True
    stamp = (np.arange(1, count + 1) * hours * HOUR_US).astype(np.int64)
    return Steps(
        stamp, np.full(count, hours), np.array(kwh), falls, np.ones(count, dtype=bool), np.full(count, limited)
    )


def test_energy_between_two_reads_also_over_the_end_of_the_range() -> None:
    before, now = np.array([10.0, 99_990.0, 95_432.4, 500.0, 999_999.0]), np.array([12.0, 4.0, 3.0, 4.0, 0.0])
    np.testing.assert_allclose(step_kwh(before, now, RANGES), [2.0, 14.0, 4570.6, np.nan, 1.0])


@pytest.mark.parametrize(
    ("kwh", "hours", "expected"),
    [
        ([0.5, 13_799.5, 0.4, 0.5], 1.0, [1]),  # the meter was exchanged
        ([0.5, 0.4, 24.0, 0.5], 1.0, []),  # a car and a shower
        ([300.0, 13_800.0, 280.0], 720.0, [1]),  # exchanged in a month
        ([5.0, 800.0, 7.0], 720.0, []),  # an empty home that was heated for a month
        ([480.0, 500.0, 9_000.0, 510.0], 1.0, []),  # a works that runs hard for an hour
        ([500.0], 1.0, []),  # nothing speaks against it
        ([0.5] * 12 + [14_000.0] + [0.5] * 12 + [20_000.0], 1.0, [12, 25]),  # exchanged twice
        ([1.0] * 12 + [500.0, 1.0, 500.0, 1.0, 500.0], 1.0, []),  # what comes again is use
        ([1.0, 1.0, 500.0], 10 / 3600, [2]),
        ([1.0, 1.0, 20.0], 10 / 3600, []),  # a register that counts in large ticks
    ],
)
def test_a_rise_is_held_against_a_home_and_the_meters_other_steps(
    kwh: list[float], hours: float, expected: list[int]
) -> None:
    assert np.flatnonzero(outsized(steps(kwh, hours=hours))).tolist() == expected
    assert not outsized(steps(kwh, hours=hours, limited=True)).any(), "the capacity decides where it is known"


def test_a_fall_is_no_rollover_if_that_were_more_than_the_meter_uses() -> None:
    assert outsized(steps([0.3, 4570.6, 0.5, 0.6], fell=[1], limited=True)).tolist() == [False, True, False, False]
    assert not outsized(steps([4.9, 9.9, 5.0], fell=[1])).any()
    assert not outsized(steps([400.0, 510.0, 450.0], fell=[1])).any()
    assert outsized(steps([4570.6], fell=[0])).all(), "with nothing to hold it against, a fall is doubted"


def test_no_fall_and_no_replaced_step_tells_what_is_usual() -> None:
    replaced = steps([0.5, 13_000.0, 13_000.0, 0.5])
    replaced.stands[1:3] = False
    assert outsized(replaced).tolist() == [False, True, True, False]
    assert outsized(steps([4000.0, np.nan, 4000.0], fell=[0, 1, 2])).tolist() == [True, False, True]


def test_only_steps_of_a_month_around_tell_what_is_usual() -> None:
    far = steps([500.0] + [1.0] * 40 + [500.0], hours=24.0)
    far = Steps(far.stamp, np.full(42, 1.0), far.kwh, far.fell, far.stands, far.limited)
    assert np.flatnonzero(outsized(far)).tolist() == [0, 41]

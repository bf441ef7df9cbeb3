"""A tier's budget: what the run says of it, and when it fails."""

from __future__ import annotations

import pytest
from tiers import judged

BUDGETS = ["test = 10", "test-slow = 12"]


@pytest.mark.parametrize(("minutes", "outgrown"), [(9.0, False), (15.0, False), (15.1, True)])
def test_a_tier_fails_when_it_takes_more_than_half_beyond_its_budget(minutes: float, outgrown: bool) -> None:
    line, failed = judged("test", minutes, BUDGETS)
    assert failed == outgrown
    assert line.startswith(f"test: {minutes} minutes of 10")


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(pytest.UsageError, match=r"tier_minutes in pyproject\.toml has test, test-slow"):
        judged("tets", 1.0, BUDGETS)

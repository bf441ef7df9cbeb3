"""Given readings, then hours: tests/scenarios/cleaning/<name>/{given,then}.csv."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios" / "cleaning").iterdir())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda folder: folder.name)
def test_given_then(scenario: Path) -> None:
    given = pd.read_csv(scenario / "given.csv", parse_dates=["interval_start_utc", "available_at_utc"])
    given = given.assign(meter_id="m", fuel="electricity", flags=[[] for _ in range(len(given))])
    then = pd.read_csv(scenario / "then.csv", parse_dates=["interval_start_utc", "available_at_utc"])
    shuffled = given.sample(frac=1.0, random_state=3)
    found = hourly_view(shuffled, CleaningConfig())[list(then.columns)]
    found = found.assign(imputed_by=found["imputed_by"].fillna("").replace("", None))
    then = then.assign(imputed_by=then["imputed_by"].where(then["imputed_by"].notna(), None))
    pd.testing.assert_frame_equal(found, then, check_dtype=False)

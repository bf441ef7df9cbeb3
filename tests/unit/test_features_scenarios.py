"""Given readings, then features: tests/scenarios/features/<name>/{given,then}.csv.

A row of then.csv is one value of one feature, empty where it is unknown. The meter is in London and has no weather.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from energy_lib.cleaning import hourly_view
from energy_lib.config import CleaningConfig
from energy_lib.features import feature_rows, feature_set
from energy_lib.features.arrays import epoch_hours
from energy_lib.features.calendar import Place
from energy_lib.features.meter import Meter
from energy_lib.features.weather import WeatherBook

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios" / "features").iterdir())
METER = Meter("m", "electricity", Place("Europe/London", "GB", "ENG"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda folder: folder.name)
def test_given_then(scenario: Path) -> None:
    readings = pd.read_csv(scenario / "given.csv", parse_dates=["interval_start_utc", "available_at_utc"])
    readings = readings.assign(meter_id="m", fuel="electricity", flags=[[] for _ in range(len(readings))])
    then = pd.read_csv(scenario / "then.csv", parse_dates=["origin_utc", "interval_start_utc"])
    hourly = hourly_view(readings.sample(frac=1.0, random_state=3), CleaningConfig())
    origins = epoch_hours(pd.DatetimeIndex(then["origin_utc"].unique()))
    rows = feature_rows(feature_set(24), METER, hourly, origins, WeatherBook({}, {}))
    rows = rows.set_index(["origin_utc", "interval_start_utc"])
    for expected in then.itertuples():
        value = rows.loc[(expected.origin_utc, expected.interval_start_utc), expected.feature]
        np.testing.assert_allclose(value, expected.value, rtol=1e-6, err_msg=str(expected))

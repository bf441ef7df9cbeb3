"""Net load of a site from forecasts of its flows, the model that is taken, and hours beyond the forecast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from bronze_rows import instant

from energy_lib.insights.schedules.forecast import METER_COLUMNS, SiteForecast, site_forecasts
from energy_lib.insights.schedules.problem import repeated_days
from energy_lib.tables import gold
from energy_lib.tables.arrow import arrow_schema
from energy_lib.vocabulary import QUANTILES

ORIGIN = instant("2024-03-05 00:00")
NOTHING = pa.table({name: pa.array([], arrow_schema(gold.FORECASTS).field(name).type) for name in METER_COLUMNS})


def rows(flow: str | None, median: float, model: tuple[str, str] = ("dense", "3"), hours: int = 24) -> Iterator[Any]:
    for hour in range(hours):
        yield {
            "group_id": "s", "flow": flow, "interval_start_utc": ORIGIN + pd.Timedelta(hours=hour),
            "model_name": model[0], "model_version": model[1], "imputed_share": 0.5 if flow == "export" else 0.0,
            **{name: median + 10 * (level - 0.5) for name, level in QUANTILES.items()},
        }  # fmt: skip


def forecast(*parts: Iterator[Any], generators: pa.Table = NOTHING) -> SiteForecast | str:
    schema = arrow_schema(gold.GROUP_FORECASTS)
    found = [row for part in parts for row in part]
    table = pa.table({name: pa.array([row[name] for row in found], schema.field(name).type) for name in found[0]})
    return site_forecasts(table, generators, {"pv": "s"}, ORIGIN, 48)["s"]


def test_what_is_exported_lowers_the_net_load_by_its_opposite_quantile() -> None:
    site = forecast(rows(None, 20.0), rows("export", 6.0), rows("generation", 99.0))
    assert isinstance(site, SiteForecast)
    assert site.net_kw["p50"][0] == 14.0
    # Import at 24.5 while export is at 1.5.
    assert site.net_kw["p95"][0] == 23.0
    assert site.imputed_share[0] == 0.5
    assert list(site.repeated[22:26]) == [False, False, True, True]


def test_a_trained_model_comes_before_a_baseline_and_a_later_version_before_an_earlier() -> None:
    naive = ("seasonal_naive_168h", "seasonal_naive_168h")
    site = forecast(rows(None, 1.0, naive), rows(None, 2.0, ("dense", "9")), rows(None, 3.0, ("dense", "10")))
    assert isinstance(site, SiteForecast)
    assert site.net_kw["p50"][0] == 3.0
    assert (site.model_name, site.model_version) == ("dense", "10")
    alone = forecast(rows(None, 1.0, naive))
    assert isinstance(alone, SiteForecast)
    assert alone.model_name == naive[0]


def test_less_than_a_day_is_no_forecast() -> None:
    assert forecast(rows(None, 1.0), rows("export", 1.0, hours=23)) == "forecast_too_short: site s is forecast for 23 h"
    holed = [row for i, row in enumerate(rows(None, 1.0, hours=48)) if i != 5]
    assert forecast(iter(holed)) == "forecast_too_short: site s is forecast for 5 h"


def test_hours_beyond_a_forecast_repeat_its_last_day() -> None:
    assert list(repeated_days(np.arange(24.0), 50)[[0, 23, 24, 47, 48, 49]]) == [0, 23, 0, 23, 0, 1]
    assert list(repeated_days(np.arange(30.0), 56)[[29, 30, 53, 54, 55]]) == [29, 6, 29, 6, 7]
    assert list(repeated_days(np.arange(72.0), 48)) == list(np.arange(48.0))

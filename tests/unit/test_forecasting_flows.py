"""What export, generation and net registers ask of models and forecasts: their own boosters, and signs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic_features import feature_rows

from energy_lib.features.calendar import Place
from energy_lib.features.definitions.meter_attributes import ATTRIBUTES
from energy_lib.features.meter import Meter
from energy_lib.forecasting.group_spread import POSITIONS, SCORES, spread_of
from energy_lib.forecasting.model_forecasts import NO_MODEL, ModelRef, forecast_rows
from energy_lib.models.baselines import SEASONAL_NAIVE_24H, SEASONAL_NAIVE_168H
from energy_lib.vocabulary import COMMODITIES, QUANTILES, Commodity, Flow, Fuel

ENERGIES = ("energy_lag_", "energy_same_hour", "energy_wall", "energy_mean", "energy_same_day")


def last_group(flow: str | None, sign: float = 1.0) -> pd.DataFrame:
    """One meter's last origin, its energies times `sign`."""
    rows = feature_rows(meters=1, days=40, seed=1)
    rows = rows[rows["origin_utc"] == rows["origin_utc"].max()].reset_index(drop=True)
    energies = [name for name in rows if name.startswith(ENERGIES)]
    rows[energies] *= sign
    return rows.assign(flow=flow, feature_set="ab12")


def test_electricity_and_gas_keep_their_codes_and_flows_have_others() -> None:
    assert [str(commodity) for commodity in COMMODITIES[:2]] == ["electricity", "gas"]
    assert len({str(commodity) for commodity in COMMODITIES}) == len(COMMODITIES) == len(Fuel) * len(Flow)
    codes = {
        flow: ATTRIBUTES["fuel_code"].value(Meter("m", "electricity", Place("UTC"), flow=flow))
        for flow in ("import", "net")
    }
    assert codes["import"] == 0.0
    assert COMMODITIES[int(codes["net"])] == Commodity(Fuel.ELECTRICITY, Flow.NET)


@pytest.mark.parametrize("model", [SEASONAL_NAIVE_24H.name, SEASONAL_NAIVE_168H.name])
def test_a_naive_of_a_net_register_goes_below_zero_and_others_do_not(model: str) -> None:
    net = forecast_rows(last_group("net", -1.0), ModelRef.baseline(model), "live")
    known = forecast_rows(last_group(None), ModelRef.baseline(model), "live")
    values = net[list(QUANTILES)].to_numpy()
    # What is given instead of taken.
    np.testing.assert_allclose(net["p50"], -known["p50"])
    assert (net["p50"] < 0).all()
    assert (np.diff(values) >= 0).all()
    assert set(net["flow"]) == {"net"}
    for flow in ("export", "generation", "import", None):
        rows = forecast_rows(last_group(flow, -1.0), ModelRef.baseline(model), "live")
        assert (rows[list(QUANTILES)].to_numpy() >= 0).all()


def test_a_net_register_without_a_past_may_take_or_give() -> None:
    rows = last_group("net")
    energies = [name for name in rows if name.startswith(("energy_", "level"))]
    rows[energies] = np.nan
    guessed = forecast_rows(rows, NO_MODEL, "live")
    assert set(guessed["fallback"]) == {"no_model: fuel_default"}
    assert (guessed["p05"] < 0).all()
    assert (guessed["p95"] > 0).all()


def test_a_group_of_net_registers_keeps_its_sign() -> None:
    quantiles = dict(zip(QUANTILES, np.arange(-9.0, -2.0), strict=True))
    positions = dict(zip(POSITIONS, SCORES / 2, strict=True))
    rows = pd.DataFrame([{"flow": flow, **quantiles, **positions} for flow in ("net", "export")])
    own = spread_of(rows)[list(QUANTILES)]
    assert own.loc[0].between(-9, -3).all()
    assert (np.diff(own.loc[0]) > 0).all()

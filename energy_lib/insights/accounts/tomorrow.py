"""Forecast emissions and cost: quantiles of energy times factors and prices that were known at the origin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from energy_lib.insights.accounts.amounts import GRAMS, MONEY, Floats, Texts, decimals, either, units
from energy_lib.insights.accounts.book import Book, Profile
from energy_lib.insights.accounts.carbon import CarbonTerms, carbon_terms
from energy_lib.insights.accounts.hour_grid import grid_of
from energy_lib.insights.accounts.hours import US_PER_HOUR
from energy_lib.insights.accounts.prices import CostTerms, cost_terms
from energy_lib.tables.answers.accounts import ACCOUNT_FORECASTS
from energy_lib.tables.arrow import arrow_schema, conform_arrow
from energy_lib.vocabulary import Flow

QUANTILES = ("p10", "p50", "p90")
NO_FORECAST = "no_forecast"
KEY = ("meter_id", "origin_utc", "interval_start_utc", "model_name", "model_version", "run_kind", "imputed_share")


def forecast_rows(forecasts: pa.Table, month: date, book: Book) -> pa.Table:
    """Rows of gold.account_forecasts for rows of gold.forecasts of one origin, in this `month`.

    `book`: as it was known at the origin.

    A quantile of energy times a factor is that quantile of the product. At a negative price, and of what is paid out,
    the order turns round: cost_p10 is then what p90 of the energy costs.
    """
    frame = forecasts.select([*KEY, *QUANTILES]).to_pandas(timestamp_as_object=False)
    hour = forecasts["interval_start_utc"].cast(pa.int64()).to_numpy() // US_PER_HOUR
    parts = []
    profiles = frame["meter_id"].map({name: meter.profile for name, meter in book.meters.items()})
    for profile in dict.fromkeys(profiles.dropna()):
        rows = np.flatnonzero((profiles == profile).to_numpy())
        part = _of_profile(forecasts.take(pa.array(rows)), frame.iloc[rows], hour[rows], profile, book)
        parts.append(conform_arrow(part.append_column("month", pa.array([month] * len(rows))), ACCOUNT_FORECASTS))
    return pa.concat_tables(parts) if parts else arrow_schema(ACCOUNT_FORECASTS).empty_table()


def _of_profile(rows: pa.Table, frame: pd.DataFrame, hour: Any, profile: Profile, book: Book) -> pa.Table:
    grid = grid_of(profile.zone, profile.country, profile.subdivision, int(hour.min()), int(hour.max()) + 1)
    carbon, cost = carbon_terms(profile, grid, book), cost_terms(profile, grid, book)
    place = hour - grid.first
    size = len(place)
    energy = _in_order(frame[list(QUANTILES)].to_numpy(float))
    text = pa.string()
    counts = profile.flow in (Flow.IMPORT, Flow.NET)
    why = carbon.reason[place] if counts else np.full(size, f"{profile.flow}_is_not_counted", dtype=object)
    factor = carbon.factor[place] if counts else np.full(size, np.nan)
    grams = _in_order(np.clip(energy, 0, None) * factor[:, None])
    known = {name: rows[name] for name in KEY}
    columns: dict[str, Any] = {
        **known,
        "fuel": pa.array([profile.fuel] * size, text),
        "flow": pa.array([profile.flow] * size, text),
        "scope": pa.array([carbon.scope] * size, text),
        **_factor_columns(carbon, place),
        **{f"emissions_{name}_g": decimals(*units(grams[:, i], GRAMS), GRAMS) for i, name in enumerate(QUANTILES)},
        "emissions_reason": pa.array(_why(grams[:, 1], energy[:, 1], why), text),
        **_cost_columns(energy, cost, place),
    }
    return pa.table(columns)


def _factor_columns(carbon: CarbonTerms, place: Any) -> Mapping[str, Any]:
    return {
        "factor_g_per_kwh": pa.array(carbon.factor[place], from_pandas=True),
        "factor_publication": pa.array(carbon.publication[place], pa.string()),
        "factor_edition": pa.array(carbon.edition[place], pa.string()),
        "stale_share": pa.array(carbon.stale[place], from_pandas=True).cast(pa.float32()),
        "marginal_factor_g_per_kwh": pa.array(carbon.marginal[place], from_pandas=True),
    }


def _cost_columns(energy: Floats, cost: CostTerms, place: Any) -> Mapping[str, Any]:
    inward, outward = cost.inward.price[place], cost.outward.price[place]
    price = np.where(energy >= 0, inward[:, None], outward[:, None])
    money = _in_order(energy * price)
    reason = either(energy[:, 1] < 0, cost.outward.reason[place], cost.inward.reason[place])
    estimated = cost.inward.estimated[place] | cost.outward.estimated[place]
    return {
        "currency": pa.array([cost.currency] * len(place), pa.string()),
        "price_per_kwh": pa.array(price[:, 1], from_pandas=True),
        "price_is_estimated": pa.array(estimated),
        **{f"cost_{name}": decimals(*units(money[:, i], MONEY), MONEY) for i, name in enumerate(QUANTILES)},
        "cost_reason": pa.array(_why(money[:, 1], energy[:, 1], reason), pa.string()),
    }


def _in_order(quantiles: Floats) -> Floats:
    """Each row from its least to its greatest; one that lacks a value stays as it is."""
    whole = np.isfinite(quantiles).all(axis=1, keepdims=True)
    return np.where(whole, np.sort(quantiles, axis=1), quantiles)


def _why(amount: Floats, energy: Floats, said: Any) -> Texts:
    """Why an amount is not known: there is no forecast, or what the terms say."""
    return either(np.isfinite(amount), None, either(np.isfinite(energy), said, NO_FORECAST))

"""Rows of gold.hourly_accounts as an Arrow table: text is written once for each hour of the grid, not for each row."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from energy_lib.insights.accounts.amounts import GRAMS, MONEY, Floats, decimals
from energy_lib.insights.accounts.book import Profile
from energy_lib.insights.accounts.carbon import CarbonTerms
from energy_lib.insights.accounts.hour_amounts import Amounts, HourAmounts
from energy_lib.insights.accounts.hour_grid import HourGrid
from energy_lib.insights.accounts.hours import US_PER_HOUR, Hours
from energy_lib.insights.accounts.prices import CostTerms
from energy_lib.tables.answers.accounts import HOURLY_ACCOUNTS
from energy_lib.tables.arrow import conform_arrow
from energy_lib.vocabulary import Flow

STAMP = pa.timestamp("us", tz="UTC")


def hour_rows(
    rows: Hours,
    amounts: HourAmounts,
    profile: Profile,
    grid: HourGrid,
    carbon: CarbonTerms,
    cost: CostTerms,
    month: date,
) -> pa.Table:
    """`rows` of meters of one profile, all of this month, with their amounts."""
    size, place = len(rows.hour), pa.array(amounts.place)

    def repeated(value: Any, kind: pa.DataType) -> pa.Array:
        return pa.array([value], kind).take(pa.array(np.zeros(size, np.int64)))

    def of_hour(values: Any, kind: pa.DataType) -> pa.Array:
        return pa.array(list(values), kind).take(place)

    def numbers(values: Floats) -> pa.Array:
        return pa.array(values, from_pandas=True)

    def exact(each: Amounts, scale: int) -> pa.Array:
        return decimals(each.values, each.known, scale)

    counts = profile.flow in (Flow.IMPORT, Flow.NET)
    text = pa.string()
    columns = {
        "meter_id": pa.array(rows.names, text).take(pa.array(rows.meter)),
        "fuel": repeated(profile.fuel, text),
        "flow": repeated(profile.flow, text),
        "interval_start_utc": pa.array(rows.hour * US_PER_HOUR).cast(STAMP),
        "local_day": pa.array(grid.day.astype(object)).take(place),
        "energy_kwh": numbers(rows.energy_kwh),
        "imputed_share": pa.array(rows.imputed_share),
        "scope": repeated(carbon.scope, text),
        "emissions_g": exact(amounts.emissions, GRAMS),
        "factor_g_per_kwh": numbers(carbon.factor[amounts.place]),
        "factor_publication": of_hour(carbon.publication, text),
        "factor_edition": of_hour(carbon.edition, text),
        "stale_share": numbers(carbon.stale[amounts.place]).cast(pa.float32()),
        "emissions_reason": pa.array(amounts.emissions_reason, text),
        "market_emissions_g": exact(amounts.market, GRAMS),
        "market_factor_g_per_kwh": numbers(carbon.market[amounts.place] if counts else np.full(size, np.nan)),
        "apart_g": exact(amounts.apart, GRAMS),
        "marginal_g": exact(amounts.marginal, GRAMS),
        "marginal_factor_g_per_kwh": numbers(carbon.marginal[amounts.place]),
        "currency": repeated(cost.currency, text),
        "cost": exact(amounts.cost, MONEY),
        "price_per_kwh": numbers(amounts.price),
        "vat": exact(amounts.vat, MONEY),
        "cost_reason": pa.array(amounts.cost_reason, text),
        "available_at_utc": pa.array(amounts.available).cast(STAMP),
        "month": repeated(month, pa.date32()),
    }
    return conform_arrow(pa.table(columns), HOURLY_ACCOUNTS)

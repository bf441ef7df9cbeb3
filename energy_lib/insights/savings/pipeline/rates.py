"""What an hour of a meter costs and emits a kWh, as gold.hourly_accounts has it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import pandas as pd

from energy_lib.insights.savings.values import HourlyRates
from energy_lib.lake import Lake
from energy_lib.lake.sql_literals import instant_sql, text_sql
from energy_lib.tables.answers.accounts import HOURLY_ACCOUNTS, NO_CURRENCY

# An amount of which the share of VAT can be told, in the currency.
TELLING = 0.01
NOT_ACCOUNTED = "gold.hourly_accounts has no hours of the meter in these days (job account)."
COLUMNS = (
    "interval_start_utc", "factor_g_per_kwh", "emissions_reason", "currency", "price_per_kwh", "cost", "vat",
    "cost_reason",
)  # fmt: skip


def rates_of(lake: Lake, meter_id: str, first: date, last: date) -> tuple[HourlyRates, HourlyRates]:
    """Prices with VAT and emission factors (kgCO2e) of the hours of local days `first` to `last`."""
    months = f"month >= DATE '{first.replace(day=1)}' AND month <= DATE '{last}'"
    days = f"local_day >= DATE '{first}' AND local_day <= DATE '{last}'"
    found = lake.small_tables.read(HOURLY_ACCOUNTS, COLUMNS, f"meter_id = {text_sql(meter_id)} AND {months} AND {days}")
    hours = found.to_pandas().set_index("interval_start_utc")
    if hours.empty:
        return HourlyRates(reason=NOT_ACCOUNTED), HourlyRates(reason=NOT_ACCOUNTED)
    currencies = sorted(set(hours["currency"]) - {NO_CURRENCY})
    # Money of two currencies is not added.
    price = _with_vat(hours).where(hours["currency"] == currencies[0]) if currencies else None
    return (
        HourlyRates(price, currencies[0] if currencies else None, _why(hours["cost_reason"])),
        HourlyRates(hours["factor_g_per_kwh"].astype(float) / 1000, "kgCO2e", _why(hours["emissions_reason"])),
    )


def _with_vat(hours: pd.DataFrame) -> pd.Series:
    """Price of a kWh with VAT, by hour; an hour that cost next to nothing has the VAT of the hour before.

    The share is read off the amounts, whose eight decimals tell it to five of amounts from TELLING on.
    """
    cost, vat = hours["cost"].astype(float), hours["vat"].astype(float)
    tells = cost.abs() >= min(TELLING, cost.abs().max())
    share = (vat / cost).where(tells & (cost != 0)).round(5)
    return hours["price_per_kwh"].astype(float) * (1 + share.sort_index().ffill().bfill().fillna(0.0))


def accounted_since(lake: Lake, meter_ids: Iterable[str], since: datetime) -> dict[str, tuple[date, date]]:
    """First and last local day of which something that an account rests on became known later, by meter."""
    ids = ", ".join(text_sql(each) for each in sorted(set(meter_ids)))
    where = f"meter_id IN ({ids}) AND available_at_utc > {instant_sql(since)}"
    rows = lake.small_tables.read(HOURLY_ACCOUNTS, ["meter_id", "local_day"], where).to_pandas()
    return {str(meter): (days.min(), days.max()) for meter, days in rows.groupby("meter_id")["local_day"]}


def _why(reasons: pd.Series) -> str:
    return "; ".join(sorted(set(reasons.dropna())))

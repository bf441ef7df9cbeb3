"""Rows of meters, hours, factors, tariffs and series, for tests of accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from energy_lib.insights.accounts.book import Book, factors_of, meters_of, series_of, tariffs_of
from energy_lib.insights.accounts.hours import COLUMNS, hours_of
from energy_lib.insights.accounts.month import MonthAccounts, account_month
from energy_lib.tables import references, silver
from energy_lib.tables.arrow import arrow_schema
from energy_lib.tables.table import Table

Row = dict[str, Any]
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """`2024-03-01 10:00` as aware UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def table_of(table: Table, rows: Iterable[Row]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=arrow_schema(table))


def meter(meter_id: str, **values: Any) -> Row:
    """A register of electricity in London, on tariff T of building b and site s, unless `values` say otherwise."""
    plain = dict.fromkeys(silver.METERS.column_names) | {
        "meter_id": meter_id, "fuel": "electricity", "flow": "import", "zone": "Europe/London", "building_id": "b",
        "site_id": "s", "tariff_id": "T", "carbon_region": "GB", "registered_by": "registry",
    }  # fmt: skip
    return plain | values


def hours(meter_id: str, start: str, kwh: Sequence[float | None], **values: Any) -> list[Row]:
    """Consecutive hours from `start`, each known at its end."""
    rows = []
    for i, energy in enumerate(kwh):
        begin = at(start) + HOUR * i
        plain = {
            "meter_id": meter_id, "fuel": "electricity", "flow": "import", "interval_start_utc": begin,
            "energy_kwh": energy, "measured_kwh": energy, "quality": "measured", "imputed_share": 0.0,
            "imputed_by": None, "flags": [], "suspect_from_utc": None, "available_at_utc": begin + HOUR,
            "interval_month": begin.date().replace(day=1),
        }  # fmt: skip
        rows.append(plain | values)
    return rows


def factor(kg: float, valid_from: str = "2024-01-01", valid_to: str | None = None, **values: Any) -> Row:
    """A location-based factor of electricity in GB."""
    plain = dict.fromkeys(references.EMISSION_FACTORS.column_names) | {
        "fuel": "electricity", "region": "GB", "scope": "scope_2", "basis": "location",
        "valid_from": date.fromisoformat(valid_from), "valid_to": date.fromisoformat(valid_to) if valid_to else None,
        "factor_kgco2e_per_kwh": kg, "publication": "Factors", "edition": valid_from[:4],
    }  # fmt: skip
    return plain | values


def charge(kind: str, rate: float | None, **values: Any) -> Row:
    """A charge of tariff T for electricity, at all hours, in pounds with 20 % VAT."""
    plain = dict.fromkeys(references.TARIFFS.column_names) | {
        "tariff_id": "T", "fuel": "electricity", "flow": "import", "charge": kind, "rate": rate, "days": "all",
        "valid_from": date(2020, 1, 1), "currency": "GBP", "vat_share": 0.2, "publication": "Tariff T", "edition": "1",
    }  # fmt: skip
    return plain | values


def intensity(start: str, minutes: int, values: Sequence[float], method: str = "average", **more: Any) -> list[Row]:
    """Consecutive intervals of the grid GB, each known at its end."""
    step = timedelta(minutes=minutes)
    return [
        {
            "region": "GB", "interval_start_utc": at(start) + step * i, "method": method, "interval_minutes": minutes,
            "intensity_gco2_per_kwh": value, "available_at_utc": at(start) + step * (i + 1),
        } | more
        for i, value in enumerate(values)
    ]  # fmt: skip


def prices(start: str, values: Sequence[float], minutes: int = 60, **more: Any) -> list[Row]:
    """Consecutive prices of the series `market`."""
    step = timedelta(minutes=minutes)
    return [
        {
            "tariff_id": "market", "fuel": "electricity", "interval_start_utc": at(start) + step * i,
            "interval_minutes": minutes, "price_per_kwh": value, "currency": "GBP",
            "available_at_utc": at(start) + step * (i + 1),
        } | more
        for i, value in enumerate(values)
    ]  # fmt: skip


def book_of(
    meters: Iterable[Row] = (),
    factors: Iterable[Row] = (),
    tariffs: Iterable[Row] = (),
    intensities: Iterable[Row] = (),
    priced: Iterable[Row] = (),
) -> Book:
    return Book(
        meters_of(meters, []),
        factors_of(factors),
        tariffs_of(tariffs),
        series_of(table_of(silver.CARBON_INTENSITY, intensities), ("region", "method"), "intensity_gco2_per_kwh"),
        series_of(table_of(silver.PRICES, priced), ("tariff_id", "fuel"), "price_per_kwh"),
        {("market", "electricity"): "GBP"},
    )


def accounts_of(rows: Iterable[Row], month: str, book: Book) -> MonthAccounts:
    return account_month(hours_of(table_of(silver.HOURLY, rows).select(COLUMNS)), date.fromisoformat(month), book)

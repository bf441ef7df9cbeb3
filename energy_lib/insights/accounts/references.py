"""What accounts are computed with, read from the lake without Spark, and how it is told apart from last time's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.insights.accounts import news
from energy_lib.insights.accounts.book import Book, Row, factors_of, meters_of, series_of, tariffs_of
from energy_lib.insights.accounts.hour_means import DAYS_OF_MEAN
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.tables import references, silver

if TYPE_CHECKING:
    from energy_lib.lake import Lake

READ = (
    silver.METERS,
    silver.BUILDINGS,
    references.EMISSION_FACTORS,
    references.TARIFFS,
    silver.CARBON_INTENSITY,
    silver.PRICES,
)


@dataclass(frozen=True)
class References:
    """The book, what of it can change, and the price series that each tariff names."""

    book: Book
    entries: set[news.Entry]
    series: dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class _Tables:
    """What a book is made of."""

    meters: list[Row]
    buildings: list[Row]
    factors: list[Row]
    tariffs: list[Row]
    intensity: pa.Table
    prices: pa.Table


def _read(small: SmallTables) -> _Tables:
    meters, buildings = small.rows(silver.METERS), small.rows(silver.BUILDINGS)
    factors, tariffs = small.rows(references.EMISSION_FACTORS), small.rows(references.TARIFFS)
    return _Tables(meters, buildings, factors, tariffs, small.read(silver.CARBON_INTENSITY), small.read(silver.PRICES))


def _book(found: _Tables) -> Book:
    return Book(
        meters_of(found.meters, found.buildings),
        factors_of(found.factors),
        tariffs_of(found.tariffs),
        series_of(found.intensity, ("region", "method"), "intensity_gco2_per_kwh"),
        series_of(found.prices, ("tariff_id", "fuel"), "price_per_kwh"),
        currencies(found.prices),
    )


def read_book(tables: SmallTables) -> Book:
    """All there is, as it is known now, for those who need not know what of it is news."""
    return _book(_read(tables))


def read_references(lake: Lake) -> References:
    """All there is, as it is known now."""
    found = _read(lake.small_tables)
    book, factors, tariffs, intensity, prices = (
        _book(found), found.factors, found.tariffs, found.intensity, found.prices,
    )  # fmt: skip
    entries = (
        news.rule_entry()
        | news.entries_of_meters(book.meters.values())
        | news.entries_of_rows(references.EMISSION_FACTORS, news.FACTOR, "region", factors)
        | news.entries_of_rows(references.TARIFFS, news.TARIFF, "tariff_id", tariffs)
        | news.entries_of_series(news.INTENSITY, intensity, ("region", "method"), "intensity_gco2_per_kwh")
        | news.entries_of_series(news.PRICE, prices, ("tariff_id", "fuel", "currency"), "price_per_kwh")
    )
    series: dict[str, set[str]] = {}
    for row in tariffs:
        if row["price_series_id"]:
            series.setdefault(row["tariff_id"], set()).add(row["price_series_id"])
    return References(book, entries, series)


def book_at(small: SmallTables, book: Book, origin: datetime, hours: int, known_at: datetime) -> Book:
    """The book for the hours after an origin: intensities and prices as known at a time, completed by means.

    Meters, factors and tariffs are those of `book`: a contract is known before it holds.
    """
    first = origin - timedelta(days=DAYS_OF_MEAN)
    last = origin + timedelta(hours=hours)
    where = " AND ".join(
        f"{name} {instant_sql(instant)}"
        for name, instant in (
            ("interval_start_utc >=", first - timedelta(days=1)),
            ("interval_start_utc <", last),
            ("available_at_utc <=", known_at),
        )
    )
    intensity = small.read(silver.CARBON_INTENSITY, where=where)
    prices = small.read(silver.PRICES, where=where)
    then = Book(
        book.meters,
        book.factors,
        book.tariffs,
        series_of(intensity, ("region", "method"), "intensity_gco2_per_kwh"),
        series_of(prices, ("tariff_id", "fuel"), "price_per_kwh"),
        currencies(prices),
    )
    return then.foretold(int(origin.timestamp()) // 3600, hours)


def currencies(prices: pa.Table) -> dict[tuple[str, str], str]:
    """The currency of each price series that has one alone."""
    kinds = prices.group_by(["tariff_id", "fuel"]).aggregate([("currency", "min"), ("currency", "max")])
    one = kinds.filter(pc.equal(kinds["currency_min"], kinds["currency_max"])).to_pylist()
    return {(row["tariff_id"], row["fuel"]): row["currency_min"] for row in one}

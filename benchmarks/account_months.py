"""How long a month of all meters takes to account: hours, statements of meters, and sums of groups.

    python -m benchmarks.account_months --data ../shared/data/cambridge --year 2022

Real meters, grid intensities and prices; factors and tariffs as they ship in conf/references. Without Spark and a lake:
what is timed is what a worker does for a month, in seconds of this process' CPU.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.measure import machine
from energy_lib.insights.accounts.amounts import total_of
from energy_lib.insights.accounts.book import Book, factors_of, meters_of, series_of, tariffs_of
from energy_lib.insights.accounts.groups import group_rows
from energy_lib.insights.accounts.hours import Hours
from energy_lib.insights.accounts.month import account_month
from energy_lib.tables import references, silver
from energy_lib.tables.answers.accounts import COSTS, EMISSIONS
from energy_lib.tables.table import Table

REFERENCES = Path(__file__).parents[1] / "conf" / "references"
TARIFF, SERIES, REGION = "cambridge_estates", "octopus_agile", "GB"


def shipped(table: Table, folder: str) -> list[dict[str, Any]]:
    """Rows of a reference table, from its CSV below conf/references."""
    (path,) = (REFERENCES / folder).glob("*.csv")
    texts = pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")
    return [dict.fromkeys(table.column_names) | _typed(row) for row in texts]


def _typed(texts: dict[Any, str]) -> dict[str, Any]:
    kinds: dict[str, Callable[[str], Any]] = {
        "valid_from": date.fromisoformat, "valid_to": date.fromisoformat, "rate": float, "vat_share": float,
        "factor_kgco2e_per_kwh": float,
    }  # fmt: skip
    given = {str(name): text for name, text in texts.items() if text}
    return {"days": "all"} | {name: kinds.get(name, str)(text) for name, text in given.items()}


def hourly(path: Path, columns: dict[str, Any], value: str, scale: float) -> pa.Table:
    """Hourly rows of a CSV (time, value), known at once, with constant `columns` beside."""
    frame = pd.read_csv(path)
    start = pd.to_datetime(frame.iloc[:, 0], utc=True).astype("datetime64[us, UTC]")
    values = {"interval_start_utc": start, "available_at_utc": start, value: frame.iloc[:, 1] * scale}
    return pa.Table.from_pandas(pd.DataFrame(columns | values).assign(interval_minutes=60), preserve_index=False)


def book_of(data: Path, readings: pd.DataFrame) -> Book:
    plain = dict.fromkeys(silver.METERS.column_names) | {
        "zone": "Europe/London", "country": "GB", "subdivision": "ENG", "site_id": "cambridge", "tariff_id": TARIFF,
        "carbon_region": REGION, "registered_by": "registry",
    }  # fmt: skip
    known = readings[["meter_id", "building_id", "fuel"]].drop_duplicates().to_dict("records")
    carbon = hourly(
        data / "carbon_intensity.csv.gz", {"region": REGION, "method": "average"}, "intensity_gco2_per_kwh", 1000.0
    )
    prices = hourly(data / "price.csv.gz", {"tariff_id": SERIES, "fuel": "electricity"}, "price_per_kwh", 1.0)
    return Book(
        meters_of([plain | {str(k): v for k, v in row.items()} for row in known], []),
        factors_of(shipped(references.EMISSION_FACTORS, "uk_emission_factors")),
        tariffs_of(shipped(references.TARIFFS, "cambridge_tariffs")),
        series_of(carbon, ("region", "method"), "intensity_gco2_per_kwh"),
        series_of(prices, ("tariff_id", "fuel"), "price_per_kwh"),
        {(SERIES, "electricity"): "GBP"},
    )


def hours_of(readings: pd.DataFrame) -> Hours:
    codes, names = pd.factorize(readings["meter_id"])
    hour = readings["ts_utc"].to_numpy("datetime64[h]").astype(np.int64)
    energy = readings["kwh"].to_numpy(np.float64)
    return Hours(tuple(names), codes, hour, energy, np.zeros(len(hour), np.float32), (hour + 1) * 3_600_000_000)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, type=Path, help="folder that holds bench/")
    arguments.add_argument("--year", type=int, default=2022)
    options = arguments.parse_args()
    data = options.data / "bench"
    readings = pd.read_parquet(data / f"readings-{options.year}.parquet")
    book, hours = book_of(data, readings), hours_of(readings)
    print(machine())
    seconds: list[float] = []
    rows: list[int] = []
    grams: list[Decimal | None] = []
    money: list[Decimal | None] = []
    for number in range(1, 13):
        month = date(options.year, number, 1)
        first = pd.Timestamp(month)
        # A local month begins up to a day before UTC's.
        near = readings["ts_utc"].between(first - pd.Timedelta(days=1), first + pd.Timedelta(days=32))
        started = time.process_time()
        accounts = account_month(hours.where(near.to_numpy()), month, book)
        groups = (
            group_rows(EMISSIONS, accounts.emissions, book.meters),
            group_rows(COSTS, accounts.costs, book.meters),
        )
        seconds.append(time.process_time() - started)
        rows.append(accounts.hours.num_rows)
        for found, name, total in ((groups[0], "emissions_g", grams), (groups[1], "total", money)):
            total += [row[name] for row in found if row["group_kind"] == "portfolio"]
    print(f"{len(book.meters)} meters, {options.year}: {sum(rows):,} hours in 12 months")
    print(f"a month: median {median(seconds):.2f} s, {sum(rows) / sum(seconds):,.0f} hours a second of one core")
    print(f"the year: {float(total_of(grams) or 0) / 1e6:,.1f} t CO2e, {float(total_of(money) or 0):,.2f} GBP")


if __name__ == "__main__":
    main()

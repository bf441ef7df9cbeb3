"""Read the year that scenarios change, as it was known on a day: hours, weather, tariffs, areas. No Spark is needed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.cleaning.pipeline.known_hours import known_hours
from energy_lib.config import CleaningConfig
from energy_lib.errors import InputMissing
from energy_lib.insights.accounts.amounts import Floats
from energy_lib.insights.accounts.book import Book
from energy_lib.insights.accounts.hour_grid import HourGrid, grid_of, month_hours
from energy_lib.insights.accounts.references import READ as OF_ACCOUNTS
from energy_lib.insights.accounts.references import read_book
from energy_lib.insights.recommendations.hourly_series import HOUR_US, epoch_hour, epoch_us, series
from energy_lib.insights.scenarios.baseline import (
    Baseline,
    Read,
    Surroundings,
    baseline_of,
    months_before,
    whole_months,
)
from energy_lib.intervals import HOUR, midnight_utc
from energy_lib.lake.small_tables import SmallTables
from energy_lib.lake.sql_literals import instant_sql
from energy_lib.tables import references, silver
from energy_lib.vocabulary import WeatherKind

Row = dict[str, Any]
READ = (silver.HOURLY, silver.WEATHER, references.AREAS, *OF_ACCOUNTS)
COLUMNS = ("meter_id", "interval_start_utc", "energy_kwh", "imputed_share", "flags", "suspect_from_utc")
# So many at once, with a year each, take some 700 MB.
METERS_AT_ONCE = 300
# Hours of weather that may be unknown; they are interpolated.
MOST_UNKNOWN = 0.1


def read_baseline(
    tables: SmallTables, day: date, cleaning: CleaningConfig, home_uses: tuple[str, ...]
) -> tuple[Baseline, Book]:
    """The year before a day, and what it is accounted with; raises InputMissing where there is none."""
    if tables.empty(silver.HOURLY):
        raise InputMissing(f"There is no table {silver.HOURLY.full_name} in {tables.root}: run clean first.")
    book = read_book(tables)
    rows = {row["meter_id"]: row for row in tables.rows(silver.METERS) if row["meter_id"] in book.meters}
    months = months_before(day)
    first, end = _axis({row["zone"] for row in rows.values()}, months, day)
    read = _read_hours(tables, sorted(rows), first, end, day, cleaning)
    whole = whole_months(read, book.meters, months)
    if not whole:
        raise InputMissing(
            f"There is no whole month before {day} in which half of the registers were read: "
            "give a --date in the year after one."
        )
    places = {(row["zone"], row["country"], row["subdivision"]) for row in rows.values()}
    clocks: dict[tuple[str, str | None, str | None], HourGrid] = {
        place: grid_of(*place, first, end) for place in places
    }
    buildings = {row["building_id"]: row for row in tables.rows(silver.BUILDINGS)}
    around = Surroundings(rows, buildings, clocks, _weather(tables, first, end, day), home_uses)
    return baseline_of(read, book, whole, around), book


def _axis(zones: set[str], months: list[date], day: date) -> tuple[int, int]:
    """First hour, and the one after the last, that hold all months on all clocks, and the days up to the day."""
    ends = [month_hours(zone, month) for zone in zones or {"UTC"} for month in (months[0], months[-1])]
    return min(first for first, _ in ends), max(*(end for _, end in ends), epoch_hour(midnight_utc(day)))


def _read_hours(tables: SmallTables, ids: list[str], first: int, end: int, day: date, cleaning: CleaningConfig) -> Read:
    """Of the registers that have an hour at all."""
    epoch = midnight_utc(date(1970, 1, 1))
    found: list[Read] = []
    for start in range(0, len(ids), METERS_AT_ONCE):
        part = None if len(ids) <= METERS_AT_ONCE else ids[start : start + METERS_AT_ONCE]
        hours = known_hours(
            tables, part, epoch + first * HOUR, epoch + end * HOUR, midnight_utc(day), cleaning, COLUMNS
        )
        found.append(
            _matrix(
                hours.filter(pc.is_in(hours["meter_id"], pa.array(ids, pa.string()))),
                first,
                end,
                epoch_hour(midnight_utc(day)),
            )
        )
    return Read(
        [name for read in found for name in read.ids],
        first,
        np.concatenate([read.kwh for read in found]) if found else np.zeros((0, end - first)),
        np.concatenate([read.imputed_kwh for read in found]) if found else np.zeros((0, end - first)),
    )


def _matrix(rows: pa.Table, first: int, end: int, known_until: int) -> Read:
    names = rows["meter_id"].combine_chunks().dictionary_encode()
    codes = names.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    hour = epoch_us(rows["interval_start_utc"]) // HOUR_US - first
    # What a rule of cleaning held suspect by then is no evidence: a spike would be the peak of all.
    suspect = np.asarray(pc.fill_null(pc.list_value_length(rows["flags"]), 0).to_numpy()) > 0
    suspect &= epoch_us(rows["suspect_from_utc"]) <= known_until * HOUR_US
    energy = np.where(suspect, np.nan, pc.fill_null(rows["energy_kwh"], np.nan).to_numpy())
    ids: list[str] = names.dictionary.to_pylist()
    kwh = np.full((len(ids), end - first), np.nan)
    imputed = np.zeros(kwh.shape)
    kwh[codes, hour] = energy
    imputed[codes, hour] = np.abs(energy) * rows["imputed_share"].to_numpy()
    order = np.argsort(ids)
    return Read([ids[i] for i in order], first, kwh[order], imputed[order])


def _weather(tables: SmallTables, first: int, end: int, day: date) -> dict[str, dict[str, Floats]]:
    """What was observed; a place of which less than nine tenths of the hours are known has none."""
    since = midnight_utc(date(1970, 1, 1)) + first * HOUR
    where = (
        f"kind = '{WeatherKind.OBSERVED}' AND interval_start_utc >= {instant_sql(since)} "
        f"AND interval_start_utc < {instant_sql(midnight_utc(day) + timedelta(days=1))}"
    )
    names = ("temperature_c", "irradiance_w_m2")
    rows = tables.read(silver.WEATHER, ["location_id", "interval_start_utc", *names], where)
    found: dict[str, dict[str, Floats]] = {}
    for location in pc.unique(rows["location_id"]).to_pylist():
        here = rows.filter(pc.equal(rows["location_id"], location))
        of_place = {name: series(here, "interval_start_utc", name, end, end - first) for name in names}
        found[location] = {name: filled for name, values in of_place.items() if (filled := _filled(values)) is not None}
    return found


def _filled(values: Floats) -> Floats | None:
    """Gaps interpolated, from the first to the last hour that is known; None where too many are unknown."""
    at = np.flatnonzero(np.isfinite(values))
    if not len(at) or np.isnan(values[at[0] : at[-1] + 1]).mean() > MOST_UNKNOWN:
        return None
    inside = np.interp(np.arange(len(values)), at, values[at])
    inside[: at[0]] = inside[at[-1] + 1 :] = np.nan
    return inside

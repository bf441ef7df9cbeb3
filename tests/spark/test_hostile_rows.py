"""Rows of every kind of wrong, by the hundred: two nights end well, no row is lost, and the good meter is right."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from energy_lib.cleaning.spark.conservation import unaccounted
from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver
from jobs import clean, ingest

LANDED = datetime(2024, 3, 1, 20, 30, tzinfo=UTC)
INTERVALS = """
format: csv
meter: {column: id}
time: {column: ts, zone: UTC, interval_column: minutes}
value: {column: v, unit: MWh}
fuel: {column: fuel}
quality: {column: quality}
available: {column: known}
meters: {zone: Europe/Paris, country: FR}
"""
REGISTERS = """
format: csv
meter: {column: id}
time: {column: ts, zone: Europe/Paris}
value: {column: v, unit: kWh, register_reads: true}
fuel: electricity
available: {after_interval_end_minutes: 0}
meters: {zone: Europe/Paris, country: FR}
"""
METERS = """
kind: meters
format: csv
columns: {meter_id: id, fuel: fuel, zone: zone, capacity_kw: kw, floor_area_m2: m2, latitude: lat, longitude: lon}
"""
WEATHER = """
kind: weather
format: csv
time: {column: ts, zone: UTC}
columns: {location_id: place, temperature_c: t, humidity_pct: h, irradiance_w_m2: i, wind_speed_m_s: w}
"""
PRICES = """
kind: prices
format: csv
time: {column: ts, zone: UTC}
columns: {tariff_id: id, fuel: fuel, price_per_kwh: v, currency: c, interval_minutes: minutes}
"""
IDS = ("a", "b", "c", "d", "ü€😀", "x" * 300, "", "a'; DROP", "a,b", "nan", "NULL", "meter\twith tab")
NUMBERS = (
    *(
        "0",
        "-0.0",
        "1",
        "2.5",
        "1e-300",
        "-3",
        "1e308",
        "-1e308",
        "inf",
        "-inf",
        "nan",
        "",
        "abc",
        "1e11",
        "9e11",
        "1e12",
    ),
    *("5000000", "99999", "100000", "3.0", "٣", "0x10", "1_000", "1e400", "--1"),
)
MINUTES = (*("60", "30", "15", "1", "7", "1440", "1441", "43200", "575999", "576000", "576001", "2147483647"),
           *("0", "-60", "9e18", "1e300", "", "abc", "59.6", "inf", "nan", "99999999999"))  # fmt: skip
ODD_STAMPS = (
    *("1970-01-01T00:00", "1900-01-01T00:00", "2024-02-30T00:00", "", "soon", "2023-02-01T00:00"),
    *("2024-02-01T00:00:31", "2024-02-01T00:59:59", "2024-03-31T02:30", "2099-01-01T00:00", "2024-03-01T21:15"),
    *("0001-01-01T00:00", "9999-12-31T23:59"),
)
FUELS, QUALITIES = ("electricity", "gas", "plutonium", ""), ("measured", "estimated", "imputed", "?", "")
GOOD = [f"good,2024-02-01T{h:02}:00,60,0.00{h % 9 + 1},electricity,measured," for h in range(24)]


def stamp(rng: random.Random) -> str:
    if rng.random() < 0.25:
        return rng.choice(ODD_STAMPS)
    return f"{datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * rng.randrange(60 * 96)):%Y-%m-%dT%H:%M}"


def quoted(cells: Sequence[str]) -> str:
    return ",".join(f'"{cell}"' if "," in cell or "'" in cell else cell for cell in cells)


def files(rng: random.Random) -> dict[str, list[str]]:
    """Lines of a file of each source, the header first."""
    pick = rng.choice

    def lines(header: str, count: int, cells: Callable[[], Sequence[str]]) -> list[str]:
        return [header, *(quoted(cells()) for _ in range(count))]

    def interval() -> Sequence[str]:
        return [pick(IDS), stamp(rng), pick(MINUTES), pick(NUMBERS), pick(FUELS), pick(QUALITIES), stamp(rng)]

    def price() -> Sequence[str]:
        return ["p", stamp(rng), pick(FUELS), pick(NUMBERS), pick(("EUR", "€", "eur", "")), pick(MINUTES)]

    def meter() -> Sequence[str]:
        return [pick(IDS), pick(FUELS), pick(("Europe/Paris", "Mars", "")), *(pick(NUMBERS) for _ in range(4))]

    header, *rows = lines("id,ts,minutes,v,fuel,quality,known", 600, interval)
    return {
        "intervals": [header, *GOOD, *rows],
        "registers": lines("id,ts,v", 300, lambda: ["r" + pick(IDS), stamp(rng), pick(NUMBERS)]),
        "registry": lines("id,fuel,zone,kw,m2,lat,lon", 60, meter),
        "weather": lines("place,ts,t,h,i,w", 100, lambda: ["p", stamp(rng), *(pick(NUMBERS) for _ in range(4))]),
        "prices": lines("id,ts,fuel,v,c,minutes", 100, price),
    }


def test_no_row_from_outside_stops_a_night(spark: SparkSession, lake: Lake, tmp_path: Path) -> None:
    sources = {"intervals": INTERVALS, "registers": REGISTERS, "registry": METERS, "weather": WEATHER, "prices": PRICES}
    (tmp_path / "sources").mkdir()
    for name, text in sources.items():
        (tmp_path / "sources" / f"{name}.yaml").write_text(text)
    config = Config(lake=lake.root, landing=str(tmp_path / "landing"), sources_dir=str(tmp_path / "sources"))
    rng = random.Random(1)
    for number in range(2):
        landed = LANDED + timedelta(days=number)
        for name, lines in files(rng).items():
            file = tmp_path / "landing" / name / f"{number}.csv"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines) + "\n")
            os.utime(file, (landed.timestamp(), landed.timestamp()))
        for job in (ingest, clean):
            run_with_lease(job.__name__, spark, config, Period.day(date(2024, 3, 2)), job.run)

    tables = [lake.read(t) for t in (bronze.READINGS, silver.READINGS, silver.QUARANTINE)]
    assert tables[0].count() == 2 * (600 + 24 + 300), "every row landed"
    assert unaccounted(*tables).isEmpty()
    assert not lake.read(bronze.FILES).where("status != 'ingested'").collect()
    hours = lake.read(silver.HOURLY).where("meter_id = 'good'").orderBy("interval_start_utc").collect()
    assert [h.energy_kwh for h in hours] == pytest.approx([h % 9 + 1 for h in range(24)])
    accepted = tables[1].agg(F.count("*"), F.countDistinct("meter_id")).first()
    assert accepted is not None
    assert accepted[0] > 30, "some of the rows were right"

"""tests/cases of registers, long readings and layouts: from the files and their YAML to the hours, nothing refused."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import Row, SparkSession

from energy_lib.cleaning.spark.conservation import unaccounted
from energy_lib.config import Config
from energy_lib.entry import run_with_lease
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.tables import bronze, silver
from jobs import clean, ingest

CASES = Path(__file__).parents[1] / "cases"
REGISTERS = ("register_gap", "swap_capacity", "reads_10s", "norway", "monthly_csv", "gb_monthly_gas")
# Not one reading a row; each with its count of readings.
LAYOUTS = {"enel": 192, "fluvius": 6, "homewizard": 20, "net_meter": 48, "sdge": 13}
LANDED = datetime(2024, 10, 1, 20, 30, tzinfo=UTC)
PERIOD = Period.day(date(2024, 10, 1))
HOUR = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Cleaned:
    """All cases ingested and cleaned in one night, and a night after it."""

    lake: Lake
    readings: pd.DataFrame
    hours: pd.DataFrame
    fates: dict[str, list[str]]

    def hours_of(self, meter: str) -> pd.DataFrame:
        return self.hours[self.hours["meter_id"] == meter].set_index("interval_start_utc")

    def readings_of(self, meter: str) -> list[tuple[str, int, float]]:
        """(start in UTC, minutes, kWh) of the current readings."""
        rows = self.readings[self.readings["meter_id"] == meter]
        columns = (rows["interval_start_utc"], rows["interval_minutes"], rows["energy_kwh"])
        return [
            (f"{start:%m-%d %H:%M}", int(minutes), round(kwh, 6)) for start, minutes, kwh in zip(*columns, strict=True)
        ]


def put(folder: Path, source: str, name: str, data: bytes, landed: datetime = LANDED) -> None:
    file = folder / source / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    os.utime(file, (landed.timestamp(), landed.timestamp()))


def night(spark: SparkSession, config: Config) -> None:
    for job in (ingest, clean):
        run_with_lease(job.__name__, spark, config, PERIOD, job.run)


@pytest.fixture(scope="module")
def cleaned(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Cleaned:
    folder = tmp_path_factory.mktemp("cases")
    landing, sources = folder / "landing", folder / "sources"
    sources.mkdir()
    for name in (*REGISTERS, *LAYOUTS):
        (sources / f"{name}.yaml").write_bytes((CASES / name / f"{name}.yaml").read_bytes())
        for file in (CASES / name).iterdir():
            if file.suffix != ".yaml":
                put(landing, name, file.name, file.read_bytes())
    described = (CASES / "swap_capacity" / "swap_capacity.yaml").read_text()
    (sources / "swap.yaml").write_text(described.replace(", capacity_kw: 17", ""))
    put(landing, "swap", "g.csv", (CASES / "swap_capacity" / "f.csv").read_bytes().replace(b"cap_", b"free_"))
    lake = Lake(spark, str(folder / "lake"))
    config = Config(lake=lake.root, landing=str(landing), sources_dir=str(sources))
    night(spark, config)
    rejected = lake.read(silver.QUARANTINE).orderBy("source", "row_number").collect()
    fates: dict[str, list[str]] = {}
    for row in rejected:
        fates.setdefault(row["source"], []).append(row["rule_id"])
    current = lake.read(silver.READINGS).where("superseded_at_utc IS NULL").drop("interval_month").toPandas()
    hours = lake.read(silver.HOURLY).drop("interval_month").toPandas()
    order = ["meter_id", "interval_start_utc"]
    return Cleaned(lake, current.sort_values(order), hours.sort_values(order), fates)


def test_every_row_is_in_one_place(cleaned: Cleaned) -> None:
    tables = [cleaned.lake.read(t) for t in (bronze.READINGS, silver.READINGS, silver.QUARANTINE)]
    assert unaccounted(*tables).isEmpty()


def test_three_silent_days_are_one_reading_spread_over_its_hours(cleaned: Cleaned) -> None:
    # Amsterdam is an hour ahead of UTC in winter.
    assert cleaned.readings_of("g1") == [
        ("02-29 23:00", 60, 0.5),
        ("03-01 00:00", 4320, 36.0),
        ("03-04 00:00", 60, 0.5),
    ]
    hours = cleaned.hours_of("g1")
    assert len(hours) == 74
    assert hours["energy_kwh"].tolist() == pytest.approx([0.5] * 74)
    assert hours["quality"].tolist() == ["measured", *["estimated"] * 72, "measured"]
    assert hours["imputed_by"].tolist() == [None, *["spread"] * 72, None]
    assert hours["imputed_share"].tolist() == [0.0, *[1.0] * 72, 0.0]
    assert hours["measured_kwh"].sum() == 1.0


@pytest.mark.parametrize("kind", ["cap", "free"])
def test_the_hour_of_an_exchange_is_not_measured(cleaned: Cleaned, kind: str) -> None:
    """With a capacity and without."""
    at_nine = pd.Timestamp("2024-03-05 08:00")
    for meter in (f"{kind}_high", f"{kind}_up"):
        hours = cleaned.hours_of(meter)
        assert len(hours) == 4
        assert pd.isna(hours.loc[at_nine, "measured_kwh"])
        assert hours.loc[at_nine, "quality"] == "imputed"
        assert hours["energy_kwh"].max() < 1.0
    small = cleaned.hours_of(f"{kind}_small")
    assert small["measured_kwh"].tolist() == pytest.approx([4.9, 9.9, 5.0, 5.1])
    assert small["flags"].map(list).tolist() == [[], ["register_rollover"], [], []]
    rules = {"cap": ["register_rollback", "above_physical_limit"], "free": ["register_rollback", "register_jump"]}
    source = {"cap": "swap_capacity", "free": "swap"}[kind]
    assert [rule for rule in cleaned.fates[source] if rule != "register_first_read"] == rules[kind]


def test_reads_of_every_ten_seconds_lose_nothing(cleaned: Cleaned) -> None:
    hours = cleaned.hours_of("P1")
    assert hours["measured_kwh"].tolist() == pytest.approx([0.36] * len(hours))
    assert len(hours) >= 2
    assert set(hours["quality"]) == {"measured"}
    assert set(hours["imputed_share"]) == {0.0}
    assert cleaned.fates["reads_10s"] == ["register_first_read"]


def test_a_register_read_seconds_after_the_hour_measures_the_hour(cleaned: Cleaned) -> None:
    hours = cleaned.hours_of("AMS")
    assert hours["measured_kwh"].tolist() == [1.0] * 5
    assert set(hours["quality"]) == {"measured"}
    assert [f"{hour:%H:%M}" for hour in hours.index] == ["08:00", "09:00", "10:00", "11:00", "12:00"]


def test_readings_of_a_month_are_kept_whole_and_spread_as_estimates(cleaned: Cleaned) -> None:
    kwh = [kwh for _, _, kwh in cleaned.readings_of("MO1")]
    assert kwh == [310.0, 290.0, 280.0]
    hours = cleaned.hours_of("MO1").dropna(subset="energy_kwh")
    assert hours["energy_kwh"].sum() == pytest.approx(880.0)
    assert set(hours["quality"]) == {"estimated"}
    assert hours["measured_kwh"].isna().all()


def test_gas_of_thirty_and_of_twenty_eight_days(cleaned: Cleaned) -> None:
    [meter] = {name for name in cleaned.readings["meter_id"] if "ENB" in name}
    assert [(minutes, round(kwh, 2)) for _, minutes, kwh in cleaned.readings_of(meter)] == [
        (30 * 1440, 3191.67),
        (28 * 1440, 2978.89),
    ]
    hours = cleaned.hours_of(meter)
    assert len(hours) == 58 * 24
    assert hours["energy_kwh"].iloc[0] == pytest.approx(300 * 38.3 / 3.6 / 720)
    assert set(hours["quality"]) == {"estimated"}


def test_layouts_come_through_with_every_reading_and_keep_their_sign(cleaned: Cleaned) -> None:
    landed = cleaned.lake.read(bronze.READINGS).groupBy("source").count().collect()
    assert {row[0]: row[1] for row in landed if row[0] in LAYOUTS} == LAYOUTS
    # The first read of a register has nothing before it.
    assert {name: set(cleaned.fates[name]) for name in LAYOUTS if name in cleaned.fates} == {
        "homewizard": {"register_first_read"}
    }
    sums = cleaned.readings.groupby("meter_id")["energy_kwh"].agg(["count", "sum"])
    found = {meter: (row["count"], pytest.approx(row["sum"], abs=1e-9)) for meter, row in sums.iterrows()}
    assert found["IT001E00000001"] == (192, 19.2)
    assert found["541440000000000012"] == (3, 0.875)
    assert found["541440000000000012_export"] == (3, 1.6)
    # Five reads of a register make four readings of 0.1 kWh.
    assert found["home-a"] == found["home-b"] == (4, 0.4)
    assert found["home-a_export"] == (4, 0.0)
    # 48 hours of 0.5 kWh, of which three hours gave 2 kWh back.
    assert found["pv_net"] == (48, 45 * 0.5 - 3 * 2.0)
    assert cleaned.readings.loc[cleaned.readings["flow"] == "net", "energy_kwh"].min() == -2.0


LATE = "id,ts,reading\ng1,2024-03-02T01:00,110.5\n"


def test_a_read_that_comes_late_cuts_the_long_reading_in_two(cleaned: Cleaned, spark: SparkSession) -> None:
    """And a night's hours are those that the whole would give."""
    lake = cleaned.lake
    config = Config(
        lake=lake.root,
        landing=str(Path(lake.root).parent / "landing"),
        sources_dir=str(Path(lake.root).parent / "sources"),
    )
    put(Path(config.landing), "register_gap", "late.csv", LATE.encode(), LANDED + pd.Timedelta(days=1))
    night(spark, config)
    rows: list[Row] = lake.read(silver.READINGS).where("meter_id = 'g1'").orderBy("interval_start_utc").collect()
    current = [(r.interval_minutes, r.energy_kwh) for r in rows if r.superseded_at_utc is None]
    assert current == [(60, 0.5), (1440, 10.0), (2880, 26.0), (60, 0.5)]
    hours = lake.read(silver.HOURLY).where("meter_id = 'g1'").orderBy("interval_start_utc").collect()
    expected = [0.5] + [10 / 24] * 24 + [26 / 48] * 48 + [0.5]
    assert [h.energy_kwh for h in hours] == pytest.approx(expected)
    assert [h.quality for h in hours] == ["measured", *["estimated"] * 72, "measured"]

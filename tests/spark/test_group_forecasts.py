"""Groups of a small lake: medians add up, spreads are learnt from what each origin knew, and from nothing after it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.errors import InputMissing
from energy_lib.forecasting.group_spread import SCORES, SUM_OF_QUANTILES
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import gold, silver
from energy_lib.vocabulary import QUANTILES
from jobs import aggregate

NAMES = list(QUANTILES)
DAYS = 22
FIRST = pd.Timestamp("2024-03-01")
LAST = FIRST + pd.Timedelta(days=DAYS - 1)
TODAY = Period.day(LAST.date())
NAIVE = "seasonal_naive_168h"
VIRTUAL = "v"
DRAWS = np.random.default_rng(2).permutation(np.linspace(-2, 2, DAYS))
# Meter → building, site, size; m5 has neither, m6 alone has its building's site.
PLACES = {
    "m1": ("b1", "s1", 100.0), "m2": ("b1", "s1", 100.0), "m3": ("b2", "s1", 100.0),
    "m4": ("b3", "s2", 50.0), "m5": (None, None, 10.0), "m6": ("b4", None, 20.0),
}  # fmt: skip
# b1's meters err together, m3 errs against m1, so that the site errs by a third of the sum of its meters' errors.
SIGN = {"m1": 1.0, "m2": 1.0, "m3": -1.0, "m4": 1.0, "m5": 1.0, "m6": 1.0}


def cells() -> pd.DataFrame:
    """Every meter is 10 % wide (as a normal deviation) and errs on day d, in all hours, by a draw of that day."""
    rows = [
        {
            "meter_id": meter, "origin_utc": FIRST + pd.Timedelta(days=d),
            "interval_start_utc": FIRST + pd.Timedelta(days=d, hours=h), "horizon_hours": h + 1,
            **{name: size * (1 + 0.1 * score) for name, score in zip(NAMES, SCORES, strict=True)},
            "energy_kwh": size * (1 + 0.1 * SIGN[meter] * DRAWS[d]),
        }
        for meter, (_, _, size) in PLACES.items() for d in range(DAYS) for h in range(24)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(fuel="electricity", imputed_share=0.0)


def write(lake: Lake, table, frame: pd.DataFrame) -> None:
    columns = [c for c in table.column_names if c in frame.columns]
    schema = spark_schema(table)
    lake.upsert(table, lake.spark.createDataFrame(frame[columns], type(schema)([schema[c] for c in columns])))


def write_hours(lake: Lake, made: pd.DataFrame) -> None:
    hours = made.assign(
        flags=[[] for _ in range(len(made))],
        suspect_from_utc=pd.NaT,
        available_at_utc=made["interval_start_utc"] + pd.Timedelta(hours=1),
        interval_month=date(2024, 3, 1),
    )
    write(lake, silver.HOURLY, hours)


def write_forecasts(lake: Lake, made: pd.DataFrame) -> None:
    parts = [
        made.assign(model_name="dense", model_version=np.where(made["origin_utc"] < LAST, "1", "2")),
        made.assign(model_name=NAIVE, model_version=NAIVE),
    ]
    issued = pd.concat(parts).assign(run_kind="live", fallback=None)
    write(lake, gold.FORECASTS, issued.sample(frac=1, random_state=1))


@pytest.fixture(scope="module")
def lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Forecasts of all days, and the hours before the last."""
    lake = Lake(spark, str(tmp_path_factory.mktemp("groups") / "lake"))
    meters = pd.DataFrame(
        [{"meter_id": m, "building_id": b, "site_id": s, "fuel": "electricity"} for m, (b, s, _) in PLACES.items()]
    )
    # A sum of m1 and others, which is in no group.
    virtual = pd.DataFrame([{"meter_id": VIRTUAL, "building_id": "b1", "site_id": "s1", "fuel": "electricity"}])
    registered = [meters.assign(registered_by="registry"), virtual.assign(registered_by=silver.VIRTUAL)]
    write(lake, silver.METERS, pd.concat(registered).assign(zone="Europe/London"))
    write(lake, silver.BUILDINGS, pd.DataFrame({"building_id": ["b4", "b1"], "site_id": ["s2", "s1"]}))
    made = cells()
    made = pd.concat([made, made[made["meter_id"] == "m1"].assign(meter_id=VIRTUAL)], ignore_index=True)
    write_forecasts(lake, made)
    write_hours(lake, made[made["interval_start_utc"] < LAST])
    return lake


def groups(lake: Lake, period: Period = TODAY) -> pd.DataFrame:
    """All that the table holds after a run."""
    aggregate.run(lake.spark, Config(lake=lake.root), period)
    key = list(gold.GROUP_FORECASTS.key)
    return lake.read(gold.GROUP_FORECASTS).toPandas().sort_values(key, ignore_index=True)


@pytest.fixture(scope="module")
def today(lake: Lake) -> pd.DataFrame:
    found = groups(lake)
    return found[found["origin_utc"] == LAST].reset_index(drop=True)


def of(table: pd.DataFrame, kind: str, group: str = "*", model: str = "dense") -> pd.DataFrame:
    chosen = (table["group_kind"] == kind) & (table["group_id"] == group) & (table["model_name"] == model)
    return table[chosen].set_index("interval_start_utc")


def test_medians_add_up_from_meters_to_the_portfolio(today: pd.DataFrame) -> None:
    assert len(today) == 2 * 24 * (1 + 2 + 4), "two models; the portfolio, two sites, four buildings"
    sites = of(today, "site", "s1")["p50"] + of(today, "site", "s2")["p50"]
    np.testing.assert_array_equal(of(today, "portfolio")["p50"], sites + 10.0, "the meter without a site")
    np.testing.assert_array_equal(of(today, "site", "s1")["p50"], 300.0)
    np.testing.assert_array_equal(of(today, "site", "s2")["p50"], 70.0, "a building's site is its meters'")
    np.testing.assert_array_equal(of(today, "building", "b1")["p50"], 200.0)
    assert set(of(today, "portfolio")["meters"]) == {6}


def test_quantiles_are_the_groups_own(today: pd.DataFrame) -> None:
    widths = {
        group: of(today, *group)["p90"] - of(today, *group)["p10"] for group in (("building", "b1"), ("site", "s1"))
    }
    spread = np.quantile(DRAWS[:-1], 0.9) - np.quantile(DRAWS[:-1], 0.1)
    np.testing.assert_allclose(widths["building", "b1"], 200 * 0.1 * spread)
    np.testing.assert_allclose(widths["site", "s1"], 300 * 0.1 * spread / 3)
    np.testing.assert_allclose(of(today, "building", "b1")["own_p50"], 200 * (1 + 0.1 * np.median(DRAWS[:-1])))
    single = of(today, "building", "b2")
    np.testing.assert_allclose(single[NAMES], [100 * (1 + 0.1 * SCORES)] * 24)
    assert set(of(today, "site", "s1")["past_origins"]) == {DAYS - 1}, "the version before was the same model"
    assert set(single["past_origins"]) == {0}
    assert today["fallback"].isna().all()


def test_a_longer_period_gives_each_day_as_alone_and_too_little_history_sums_of_quantiles(
    lake: Lake, today: pd.DataFrame
) -> None:
    tenth = FIRST + pd.Timedelta(days=9)
    whole = groups(lake, Period(tenth.date(), TODAY.last))
    again = whole[whole["origin_utc"] == LAST].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, today)
    early = whole[whole["origin_utc"] == tenth]
    site, single = of(early, "site", "s1"), of(early, "building", "b2")
    np.testing.assert_allclose(site[NAMES], [300 * (1 + 0.1 * SCORES)] * 24)
    np.testing.assert_array_equal(site["own_p50"], site["p50"])
    assert set(site["fallback"]) == {SUM_OF_QUANTILES}
    assert single["fallback"].isna().all()


def test_nothing_after_the_origin_is_used(lake: Lake, today: pd.DataFrame, tmp_path: Path) -> None:
    lake = Lake(lake.spark, str(shutil.copytree(lake.root, tmp_path / "lake")))  # the other tests' stays as it is
    made = cells()
    write_hours(lake, made[made["interval_start_utc"] >= LAST].assign(energy_kwh=9e5))
    hours = lake.read(silver.HOURLY).toPandas()
    hour = hours[hours["interval_start_utc"] == LAST - pd.Timedelta(days=3)]
    # Suspect from now on: to the origin it was as good as any other hour.
    write(lake, silver.HOURLY, hour.assign(suspect_from_utc=LAST + pd.Timedelta(hours=1)))
    again = groups(lake).query("origin_utc == @LAST").reset_index(drop=True)
    pd.testing.assert_frame_equal(again, today)
    # What came to be known after the origin is left out, whatever it says: one hour of 504 less.
    write(lake, silver.HOURLY, hour.assign(energy_kwh=9e5, available_at_utc=LAST + pd.Timedelta(hours=1)))
    after = groups(lake).query("origin_utc == @LAST").reset_index(drop=True)
    np.testing.assert_allclose(after[NAMES], today[NAMES], rtol=0.02)


def test_origins_without_forecasts_are_named(lake: Lake) -> None:
    config = Config(lake=lake.root)
    with pytest.raises(InputMissing, match=r"no live rows for 1 of 2 origins \(first 2024-03-23\): run jobs/forecast"):
        aggregate.run(lake.spark, config, Period(TODAY.last, date(2024, 3, 23)))
    with pytest.raises(InputMissing, match=r"no backtest rows for 1 of 1 origins .*: run jobs/backtest.py"):
        aggregate.run(lake.spark, config, TODAY, "backtest")

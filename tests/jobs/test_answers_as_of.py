"""A past day done again after corrections and new references landed says what it said; the next night restates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from answer_news import FIRST, NEWS, NEXT
from answer_nights import ANSWERS, AnswerNights
from commit_copies import copied
from lake_content import tables_of
from pyspark.sql import SparkSession

from energy_lib.intervals import DAY, midnight_utc

ORIGIN = midnight_utc(FIRST)
Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def stages(
    spark: SparkSession, answer_nights: AnswerNights, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Tables]:
    """The answers of one lake: of the first night; it again after the news; the next night; the first once more."""
    lake = copied(answer_nights.before(NEXT), tmp_path_factory.mktemp("as_of") / "lake")
    found = {"then": tables_of(lake, "gold")}
    for stage, night in (("again", FIRST), ("next", NEXT), ("once more", FIRST)):
        for job in ANSWERS:
            answer_nights.run(spark, job, lake, night)
        found[stage] = tables_of(lake, "gold")
    return found


def standing(rows: pl.DataFrame, since: str) -> pl.DataFrame:
    """The versions that stood at the first night's origin, without what later nights say of them."""
    ended = pl.col("superseded_at_utc")
    return rows.filter((pl.col(since) <= ORIGIN) & (ended.is_null() | (ended > ORIGIN))).drop("superseded_at_utc")


SAID: dict[str, Callable[[Tables], list[pl.DataFrame]]] = {
    "detect": lambda t: [standing(t["gold.anomalies"], "last_updated_utc")],
    "account": lambda t: [
        *(standing(t[name], "reported_at_utc") for name in ("gold.emissions", "gold.costs")),
        t["gold.account_forecasts"].filter(pl.col("origin_utc") == ORIGIN),
    ],
    "verify_savings": lambda t: [totals(t).filter(pl.col("last_date") == FIRST - DAY)],
    "recommend": lambda t: [t["gold.recommendations"].filter(pl.col("as_of_date") == FIRST)],
    "schedule": lambda t: [t["gold.schedules"].filter(pl.col("origin_utc") == ORIGIN)],
    "summarize_areas": lambda t: [
        t[name].filter(pl.col("reported_at_utc") <= ORIGIN)
        for name in ("gold.area_summaries", "gold.access_indicators")
    ],
}


def totals(tables: Tables) -> pl.DataFrame:
    return tables["gold.savings"].filter(pl.col("scope") == "total")


@pytest.mark.parametrize("job", ANSWERS)
@pytest.mark.parametrize("stage", ["again", "next", "once more"])
def test_what_the_first_night_said_stays(stages: dict[str, Tables], stage: str, job: str) -> None:
    for then, now in zip(SAID[job](stages["then"]), SAID[job](stages[stage]), strict=True):
        assert then.height > 0
        assert then.equals(now)


@pytest.mark.parametrize("table", ["anomalies", "account_forecasts", "recommendations", "schedules"])
def test_the_first_night_again_adds_nothing(stages: dict[str, Tables], table: str) -> None:
    for before, after in (("then", "again"), ("next", "once more")):
        assert stages[before][f"gold.{table}"].equals(stages[after][f"gold.{table}"])


def test_a_spike_that_was_none_is_withdrawn(stages: dict[str, Tables]) -> None:
    spikes = stages["next"]["gold.anomalies"].filter(pl.col("type") == "spike").sort("last_updated_utc")
    assert spikes["state"].to_list() == ["closed", "withdrawn"]
    assert spikes["last_updated_utc"].to_list() == [ORIGIN, ORIGIN + DAY]
    assert spikes["superseded_at_utc"].to_list() == [ORIGIN + DAY, None]


def test_a_month_is_restated_once(stages: dict[str, Tables]) -> None:
    """Of the corrected hour of January 2.341 kWh became 4.682; the correction is the newest that it rests on."""
    january = stages["once more"]["gold.emissions"].filter(
        (pl.col("group_id") == "sim-m0005") & (pl.col("month") == FIRST.replace(month=1, day=1))
    )
    first, second = january.sort("statement").iter_rows(named=True)
    assert second["energy_kwh"] - first["energy_kwh"] == pytest.approx(2.341)
    assert (second["reported_at_utc"], first["superseded_at_utc"]) == (NEWS, NEWS)


def test_a_corrected_day_of_a_project_is_measured_anew(stages: dict[str, Tables]) -> None:
    """The whole of 7 February was half as much again, which is no saving; 8 and 9 February were closed."""

    def of_day(stage: str, day: int) -> dict[str, Any]:
        rows = stages[stage]["gold.savings"].filter((pl.col("meter_id") == "sim-m0003") & (pl.col("scope") == "day"))
        return rows.row(by_predicate=pl.col("first_date") == FIRST.replace(day=day), named=True)

    then, now = of_day("again", 7), of_day("next", 7)
    assert now["observed_kwh"] == pytest.approx(1.5 * then["observed_kwh"])
    assert now["avoided_kwh"] == pytest.approx(400 - now["observed_kwh"])
    assert [of_day("again", day)["state"] for day in (8, 9)] == ["measured"] * 2
    assert [of_day("next", day)["state"] for day in (8, 9)] == ["non_routine"] * 2
    late = totals(stages["next"]).filter(pl.col("project_id") == "late")
    assert set(late["last_date"]) == {FIRST}


def test_a_new_tariff_and_a_closure_are_recommended_on_from_the_next_night(stages: dict[str, Tables]) -> None:
    offered = stages["once more"]["gold.recommendations"].filter(pl.col("status") == "offered")
    for day, cheap in ((FIRST, False), (NEXT, True)):
        texts = offered.filter((pl.col("as_of_date") == day) & (pl.col("action") == "another_tariff"))["what"]
        assert texts.str.contains("sim_cheap").any() == cheap


def test_a_peak_that_was_none_is_shaved_again_and_a_new_load_planned(stages: dict[str, Tables]) -> None:
    schedules = stages["next"]["gold.schedules"]
    whole = schedules.filter((pl.col("site_id") == "site_south") & (pl.col("asset_id") == "*"))
    saved = {
        origin: rows["expected_saving"].sum() for (origin,), rows in whole.group_by("origin_utc", maintain_order=True)
    }
    assert saved[ORIGIN] == 0 < saved[ORIGIN + DAY]
    pump = schedules.filter(pl.col("asset_id") == "late_pump")
    assert set(pump["origin_utc"]) == {ORIGIN + DAY}
    first = pump.filter(pl.col("default_power_kw") > 0)["interval_start_utc"].min()
    assert first == ORIGIN + 2 * DAY + timedelta(hours=8), "its window on the first day that it is there"

"""jobs/detect.py on a small lake: what it finds, keeps, withdraws, and says again of a past day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from meter_profiles import ZONE, office_hours
from pyspark.sql import SparkSession

from energy_lib.config import Config
from energy_lib.insights.anomalies.online.advance import advance
from energy_lib.insights.anomalies.online.limits_in import with_limits
from energy_lib.insights.anomalies.online.state import Settings, empty_state
from energy_lib.intervals import Period
from energy_lib.lake import Lake
from energy_lib.lake.spark_schemas import spark_schema
from energy_lib.tables import gold, references, silver
from energy_lib.tables.answers.alerts import ALERTS, DAY_LIMITS
from energy_lib.tables.answers.anomalies import ANOMALIES
from jobs import detect

FIRST = "2024-01-01"
DAYS = 120
LAST = date(2024, 1, 1) + timedelta(days=DAYS)
DEAD_FROM = pd.Timestamp("2024-04-20 06:00", tz="UTC")
HOUR = pd.Timedelta(hours=1)
DEAD_TO = pd.Timestamp("2024-04-24 06:00", tz="UTC")

METERS = pd.DataFrame(
    {"meter_id": ["well", "died"], "fuel": "electricity", "zone": ZONE, "country": "GB", "registered_by": "registry"}
)


def rows_of(meter_id: str, energy: pd.Series) -> pd.DataFrame:
    hours = energy.index.tz_localize(None)
    return pd.DataFrame(
        {
            "meter_id": meter_id,
            "fuel": "electricity",
            "interval_start_utc": hours,
            "energy_kwh": energy.to_numpy(),
            "measured_kwh": energy.to_numpy(),
            "quality": "measured",
            "imputed_share": 0.0,
            "flags": [[] for _ in hours],
            "available_at_utc": hours + pd.Timedelta(hours=1),
            "interval_month": hours.to_period("M").start_time.date,
        }
    )


def write(lake: Lake, table, frame: pd.DataFrame) -> None:
    schema = spark_schema(table)
    names = [name for name in table.column_names if name in frame.columns]
    lake.upsert(table, lake.spark.createDataFrame(frame[names], type(schema)([schema[name] for name in names])))


@pytest.fixture
def lake(spark: SparkSession, tmp_path) -> Lake:
    made = Lake(spark, str(tmp_path / "lake"))
    dead = office_hours(FIRST, DAYS, seed=3)
    dead[(dead.index >= DEAD_FROM) & (dead.index < DEAD_TO)] = 0.0
    hours = pd.concat([rows_of("well", office_hours(FIRST, DAYS)), rows_of("died", dead)], ignore_index=True)
    write(made, silver.HOURLY, hours)
    write(made, silver.METERS, METERS)
    return made


def run(lake: Lake, day: date) -> pd.DataFrame:
    detect.run(lake.spark, Config(lake=lake.root), Period.day(day))
    return lake.small_tables.read(ANOMALIES).to_pandas()


def test_a_dead_meter_is_found_followed_and_withdrawn_when_its_readings_come(lake: Lake) -> None:
    # As of 23 April the meter is still dead, later it is over.
    early = run(lake, date(2024, 4, 23))
    (row,) = early[(early["meter_id"] == "died") & (early["type"] == "dead")].to_dict("records")
    assert row["state"] == "open"
    assert row["start_utc"] == DEAD_FROM
    assert row["observed_kwh"] == 0.0
    assert row["energy_kwh"] < -500
    assert row["cost"] is None or pd.isna(row["cost"])
    assert row["cost_reason"].startswith("no_tariff")
    later = run(lake, LAST)
    mine = later[later["anomaly_id"] == row["anomaly_id"]].sort_values("last_updated_utc")
    assert list(mine["state"]) == ["open", "closed"] or list(mine["state"]) == ["open", "ongoing"]
    assert mine["superseded_at_utc"].iloc[0] == mine["last_updated_utc"].iloc[1]
    assert mine["end_utc"].iloc[-1] == DEAD_TO
    again = run(lake, LAST)
    version = lake.version(ANOMALIES)
    pd.testing.assert_frame_equal(later, again)
    rate = {
        "tariff_id": "t", "fuel": "electricity", "flow": "import", "charge": "unit_rate", "rate": 0.2, "days": "all",
        "valid_from": date(2024, 1, 1), "currency": "GBP", "vat_share": 0.0, "publication": "p", "edition": "e",
        "landed_at_utc": pd.Timestamp(LAST),
    }  # fmt: skip
    write(lake, references.TARIFFS, pd.DataFrame([rate]))
    write(lake, silver.METERS, METERS.assign(tariff_id="t"))
    run(lake, date(2024, 4, 23))
    assert lake.version(ANOMALIES) == version, "a past day says again what it said, at the prices known then"

    # The true readings come on the night after.
    mended = office_hours(FIRST, DAYS, seed=3)[DEAD_FROM : DEAD_TO - pd.Timedelta(hours=1)]
    rows = rows_of("died", mended).assign(available_at_utc=pd.Timestamp(LAST) + pd.Timedelta(hours=5))
    write(lake, silver.HOURLY, rows)
    after = run(lake, LAST + timedelta(days=1))
    last = after[after["anomaly_id"] == row["anomaly_id"]].sort_values("last_updated_utc").iloc[-1]
    assert last["state"] == "withdrawn"
    assert last["withdrawn_reason"]
    assert last["superseded_at_utc"] is pd.NaT


def test_swapped_meters_of_a_site_are_told_of_both_and_stay_one_event_each(lake: Lake) -> None:
    # A place that runs day and night; the meters change places on 15 April.
    office, flat = office_hours(FIRST, DAYS, seed=5), office_hours(FIRST, DAYS, seed=6)
    flat[:] = np.round(np.random.default_rng(7).normal(35.0, 1.0, len(flat)), 2)
    swapped = office.index >= pd.Timestamp("2024-04-15", tz=ZONE)
    read = {"one": office.where(~swapped, flat), "two": flat.where(~swapped, office)}
    write(lake, silver.HOURLY, pd.concat([rows_of(*item) for item in read.items()], ignore_index=True))
    known = {"fuel": "electricity", "zone": ZONE, "country": "GB", "registered_by": "registry", "site_id": "s"}
    write(lake, silver.METERS, pd.DataFrame({"meter_id": list(read), **known}))
    run(lake, date(2024, 4, 18))
    found = run(lake, date(2024, 4, 19))
    swaps = found[found["type"] == "swapped_meters"]
    assert set(swaps["meter_id"]) == {"one", "two"}
    assert set(swaps["start_utc"]) == {pd.Timestamp("2024-04-14 23:00", tz="UTC")}
    assert swaps["anomaly_id"].nunique() == 2
    assert list(swaps.sort_values(["meter_id", "last_updated_utc"])["state"]) == ["open", "ongoing"] * 2
    assert all("two" in row.evidence[-1] for row in swaps.itertuples() if row.meter_id == "one")
    others = found[found["meter_id"].isin(read) & (found["start_utc"] >= pd.Timestamp("2024-04-13", tz="UTC"))]
    assert set(others["type"]) == {"swapped_meters"}


def test_an_event_says_how_much_of_it_lay_outside_what_was_forecast(lake: Lake) -> None:
    # Forecast are 12 hours of the outage, above zero, and the same hours once more after they had come.
    hours = pd.date_range(DEAD_FROM, periods=12, freq="h").tz_localize(None)
    issued = pd.DataFrame(
        {
            "meter_id": "died",
            "interval_start_utc": hours,
            "origin_utc": pd.Timestamp("2024-04-20 05:00"),
            "model_name": "boosting",
            "model_version": "1",
            "run_kind": "live",
            "fuel": "electricity",
            "horizon_hours": range(2, 14),
            "p10": [15.0] * 9 + [0.0] * 3,
            "p90": 60.0,
            "imputed_share": 0.0,
        }
    )
    too_late = issued.assign(origin_utc=pd.Timestamp("2024-04-21 05:00"), p10=0.0)
    write(lake, gold.FORECASTS, pd.concat([issued, too_late], ignore_index=True))
    found = run(lake, date(2024, 4, 23))
    (row,) = found[found["type"] == "dead"].to_dict("records")
    assert row["share_outside_forecast"] == 0.75
    assert row["evidence"][-1] == "forecast: of 12 hours 0% were above p90 and 75% below p10"
    assert found.loc[found["meter_id"] == "well", "share_outside_forecast"].isna().all()


def test_a_declared_outage_explains_the_alarm_once_it_is_known(lake: Lake) -> None:
    outage = {
        "event_id": "outage-1",
        "kind": "outage",
        "meter_id": "died",
        "start_utc": pd.Timestamp("2024-04-20 05:30"),
        "end_utc": pd.Timestamp("2024-04-24 06:30"),
        "landed_at_utc": pd.Timestamp("2024-04-26 12:00"),
    }
    write(lake, references.EVENTS, pd.DataFrame([outage]))
    found = pd.concat([run(lake, date(2024, 4, day)) for day in (26, 27)])
    dead = found[found["type"] == "dead"].drop_duplicates("last_updated_utc").sort_values("last_updated_utc")
    assert list(dead["severity"]) == ["high", "low"]
    assert not any("outage-1" in line for line in dead["evidence"].iloc[0])
    assert "outage-1" in dead["evidence"].iloc[1][0]


def test_a_meter_that_falls_silent_is_missing_data(lake: Lake) -> None:
    found = run(lake, LAST + timedelta(days=3))
    missing = found[found["type"] == "missing_data"]
    assert set(missing["meter_id"]) == {"well", "died"}
    # office_hours makes days of 24 UTC hours.
    assert set(missing["start_utc"]) == {pd.Timestamp(LAST, tz="UTC")}
    assert missing["energy_kwh"].isna().all()
    assert missing["cost_reason"].eq("nothing was read that could be priced or counted").all()


def test_what_the_stream_tells_is_what_the_night_finds_and_the_night_says_so(lake: Lake) -> None:
    run(lake, date(2024, 4, 19))
    said = run_and_read_limits(lake, date(2024, 4, 20))
    own = said[(said["meter_id"] == "died") & (said["origin_utc"] == pd.Timestamp("2024-04-20", tz="UTC"))]
    # In summer the day that begins has gone on for an hour, and the next is said beside it.
    assert list(own.sort_values("day_local")["day_local"]) == [date(2024, 4, 20), date(2024, 4, 21)]
    version = lake.version(DAY_LIMITS)
    run(lake, date(2024, 4, 20))
    assert lake.version(DAY_LIMITS) == version, "the same again changes nothing"

    state = empty_state(pd.Timestamp("2024-04-17", tz="UTC").to_pydatetime(), Settings())
    with_limits(state, said)
    hours = lake.small_tables.read(silver.HOURLY).to_pandas()
    read = hours[hours["interval_start_utc"].between(pd.Timestamp("2024-04-17", tz="UTC"), DEAD_FROM + 14 * HOUR)]
    alerts = advance(state, read.assign(interval_minutes=60), (DEAD_FROM + 15 * HOUR).to_pydatetime()).alerts
    (dead,) = [row for row in alerts if row["meter_id"] == "died" and row["event"] == "raised"]
    assert (dead["type"], dead["start_utc"]) == ("dead", DEAD_FROM)
    false = {**dead, "alert_id": "false", "meter_id": "well", "start_utc": DEAD_FROM + HOUR}
    told = pd.DataFrame([dead, false]).assign(query="live", batch_id=1, rule_version="3", reason=None, anomaly_id=None)
    for name in ("told_at_utc", "start_utc", "end_utc", "origin_utc"):
        told[name] = told[name].dt.tz_localize(None)
    write(lake, ALERTS, told)
    found = run(lake, date(2024, 4, 21))
    (event,) = found[found["type"] == "dead"].to_dict("records")
    rows = lake.small_tables.read(ALERTS).to_pandas()
    night = rows[rows["query"] == "detect"].set_index("alert_id")
    assert night["event"].to_dict() == {dead["alert_id"]: "confirmed_by_night", "false": "withdrawn_by_night"}
    assert night.loc[dead["alert_id"], "anomaly_id"] == event["anomaly_id"] == dead["alert_id"]
    version = lake.version(ALERTS)
    run(lake, date(2024, 4, 21))
    assert lake.version(ALERTS) == version


def run_and_read_limits(lake: Lake, day: date) -> pd.DataFrame:
    run(lake, day)
    return lake.small_tables.read(DAY_LIMITS).to_pandas()

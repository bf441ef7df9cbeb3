"""What is sent live: clean messages keep the published schema, poison does not, and files hold the same readings."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from energy_lib.config import SimulateConfig
from energy_lib.errors import BadConfig
from energy_lib.intervals import Period
from energy_lib.simulation.files import Folder
from energy_lib.simulation.live.live_readings import LiveReadings, live_readings
from energy_lib.simulation.live.messages import POISON, poison, poison_places, reading_messages
from energy_lib.simulation.live.scheduled_faults import OVER_HIGHEST
from energy_lib.simulation.live.sending import Pace

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/reading.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
UTILITY = SimulateConfig(meters=12, days=5, first_date=date(2024, 5, 27))
DAYS = Period(date(2024, 5, 31), date(2024, 6, 3))


def is_valid(message: bytes | None) -> bool:
    try:
        return VALIDATOR.is_valid(json.loads((message or b"").decode("utf-8"), parse_constant=str))
    except ValueError:
        return False


@pytest.fixture(scope="module")
def dirty() -> LiveReadings:
    return live_readings(UTILITY, DAYS)


@pytest.fixture(scope="module")
def clean() -> LiveReadings:
    return live_readings(UTILITY.model_copy(update={"dirt": False}), DAYS)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_clean_message_keeps_the_schema(clean: LiveReadings) -> None:
    messages = reading_messages(clean.rows, clean.meter_ids, clean.fuels)
    assert (
        len(messages)
        == 4 * 24 * len(clean.utility.meters) + 4 * 24 * (clean.utility.habits.interval_minutes == 30).sum()
    )
    assert all(is_valid(message) for message in messages)
    first = json.loads(messages[0])
    row = clean.rows.iloc[0]
    assert first["energy_kwh"] == row["kwh"]
    assert datetime.fromisoformat(first["interval_start_utc"]) == row["start"].tz_localize("UTC")


@pytest.mark.parametrize("kind", POISON)
def test_no_poison_keeps_the_schema(clean: LiveReadings, kind: str) -> None:
    first, last = reading_messages(clean.rows.iloc[[0, -1]], clean.meter_ids, clean.fuels)
    assert not is_valid(poison(kind, first))
    assert not is_valid(poison(kind, last))


def test_of_dirty_rows_only_those_without_a_number_break_the_schema(dirty: LiveReadings) -> None:
    messages = reading_messages(dirty.rows, dirty.meter_ids, dirty.fuels)
    breaking = np.array([not is_valid(message) for message in messages])
    assert breaking.any()
    assert (breaking == (dirty.rows["value_text"] != "").to_numpy()).all()


def test_the_same_settings_send_the_same(dirty: LiveReadings) -> None:
    again = live_readings(UTILITY, DAYS)
    assert reading_messages(again.rows, again.meter_ids, again.fuels) == reading_messages(
        dirty.rows, dirty.meter_ids, dirty.fuels
    )


def test_messages_are_sent_in_order_and_some_come_late_doubled_or_after_later_ones(dirty: LiveReadings) -> None:
    rows = dirty.rows
    assert rows["received"].is_monotonic_increasing
    late = rows["received"] - rows["start"] - pd.to_timedelta(rows["minutes"], "min")
    assert (late >= pd.Timedelta(0)).mean() > 0.99  # Stamps in the future are a fault of their own.
    assert 0.01 < (late > pd.Timedelta("5min")).mean() < 0.05
    assert (rows.groupby("meter")["start"].diff() < pd.Timedelta(0)).any()
    assert rows.duplicated(["meter", "start", "minutes", "kwh", "quality"]).any()
    lost = set(zip(dirty.truth["meter"], dirty.truth["start"], strict=True)) - set(
        zip(rows["meter"], rows["start"], strict=True)
    )
    silent = dirty.faults[dirty.faults["kind"].isin(["scheduled_silent", "gap"])]
    assert lost == set(zip(silent["meter"], silent["start"], strict=True))


def test_scheduled_faults_come_when_they_should(dirty: LiveReadings) -> None:
    faults = dirty.faults.assign(start=dirty.faults["start"].dt.tz_localize(UTC))
    spike = faults[faults["kind"] == "scheduled_spike"]
    assert spike["start"].dt.floor("h").unique().tolist() == [
        pd.Timestamp("2024-05-31 02:00", tz=UTC), pd.Timestamp("2024-06-03 02:00", tz=UTC)
    ]  # fmt: skip
    meter = spike["meter"].iat[0]
    read = dirty.rows[(dirty.rows["meter"] == meter) & (dirty.rows["start"] == pd.Timestamp("2024-05-31 02:00"))]
    highest = dirty.truth.loc[dirty.truth["meter"] == meter, "kwh"].max()
    assert read["kwh"].iat[0] == pytest.approx(highest * OVER_HIGHEST, abs=0.001)
    silent = faults[(faults["kind"] == "scheduled_silent") & (faults["start"] < pd.Timestamp("2024-06-02", tz=UTC))]
    assert silent["start"].min() == pd.Timestamp("2024-05-31 05:00", tz=UTC)
    assert (silent["start"] + pd.to_timedelta(silent["minutes"], "min")).max() == pd.Timestamp(
        "2024-06-01 01:00", tz=UTC
    )


def test_files_hold_the_same_readings_as_messages(dirty: LiveReadings, tmp_path: Path) -> None:
    """But for values with a comma, which break a line of CSV."""
    dirty.write_files(Folder(tmp_path))
    landed = [row for path in tmp_path.rglob("*.csv") for row in csv.DictReader(path.open())]
    in_files = Counter(
        (row["meter_id"], row["interval_start"], row["interval_minutes"], row["energy_kwh"], row["quality"],
         row["received_at"])
        for row in landed
        if None not in row
    )  # fmt: skip
    points = [*dirty.utility.points, dirty.meter_ids[-1]]
    of_point = dict(zip(dirty.meter_ids, points, strict=True))
    messages = [
        json.loads(message, parse_float=str, parse_int=str)
        for message in reading_messages(dirty.rows, dirty.meter_ids, dirty.fuels)
    ]
    in_messages = Counter(
        (of_point[m["meter_id"]], m["interval_start_utc"], m["interval_minutes"], m["energy_kwh"], m["quality"],
         m["sent_at_utc"])
        for m in messages
        if "," not in m["energy_kwh"]
    )  # fmt: skip
    assert in_files == in_messages


def test_poison_of_each_kind_comes_however_few_messages_there_are() -> None:
    places, kinds = poison_places(40, seed=7)
    assert set(kinds) == set(POISON)
    assert len(set(places)) == len(kinds)
    places, kinds = poison_places(3, seed=7)
    assert len(places) == len(kinds) == 3
    assert poison_places(0, seed=7)[1] == []
    assert set(Counter(poison_places(1_000_000, seed=7)[1]).values()) == {10}


def test_a_message_is_due_when_the_faster_clock_shows_its_time() -> None:
    received = np.array(["2024-05-31T02:00:00", "2024-05-31T02:30:00"], "datetime64[us]")
    begin = datetime(2024, 5, 31, tzinfo=UTC)
    assert Pace(begin).due(received).tolist() == [7200, 9000]
    assert Pace(begin, speed=3600).due(received).tolist() == [2, 2.5]
    assert Pace(begin, speed=0).due(received).tolist() == [0, 0]
    assert Pace(datetime(2024, 5, 31, 3, tzinfo=UTC)).due(received).tolist() == [-3600, -1800]


def test_days_before_the_first_are_refused() -> None:
    with pytest.raises(BadConfig, match=r"2024-05-26 is before simulate\.first_date"):
        live_readings(UTILITY, Period.day(date(2024, 5, 26)))

"""Messages of a real broker against limits that a night has said: alerts in their table and in their topic, once."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from confluent_kafka import Consumer, TopicPartition
from jsonschema import Draft202012Validator
from pyspark.sql import SparkSession
from streamed_utility import StreamedUtility, reading

from benchmarks.online_detection import day_limits
from energy_lib.lake import Lake
from energy_lib.simulation.live.broker import Broker
from energy_lib.streaming.pipeline.detect import detect_stream
from energy_lib.tables import silver
from energy_lib.tables.answers.alerts import ALERTS, DAY_LIMITS
from energy_lib.tables.arrow import arrow_schema

FIRST = pd.Timestamp("2024-06-03", tz="UTC")
HOUR = pd.Timedelta(hours=1)
METERS = 3
NUMBERS = itertools.count()
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/alert.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def utility(broker: Broker, tmp_path: Path) -> StreamedUtility:
    topic = f"judged-{next(NUMBERS)}"
    for name in (topic, f"{topic}.alerts"):
        broker.create_topic(name, partitions=1)
    return StreamedUtility(broker, topic, tmp_path)


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Lake:
    return prepared(Lake(spark, str(tmp_path / "lake")))


def prepared(lake: Lake) -> Lake:
    """With what three nights said of three meters that use 20 kWh an hour, more or less."""
    tables = lake.small_tables
    for table in (DAY_LIMITS, silver.METERS):
        tables.create_empty(table, {})
    for day in range(3):
        rows = day_limits(METERS, FIRST + day * 24 * HOUR, "UTC")
        rows = rows.assign(rule_version="test", readings_version=0, temperature_c=np.nan)
        tables.append(DAY_LIMITS, pa.Table.from_pandas(rows, schema=arrow_schema(DAY_LIMITS), preserve_index=False))
    return lake


def day_of(faulty: bool = True) -> list[tuple[pd.Timestamp, bytes]]:
    """When each message of two days came, and it: the second meter has a spike and rests, the third falls silent."""
    rng, values = np.random.default_rng(3), []
    for hour in range(48):
        for meter in range(METERS):
            kwh = float(rng.normal(20, 0.5))
            if faulty and meter == 1 and hour == 30:
                kwh = 700.0
            if faulty and meter == 2 and 36 <= hour < 42:
                continue
            start = FIRST + hour * HOUR
            values.append((start + 1.1 * HOUR, reading(f"meter-{meter:07d}", start.to_pydatetime(), round(kwh, 3))))
    return values


def send(utility: StreamedUtility, values: list[tuple[pd.Timestamp, bytes]]) -> None:
    for moment, group in itertools.groupby(values, key=lambda pair: pair[0]):
        utility.send([value for _, value in group], sent=moment.to_pydatetime())


def detect(utility: StreamedUtility, lake: Lake, *settings: str) -> None:
    config = utility.config(lake.root, f"stream.alert_topic={utility.topic}.alerts", *settings)
    detect_stream(lake, config, ["live"], once=True)


def told(lake: Lake) -> list[tuple[str, str, str, pd.Timestamp]]:
    rows = lake.small_tables.read(ALERTS).to_pylist()
    return sorted((row["meter_id"], row["type"], row["event"], row["start_utc"]) for row in rows)


def sent_alerts(utility: StreamedUtility) -> list[dict[str, Any]]:
    topic = f"{utility.topic}.alerts"
    consumer = Consumer({**utility.broker.client(), "group.id": topic, "enable.auto.commit": False})
    end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=30)[1]
    consumer.assign([TopicPartition(topic, 0, 0)])
    messages: list[dict[str, Any]] = []
    while len(messages) < end:
        messages += [json.loads(each.value() or b"") for each in consumer.consume(end, timeout=1.0)]
    consumer.close()
    return messages


def test_a_spike_and_a_silence_are_told_in_the_table_and_in_the_topic(utility: StreamedUtility, lake: Lake) -> None:
    send(utility, day_of())
    detect(utility, lake)
    rows = told(lake)
    assert ("meter-0000001", "spike", "raised", FIRST + 30 * HOUR) in rows
    assert ("meter-0000002", "missing_data", "raised", FIRST + 36 * HOUR) in rows
    assert not [row for row in rows if row[0] == "meter-0000000"], "nothing was wrong there"
    messages = sent_alerts(utility)
    assert sorted((each["meter_id"], each["type"], each["event"]) for each in messages) == [row[:3] for row in rows]
    for each in messages:
        Draft202012Validator(SCHEMA).validate(each)


def test_what_was_told_is_told_once_in_however_many_runs(
    spark: SparkSession, utility: StreamedUtility, lake: Lake, tmp_path: Path
) -> None:
    values = day_of()
    for first in range(0, len(values), 45):
        send(utility, values[first : first + 45])
        # A run remembers nothing but the tables; bronze has the hours before its first message.
        detect(utility, lake, "stream.max_messages=20")
        utility.stream(lake)
    detect(utility, lake)
    whole = prepared(Lake(spark, str(tmp_path / "whole")))
    detect(utility, whole)
    standing = {row[:2] + row[3:] for row in told(whole) if row[2] == "raised"}
    raised = [row[:2] + row[3:] for row in told(lake) if row[2] == "raised"]
    assert sorted(raised) == sorted(standing)


def test_a_quiet_day_tells_nothing(utility: StreamedUtility, lake: Lake) -> None:
    send(utility, day_of(faulty=False))
    detect(utility, lake)
    assert (told(lake), sent_alerts(utility)) == ([], [])


def test_hours_that_came_as_files_before_the_first_message_are_no_silence(
    spark: SparkSession, utility: StreamedUtility, lake: Lake
) -> None:
    values = day_of(faulty=False)
    utility.land([value for _, value in values[:90]], sent=values[90][0].to_pydatetime())
    utility.night(spark, lake)
    send(utility, values[90:])
    detect(utility, lake)
    assert told(lake) == []

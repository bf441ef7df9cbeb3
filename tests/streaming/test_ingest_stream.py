"""Messages of a real broker into bronze, each once, and a night beside them that ends where files would have ended."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from pyspark.sql import SparkSession
from streamed_utility import StreamedUtility, content, reading, readings

from energy_lib.errors import BadConfig, InputMissing, TryAgain
from energy_lib.lake import Lake
from energy_lib.simulation.live.broker import Broker
from energy_lib.streaming.pipeline.ingest import ingest_stream

POISON = [b"not json", b"[1, 2]", b'{"meter_id": "m1"}', b"x" * 5_000_000, b"\xff\xfe"]
NUMBERS = itertools.count()


@pytest.fixture
def utility(broker: Broker, tmp_path: Path) -> StreamedUtility:
    topic = f"readings-{next(NUMBERS)}"
    broker.create_topic(topic, partitions=2)
    return StreamedUtility(broker, topic, tmp_path)


@pytest.fixture
def other_lake(spark: SparkSession, tmp_path: Path) -> Callable[[], Lake]:
    return lambda: Lake(spark, str(tmp_path / "other"))


def test_messages_end_where_the_same_readings_landed_as_a_file_end(
    spark: SparkSession, utility: StreamedUtility, lake: Lake, other_lake: Callable[[], Lake]
) -> None:
    first = datetime(2024, 6, 1, tzinfo=UTC)
    sent = readings(3, 30)
    corrected = reading("m1", first + timedelta(hours=4), 9.5, late=timedelta(hours=9))
    late = reading("m2", first - timedelta(hours=5), 2.0, late=timedelta(hours=12))
    # A meter's readings are told twice, out of order, corrected and wrong.
    values = [*sent[40:], *sent[:50], corrected, late, reading("m0", first, -4), reading("m0", first, "much")]
    utility.send(values)
    utility.stream(lake)
    utility.night(spark, lake)

    utility.land(values)
    as_file = other_lake()
    utility.night(spark, as_file)
    for table in ("silver.readings", "silver.hourly_readings", "silver.quarantine"):
        ours, theirs = content(lake.root, table), content(as_file.root, table)
        assert ours.equals(theirs), f"{table}: {ours.height} rows against {theirs.height}"
    assert content(lake.root, "silver.readings").height > 90


def test_a_poison_message_is_quarantined_with_its_place_and_stops_nothing(
    spark: SparkSession, utility: StreamedUtility, lake: Lake
) -> None:
    utility.send([*readings(1, 2), *POISON, *readings(1, 4)[2:]], partition=1)
    outcome = utility.stream(lake)
    assert (outcome.rows_in, outcome.lines) == (9, ["live: 9 readings, of which 5 could not be parsed."])
    utility.night(spark, lake)
    told = content(lake.root, "silver.quarantine", leave_out=())
    places = {(row["path"], row["row_number"]): row["rule_id"] for row in told.to_dicts()}
    assert places == {
        (f"{utility.topic}/1", 3): "unparseable_row",
        (f"{utility.topic}/1", 4): "unparseable_row",
        (f"{utility.topic}/1", 5): "unparseable_timestamp",
        (f"{utility.topic}/1", 6): "message_too_long",
        (f"{utility.topic}/1", 7): "unparseable_row",
    }
    assert content(lake.root, "silver.readings").height == 4


def test_what_was_read_is_not_read_again_in_however_many_runs(utility: StreamedUtility, lake: Lake) -> None:
    values = readings(2, 24)
    for number in range(0, len(values), 16):
        utility.send(values[number : number + 16])
        assert utility.stream(lake, "stream.max_messages=7").rows_in == 16
    assert utility.stream(lake).rows_in == 0
    rows = content(lake.root, "bronze.readings", leave_out=())
    assert rows.height == len(values)
    assert rows.select("file_id", "row_number").unique().height == len(values)


def test_a_topic_that_is_made_anew_is_another_one(utility: StreamedUtility, lake: Lake, broker: Broker) -> None:
    utility.send(readings(1, 3))
    utility.stream(lake)
    admin = broker.admin  # Its requests end with it.
    for gone in admin.delete_topics([utility.topic]).values():
        gone.result(timeout=30)
    with pytest.raises(InputMissing, match=f"There is no topic {utility.topic}"):
        utility.stream(lake)
    broker.create_topic(utility.topic, partitions=2)
    utility.send(readings(1, 3))
    assert utility.stream(lake).rows_in == 3
    assert content(lake.root, "bronze.readings", leave_out=()).height == 6


def test_messages_that_were_deleted_unread_end_the_stream_unless_it_may_go_on(
    utility: StreamedUtility, lake: Lake, broker: Broker
) -> None:
    utility.send(readings(1, 4), partition=0)
    utility.stream(lake)
    utility.send(readings(1, 9)[4:], partition=0)
    admin = broker.admin
    for outcome in admin.delete_records([TopicPartition(utility.topic, 0, 7)]).values():
        outcome.result(timeout=30)
    with pytest.raises(InputMissing, match=r"were deleted before live read them: .* stream.fail_on_data_loss: false"):
        utility.stream(lake)
    assert utility.stream(lake, "stream.fail_on_data_loss=false").rows_in == 2


def test_what_cannot_be_streamed_is_one_sentence(spark: SparkSession, utility: StreamedUtility, lake: Lake) -> None:
    config = utility.config(lake.root)
    with pytest.raises(BadConfig, match="--source files is none of the sources of format kafka: live"):
        ingest_stream(lake, config, ["files"], once=True)
    with pytest.raises(BadConfig, match="streams need a lake on a disk"):
        ingest_stream(Lake(spark, "s3a://bucket/lake"), config, ["live"], once=True)
    away = utility.config(lake.root, "stream.bootstrap_servers=127.0.0.1:1")
    with pytest.raises(TryAgain, match=r"Kafka at 127\.0\.0\.1:1 does not answer"):
        ingest_stream(lake, away, ["live"], once=True)


def test_a_checkpoint_of_the_log_keeps_what_was_read(utility: StreamedUtility, lake: Lake) -> None:
    for hour in range(12):
        utility.send(readings(1, 1, datetime(2024, 6, 1, hour, tzinfo=UTC)), partition=0)
        utility.stream(lake)
    log = Path(lake.root, "bronze/readings/_delta_log")
    assert list(log.glob("*.checkpoint.parquet"))
    for entry in sorted(log.glob("*.json"))[:10]:
        shutil.move(entry, log.parent / entry.name)
    assert utility.stream(lake).rows_in == 0

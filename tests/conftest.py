"""What all tests share: a Spark session a process (UTC, one shuffle partition, no UI), and the order of their files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from tiers import pytest_addoption, pytest_configure, pytest_sessionfinish, pytest_terminal_summary

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from energy_lib.lake import Lake
    from energy_lib.simulation.live.broker import Broker

__all__ = ["pytest_addoption", "pytest_configure", "pytest_sessionfinish", "pytest_terminal_summary"]

SHARED_DATA = Path(os.environ.get("ENERGY_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))

# The same examples every time, so that a change fails by its own doing; --hypothesis-profile=default explores.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

TEST_CONF = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "2",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.adaptive.enabled": "false",
    # Two processes of tests have a JVM each, and a spark-submit beside.
    "spark.driver.memory": "2g",
    # Rows are few and plans many: compiling each plan and the JVM's second compiler cost more than they save.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m",
}

# What takes minutes begins first, so that no process waits for the other at the end.
BEGIN_FIRST = ("test_kill_and_rerun", "test_cluster", "test_training_worker", "test_nightly", "jobs", "spark")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order of BEGIN_FIRST; among equals in that of pytest-randomly."""

    def place(item: pytest.Item) -> int:
        names = (item.path.stem, item.path.parent.name)
        return next((i for i, name in enumerate(BEGIN_FIRST) if name in names), len(BEGIN_FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    # Tests without Spark need not wait for its import.
    from energy_lib.config import SparkConfig
    from energy_lib.lake import open_session

    session = open_session(SparkConfig(app_name="tests", master="local[2]", conf=TEST_CONF))
    yield session
    session.stop()


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Lake:
    from energy_lib.lake import Lake

    return Lake(spark, str(tmp_path / "lake"))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A real broker: topics have names that no other test uses, and a test that stops it starts it again."""
    from kafka_brokers import broker_or_skip

    with broker_or_skip(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def secured_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The same with SASL_SSL (SCRAM-SHA-512, PEM) and the user `meters`."""
    from kafka_brokers import secured_broker_or_skip

    with secured_broker_or_skip(tmp_path_factory.mktemp("secured")) as broker:
        yield broker


@pytest.fixture(scope="session")
def cambridge() -> Path:
    """The shared Cambridge meters; tests that read them are skipped where they are not."""
    folder = SHARED_DATA / "cambridge"
    if not folder.is_dir():
        pytest.skip(f"the Cambridge data is not at {folder}")
    return folder

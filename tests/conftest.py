"""One Spark session for all tests: UTC, one shuffle partition, no UI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from energy_lib.config import SparkConfig
from energy_lib.lake import Lake, open_session

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
    # Rows are few and plans many: compiling each plan and the JVM's second compiler cost more than they save.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    session = open_session(SparkConfig(app_name="tests", master="local[2]", conf=TEST_CONF))
    yield session
    session.stop()


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Lake:
    return Lake(spark, str(tmp_path / "lake"))


@pytest.fixture(scope="session")
def cambridge() -> Path:
    """The shared Cambridge meters; tests that read them are skipped where they are not."""
    folder = SHARED_DATA / "cambridge"
    if not folder.is_dir():
        pytest.skip(f"the Cambridge data is not at {folder}")
    return folder

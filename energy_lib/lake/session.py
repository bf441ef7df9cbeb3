"""The one place a Spark session is made."""

from __future__ import annotations

import logging
import os
import sys
import time

from pyspark import SparkConf, SparkContext
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from energy_lib.config import SparkConfig
from energy_lib.errors import BadConfig

# What the jobs rely on whatever the config says: UTC storage, Delta, this environment's Python.
ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}

# What a JVM has from its start; spark-submit has started it by then.
AT_LAUNCH = (
    "spark.driver.memory",
    "spark.driver.extraJavaOptions",
    "spark.driver.defaultJavaOptions",
    "spark.driver.extraClassPath",
    "spark.driver.extraLibraryPath",
)


def overridden_settings(config: SparkConfig) -> dict[str, tuple[str, str]]:
    """Config keys whose value Spark does not get → (the value it gets, where that comes from)."""
    overridden = {f"spark.conf.{key}": (value, "always") for key, value in ALWAYS.items() if key in config.conf}
    if not _submitted():
        return overridden
    SparkContext._ensure_initialized()
    in_force, origin = SparkConf(), "spark-submit"
    overridden["spark.master"] = (in_force.get("spark.master", ""), f"{origin} (--master)")
    for key in AT_LAUNCH:
        if key in config.conf:
            overridden[f"spark.conf.{key}"] = (in_force.get(key, "Spark's own"), f"{origin} (--conf)")
    return overridden


def _submitted() -> bool:
    """Whether spark-submit started this process: its script leaves this variable."""
    return "SPARK_ENV_LOADED" in os.environ


def open_session(config: SparkConfig) -> SparkSession:
    """The running session, or a new one; under spark-submit, with the master given there."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    os.environ["TZ"] = "UTC"
    time.tzset()  # Rows' instants come through this process's clock, which may have hours that it shows twice.
    if not _submitted() and os.environ.get("LC_ALL") in ("C", "POSIX"):
        os.environ["LC_ALL"] = "C.UTF-8"  # Java names files in the locale's encoding.
    builder = SparkSession.builder.appName(config.app_name)
    # spark-submit has a master of its own, whether --master was given or not; the config's is for plain `python`.
    if config.master and not _submitted():
        builder = builder.master(config.master)
    # Spark's progress bar is for people at a terminal, not for the log of a nightly run.
    progress = {"spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower()}
    for key, value in {**progress, **config.conf, **ALWAYS}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    # What fails is raised as well, and becomes one sentence.
    spark.sparkContext.setLogLevel("FATAL")
    for kind in ("SQL", "DataFrame"):
        # What it logs, stack trace and all, is raised as well.
        PySparkLogger.getLogger(f"{kind}QueryContextLogger").setLevel(logging.CRITICAL)
    _require_delta(spark)
    return spark


def require_nameable(spark: SparkSession, path: str) -> None:
    """Raises BadConfig for a path with letters that Java cannot name in the locale that it was started in."""
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    encoding = str(jvm.java.lang.System.getProperty("sun.jnu.encoding"))
    if not path.isascii() and encoding.upper().replace("-", "") != "UTF8":
        raise BadConfig(
            f"lake {path}: Java cannot name this path in the locale's encoding {encoding}: set LC_ALL=C.UTF-8."
        )


def _require_delta(spark: SparkSession) -> None:
    jvm = spark.sparkContext._jvm
    try:
        assert jvm is not None
        jvm.java.lang.Class.forName(
            "io.delta.tables.DeltaTable", False, jvm.Thread.currentThread().getContextClassLoader()
        )
    except Exception:
        raise BadConfig(
            "Spark runs without Delta's jars: run `make install`, or give spark-submit "
            "--packages io.delta:delta-spark_4.0_2.13:4.3.1."
        ) from None

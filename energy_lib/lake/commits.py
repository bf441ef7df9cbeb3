"""A commit by Spark: fenced by the writer's lease, and a lost race is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from energy_lib.errors import TryAgain
from energy_lib.lake.fence import WRITER, fenced, first_number

CONFLICTS = (
    "Concurrent",
    "ProtocolChanged",
    "MetadataChanged",
    "DELTA_CONCURRENT",
    "DELTA_METADATA_CHANGED",
    "DELTA_MAX_COMMIT_RETRIES_EXCEEDED",
)
# The transaction id of a commit, as Delta's writes, merges and deletes take it from the session.
TXN_ID, TXN_NUMBER = "spark.databricks.delta.write.txnAppId", "spark.databricks.delta.write.txnVersion"
# How often a commit is tried again behind one that came between. OPTIMIZE and ALTER TABLE carry no transaction id:
# they would pass the fence there.
RETRIES = "spark.databricks.delta.maxCommitAttempts"


@contextmanager
def commit_race(spark: SparkSession, root: str) -> Iterator[None]:
    """Around one commit to a table of the lake at `root`; raises TryAgain if the race or the lease was lost."""
    try:
        with fenced(root) as number, _numbered(spark, number):
            yield
    except (PySparkException, Py4JJavaError) as error:
        text = str(error)
        if any(word in text for word in CONFLICTS):
            raise TryAgain("Another run committed to the same table first: run this job again.") from error
        raise


@contextmanager
def _numbered(spark: SparkSession, number: int | None) -> Iterator[None]:
    if number is None:
        yield
        return
    settings = {TXN_ID: WRITER, TXN_NUMBER: str(number), RETRIES: "0"}
    for name, value in settings.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name in settings:
            spark.conf.unset(name)


def fence_off_table(spark: SparkSession, path: str, token: int) -> None:
    """Commit a holder's first number, and no rows, to a table in any store."""
    writer = spark.read.format("delta").load(path).limit(0).write.format("delta").mode("append")
    writer.option("txnAppId", WRITER).option("txnVersion", first_number(token)).save(path)

"""What landing offers and the lake has not dealt with: listed through Spark, so on any store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from energy_lib.errors import InputMissing
from energy_lib.lake import Lake
from energy_lib.landing.source import Source
from energy_lib.landing.sources import source_of
from energy_lib.tables import bronze


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """One file to ingest; `claimed_id` is the content's hash if an earlier run claimed it and did not finish."""

    landed_at_utc: datetime
    path: str
    uri: str
    size_bytes: int
    source: str
    claimed_id: str | None = None


@dataclass(slots=True)
class Offers:
    """What is to be done, and the folders that no source explains."""

    files: list[Offer] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)


def list_offers(lake: Lake, landing: str, sources: dict[str, Source]) -> Offers:
    """Files of known sources that are new or were claimed and not finished; known ones are not opened."""
    offers = Offers()
    for row in _undone(lake, _listing(lake.spark, landing)).collect():
        source = source_of(row["path"], sources.values())
        if source is None:
            offers.unexplained.append(row["path"])
            continue
        landed_at_utc = row["landed_at_utc"].astimezone(UTC)
        offer = Offer(landed_at_utc, row["path"], row["uri"], row["size_bytes"], source.name, row["file_id"])
        offers.files.append(offer)
    offers.files.sort()
    offers.unexplained.sort()
    return offers


def _listing(spark: SparkSession, landing: str) -> DataFrame:
    """uri, path (below landing), landed_at_utc and size_bytes of every file; hidden ones are left out."""
    root = _qualified(spark, landing)
    try:
        files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(root)
    except AnalysisException as error:
        if "PATH_NOT_FOUND" not in str(error):
            raise
        raise InputMissing(f"There is no landing directory {landing}: create it, or set the key landing.") from None
    return files.select(
        F.col("path").alias("uri"),
        F.expr(f"substring(path, {len(root) + 2})").alias("path"),
        F.col("modificationTime").alias("landed_at_utc"),
        F.col("length").alias("size_bytes"),
    )


def _qualified(spark: SparkSession, path: str) -> str:
    """The path as Hadoop's listing will write it (file:/… for a local one)."""
    jvm, context = spark.sparkContext._jvm, spark.sparkContext._jsc
    assert jvm is not None
    assert context is not None
    hadoop_path = jvm.org.apache.hadoop.fs.Path(path)
    store = hadoop_path.getFileSystem(context.hadoopConfiguration())
    return str(store.makeQualified(hadoop_path).toString())


def _undone(lake: Lake, listing: DataFrame) -> DataFrame:
    known = lake.read_or_empty(bronze.FILES).select("path", "landed_at_utc", "size_bytes", "status", "file_id")
    keys = ["path", "landed_at_utc", "size_bytes"]
    joined = listing.join(known, keys, "left")
    return joined.where(F.col("status").isNull() | (F.col("status") == "claimed"))

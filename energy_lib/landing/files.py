"""bronze.files: which file was offered, claimed and ingested, rejected, or a duplicate of another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.lake import Lake
from energy_lib.landing.offers import Offer
from energy_lib.landing.tasks import DUPLICATE
from energy_lib.tables import bronze

CLAIMED, INGESTED, REJECTED = "claimed", "ingested", "rejected"


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of an offered file; `row_count` are its rows, `broken` those of them that broke a rule."""

    offer: Offer
    file_id: str
    status: str
    row_count: int
    broken: int = 0
    rule_id: str | None = None
    reason: str | None = None


def ingested_ids(lake: Lake, offers: Iterable[Offer]) -> frozenset[str]:
    """Hashes of ingested files that an offered file could be a copy of: those of the same size."""
    sizes = sorted({offer.size_bytes for offer in offers})
    files = lake.read_or_empty(bronze.FILES).where(F.col("status") == INGESTED)
    rows = files.where(F.col("size_bytes").isin(sizes)).select("file_id").distinct().collect()
    return frozenset(row["file_id"] for row in rows)


def rows_present(lake: Lake, claimed: list[Offer]) -> list[Ending]:
    """Claimed files whose rows a killed run has published: all of them or none, for they went in one commit."""
    if not claimed or not lake.exists(bronze.READINGS):
        return []
    by_id = {offer.claimed_id: offer for offer in claimed}
    rows = lake.read(bronze.READINGS).where(_of_files(claimed))
    counts = rows.groupBy("file_id").agg(F.count("*").alias("rows"), F.count("rule_id").alias("broken")).collect()
    return [Ending(by_id[r["file_id"]], r["file_id"], INGESTED, r["rows"], r["broken"]) for r in counts]


def endings_of(rows: DataFrame, offers: list[Offer], seen: set[str]) -> list[Ending]:
    """What became of the files of one batch. `seen` holds the contents accepted so far, and grows.

    Of files with the same content the one that landed first is ingested, the others are duplicates.
    """
    counted = rows.groupBy("source", "path", "landed_at_utc", "file_id").agg(
        F.sum((F.col("row_number") > 0).cast("long")).alias("rows"),
        F.count(F.when(F.col("row_number") > 0, F.col("rule_id"))).alias("broken"),
        F.max(F.when(F.col("row_number") == 0, F.col("rule_id"))).alias("rule_id"),
        F.max(F.when(F.col("row_number") == 0, F.col("reason"))).alias("reason"),
    )
    by_path = {(row["path"], row["landed_at_utc"].timestamp()): row for row in counted.collect()}
    endings = []
    for offer in sorted(offers):
        row = by_path[offer.path, offer.landed_at_utc.timestamp()]
        file_id = row["file_id"]
        if row["rule_id"] == DUPLICATE or (row["rule_id"] is None and file_id in seen):
            endings.append(Ending(offer, file_id, DUPLICATE, 0))
        elif row["rule_id"] is not None:
            endings.append(Ending(offer, file_id, REJECTED, 0, 0, row["rule_id"], row["reason"]))
        else:
            seen.add(file_id)
            endings.append(Ending(offer, file_id, INGESTED, row["rows"], row["broken"]))
    return endings


def claim(lake: Lake, endings: Iterable[Ending]) -> None:
    """Say which files are about to be published; those claimed by an earlier run keep their claim."""
    rows = [_as_row(ending, CLAIMED) for ending in endings if ending.status == INGESTED and not ending.offer.claimed_id]
    if rows:
        lake.append(bronze.FILES, lake.spark.createDataFrame(rows, bronze.FILES.spark_schema))


def finish(lake: Lake, endings: Iterable[Ending]) -> None:
    """The last commit of a run: every file has its ending."""
    rows = [_as_row(ending, ending.status) for ending in endings]
    if rows:
        lake.upsert(bronze.FILES, lake.spark.createDataFrame(rows, bronze.FILES.spark_schema), prune=False)


def _as_row(ending: Ending, status: str) -> tuple[object, ...]:
    offer = ending.offer
    said = (ending.rule_id, ending.reason) if status == REJECTED else (None, None)
    count = ending.row_count if status == INGESTED else None
    return (offer.source, offer.path, offer.landed_at_utc, offer.size_bytes, ending.file_id, status, *said, count)


def _of_files(offers: list[Offer]) -> Column:
    """Literal months for partition pruning, and the files' hashes."""
    months = sorted({offer.landed_at_utc.date().replace(day=1) for offer in offers})
    return F.col("landed_month").isin(months) & F.col("file_id").isin([offer.claimed_id for offer in offers])

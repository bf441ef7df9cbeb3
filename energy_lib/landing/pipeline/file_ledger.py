"""bronze.files: which file was offered, claimed and ingested, rejected, or a duplicate of another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.lake import Lake
from energy_lib.landing.files.file_outcomes import CLAIMED, INGESTED, REJECTED, Ending, Parsed, counted_against
from energy_lib.landing.files.offered_files import Offer
from energy_lib.tables import bronze
from energy_lib.tables.arrow import arrow_schema


def ingested(lake: Lake, offers: Iterable[Offer]) -> dict[str, Offer]:
    """The ingested files that an offered one could be a copy of (those of the same size), by hash."""
    sizes = sorted({offer.size_bytes for offer in offers})
    files = lake.small_tables.read(bronze.FILES)
    same_size = pc.is_in(files["size_bytes"], pa.array(sizes, pa.int64()))
    rows = files.filter(pc.and_(pc.equal(files["status"], INGESTED), same_size)).to_pylist()
    return {
        r["file_id"]: Offer(r["landed_at_utc"].astimezone(UTC), r["path"], "", r["size_bytes"], r["source"])
        for r in rows
    }


def rows_present(lake: Lake, claimed: list[Offer]) -> list[Ending]:
    """Claimed files whose rows a killed run has published: all of them or none, for a file goes in one commit."""
    if not claimed or not lake.exists(bronze.READINGS):
        return []
    by_landing = {(offer.claimed_id, offer.landed_at_utc): offer for offer in claimed}
    rows = lake.read(bronze.READINGS).where(_of_files(claimed)).groupBy("file_id", "landed_at_utc")
    counts = rows.agg(F.count("*").alias("rows"), F.count("rule_id").alias("broken")).collect()
    counted = [(by_landing.get((r["file_id"], r["landed_at_utc"].astimezone(UTC))), r) for r in counts]
    return [Ending(offer, r["file_id"], INGESTED, r["rows"], r["broken"]) for offer, r in counted if offer is not None]


def outcomes_in(rows: DataFrame, offers: list[Offer]) -> dict[Offer, Parsed]:
    """How the parsing of each offered file went, as its staged rows say it."""
    counted = rows.groupBy("source", "path", "landed_at_utc", "file_id").agg(
        F.sum((F.col("row_number") > 0).cast("long")).alias("row_count"),
        F.count(F.when(F.col("row_number") > 0, F.col("rule_id"))).alias("broken"),
        F.max(F.when(F.col("row_number") == 0, F.col("rule_id"))).alias("rule_id"),
        F.max(F.when(F.col("row_number") == 0, F.col("reason"))).alias("reason"),
        F.max(F.when(F.col("row_number") == 0, F.col("raw_row"))).cast("long").alias("parsed"),
    )
    by_path = {(row["path"], row["landed_at_utc"].astimezone(UTC)): row for row in counted.collect()}
    parsed = {}
    for offer in offers:
        row = by_path[offer.path, offer.landed_at_utc]
        parsed[offer] = counted_against(
            row["parsed"], Parsed(row["file_id"], row["row_count"], row["broken"], row["rule_id"], row["reason"])
        )
    return parsed


def claim(lake: Lake, endings: Iterable[Ending]) -> None:
    """Write which files are about to be published; those that an earlier run claimed keep their claim."""
    rows = [_as_row(ending, CLAIMED) for ending in endings if ending.status == INGESTED and not ending.offer.claimed_id]
    if rows:
        # A file that could not be read before has a row already.
        lake.upsert(bronze.FILES, _table(rows), prune=False)


def finish(lake: Lake, endings: Iterable[Ending]) -> None:
    """The last commit of a run: every file has its ending."""
    rows = [_as_row(ending, ending.status) for ending in endings]
    if rows:
        lake.upsert(bronze.FILES, _table(rows), prune=False)


def _table(rows: list[tuple[object, ...]]) -> pa.Table:
    names = bronze.FILES.column_names
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], arrow_schema(bronze.FILES))


def _as_row(ending: Ending, status: str) -> tuple[object, ...]:
    offer = ending.offer
    fault = (ending.rule_id, ending.reason) if status == REJECTED else (None, None)
    count = ending.row_count if status == INGESTED else None
    return (offer.source, offer.path, offer.landed_at_utc, offer.size_bytes, ending.file_id, status, *fault, count)


def _of_files(offers: list[Offer]) -> Column:
    """Literal months for partition pruning, and the files' hashes."""
    months = sorted({offer.landed_at_utc.date().replace(day=1) for offer in offers})
    return F.col("landed_month").isin(months) & F.col("file_id").isin([offer.claimed_id for offer in offers])

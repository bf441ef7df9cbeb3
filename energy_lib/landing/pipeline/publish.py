"""From staged rows to the lake's tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from energy_lib.lake import Lake, Rows, conform, few_or_frame
from energy_lib.lake.adoption import FileBatch, add_files
from energy_lib.landing.files.file_outcomes import INGESTED, REJECTED, Ending
from energy_lib.landing.files.offered_files import MENDED_OUTSIDE, Offer
from energy_lib.landing.parsing.declarations import DECLARED_BY, of_newest_files
from energy_lib.tables import Table, bronze, silver
from energy_lib.tables.arrow import arrow_schema, conform_arrow


def rows_of(staged: DataFrame, endings: list[Ending]) -> DataFrame:
    """The rows of the files that are to be ingested (not the rows 0 that say how each file went)."""
    rows = staged.where(F.col("row_number") > 0)
    others = [(e.offer.path, e.offer.landed_at_utc) for e in endings if e.status != INGESTED]
    if not others:
        return rows
    left_out = staged.sparkSession.createDataFrame(others, "path string, landed_at_utc timestamp")
    kept = rows.join(F.broadcast(left_out), ["path", "landed_at_utc"], "left_anti")
    return kept.select(*staged.columns)


def latest(rows: DataFrame, table: Table) -> DataFrame:
    """Parsed reference rows, one a key: of several the newest version, and of its file the last row."""
    newest = Window.partitionBy(*table.key).orderBy(*map(F.desc, table.version), F.desc("row_number"))
    parsed = rows.where(F.col("rule_id").isNull()).withColumn("_place", F.row_number().over(newest))
    return parsed.where(F.col("_place") == 1).select(*table.column_names)


def publish_reference(lake: Lake, table: Table, rows: Rows) -> None:
    """Upsert the `latest` rows; of a declaration the newest file's rows take the place of all its rows before."""
    if table not in DECLARED_BY:
        lake.upsert(table, rows)
        return
    coming = conform_arrow(rows if isinstance(rows, pa.Table) else rows.toArrow(), table)
    there = lake.small_tables.read(table)
    stay = of_newest_files([*there.to_pylist(), *coming.to_pylist()], DECLARED_BY[table])
    kept = {tuple(row[name] for name in table.key) for row in stay}
    gone = [row for row in there.to_pylist() if tuple(row[name] for name in table.key) not in kept]
    of_table = partial(pa.Table.from_pylist, schema=arrow_schema(table))
    lake.upsert(table, of_table(stay), gone=of_table(gone))


def publish_readings(lake: Lake, rows: Rows | FileBatch, endings: list[Ending], known: dict[str, Offer]) -> None:
    """Append the rows of new files; those of a `known` content, landed earlier than was known, replace what it gave."""
    taken_over = [e for e in endings if e.status == INGESTED and e.file_id in known]
    if isinstance(rows, FileBatch):
        if not taken_over:
            add_files(lake, bronze.READINGS, rows)
            return
        rows = rows.frame
    if taken_over:
        ids = [ending.file_id for ending in taken_over]
        before = {_month(known[file_id]) for file_id in ids}
        # Cleaning will judge these rows again; under the month of the earlier landing quarantine would hold them twice.
        lake.delete(silver.QUARANTINE, F.col("landed_month").isin(sorted(before)) & F.col("file_id").isin(ids))
        months = ", ".join(f"DATE'{month}'" for month in sorted(before | {_month(e.offer) for e in taken_over}))
        files = ", ".join(f"'{file_id}'" for file_id in ids)
        frame, of_known = lake.frame(rows), F.col("file_id").isin(ids)
        again = f"landed_month IN ({months}) AND file_id IN ({files})"
        lake.replace_where(bronze.READINGS, frame.where(of_known), again)
        rows = frame.where(~of_known)
    if len(taken_over) < sum(ending.status == INGESTED for ending in endings):
        lake.append(bronze.READINGS, rows)


def _month(offer: Offer) -> date:
    return offer.landed_at_utc.date().replace(day=1)


def publish_rejects(lake: Lake, endings: list[Ending], reference_rows: list[DataFrame]) -> int:
    """Rejected files (row 0) and rows of reference files that broke a rule go to quarantine; returns how many files."""
    rejected = [ending for ending in endings if ending.status == REJECTED]
    frames = [rows.where(F.col("rule_id").isNotNull()) for rows in reference_rows]
    broken = [frame.select(*_QUARANTINE_COLUMNS) for frame in frames]
    if rejected:
        broken.append(_files_frame(lake, rejected))
    if broken:
        whole = broken[0]
        for frame in broken[1:]:
            whole = whole.unionByName(frame)
        count = len(rejected) + sum(ending.broken for ending in endings)
        rows = conform(whole.dropDuplicates(["file_id", "row_number"]), silver.QUARANTINE)
        lake.upsert(silver.QUARANTINE, few_or_frame(rows, count))
    return len(rejected)


_QUARANTINE_COLUMNS = (
    "file_id",
    "row_number",
    "source",
    "path",
    "rule_id",
    "reason",
    "raw_row",
    "landed_at_utc",
    "landed_month",
)


def _files_frame(lake: Lake, rejected: list[Ending]) -> DataFrame:
    rows = [
        (
            quarantine_id(ending.file_id, ending.offer.path),
            0,
            ending.offer.source,
            ending.offer.path,
            ending.rule_id,
            ending.reason,
            None,
            ending.offer.landed_at_utc,
            _month(ending.offer),
        )
        for ending in rejected
    ]
    types = (silver.QUARANTINE.column(name).type for name in _QUARANTINE_COLUMNS)
    schema = ", ".join(f"{name} {type_}" for name, type_ in zip(_QUARANTINE_COLUMNS, types, strict=True))
    return lake.spark.createDataFrame(rows, schema.replace(" long", " bigint"))


def quarantine_id(file_id: str, path: str) -> str:
    """The file_id of a rejected file's row 0: files with the same bytes (all empty ones) have a row each."""
    return hashlib.sha256(f"{file_id} {path}".encode()).hexdigest()


def forgive(lake: Lake, accepted: list[Ending]) -> None:
    """A content that was rejected before (its YAML has been mended since) leaves quarantine."""
    if not accepted or not lake.exists(silver.QUARANTINE):
        return
    ids = [ending.file_id for ending in accepted]
    paths = [ending.offer.path for ending in accepted]
    files = lake.small_tables.read(bronze.FILES, ["file_id", "path", "status", "rule_id"])
    # What was wrong with a file outside its content (its rights, its time) has been mended where its path is accepted.
    mended = pc.and_(_among(files["rule_id"], MENDED_OUTSIDE), _among(files["path"], paths))
    forgotten = pc.or_(_among(files["file_id"], ids), mended)
    rows = files.filter(pc.and_(pc.equal(files["status"], REJECTED), forgotten)).to_pylist()
    if rows:
        forgiven = F.col("file_id").isin(sorted({quarantine_id(row["file_id"], row["path"]) for row in rows}))
        lake.delete(silver.QUARANTINE, forgiven & (F.col("row_number") == 0))


def _among(column: pa.ChunkedArray, texts: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(column, pa.array(list(texts), pa.string()))

"""Parsing many files at once: bins of files, one Spark task each, one Arrow stream out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from energy_lib.lake.spark_schemas import spark_type
from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.files.file_outcomes import DUPLICATE
from energy_lib.landing.files.offered_files import Offer, require_landing_time, says_nothing_new
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.parsing.reference_data import parse_reference
from energy_lib.landing.parsing.reference_tables import TABLE_OF
from energy_lib.landing.sources.source import Kind, Source
from energy_lib.privacy.door import WITHHELD, through_the_door
from energy_lib.tables import bronze

# A bin is one Spark task: small enough that all slots have some, large enough to be worth starting.
LARGEST_BIN_BYTES = 16 << 20
SMALLEST_BIN_BYTES = 1 << 20
BINS_PER_SLOT = 3
BIN_FILES = 64
BATCH_ROWS = 100_000
# Files of so many bytes together are parsed in this process.
PARSED_HERE_BYTES = 8 << 20
PACKED, UNPACKED = (".gz", ".parquet"), 20

FILE_COLUMNS = T.StructType(
    [
        T.StructField("source", T.StringType()),
        T.StructField("file_id", T.StringType()),
        T.StructField("path", T.StringType()),
        T.StructField("landed_at_utc", T.TimestampType()),
        T.StructField("size_bytes", T.LongType()),
        T.StructField("landed_month", T.DateType()),
    ]
)
ROW_COLUMNS = T.StructType(
    [
        T.StructField("row_number", T.LongType()),
        T.StructField("raw_row", T.StringType()),
        T.StructField("rule_id", T.StringType()),
        T.StructField("reason", T.StringType()),
    ]
)


def staged_schema(kind: Kind) -> T.StructType:
    """What a task gives: the file's columns, the kind's own, and where a row broke a rule. All nullable."""
    table = bronze.READINGS if kind is Kind.READINGS else TABLE_OF[kind]
    fields = {f.name: f for f in (*FILE_COLUMNS.fields, *ROW_COLUMNS.fields)}
    own = [T.StructField(c.name, spark_type(c)) for c in table.columns if c.name not in fields]
    return T.StructType([*fields.values(), *own])


def parse_offers(
    spark: SparkSession, kind: Kind, offers: list[Offer], sources: dict[str, Source], known: dict[str, Offer]
) -> DataFrame:
    """Rows of all offered files of a kind; each file ends in a row with row_number 0 that says how it went.

    Small files are parsed here, others by Spark when the frame is used. A copy of a `known` content is not parsed
    again (rule duplicate).
    """
    task = Task(kind, {o.source: sources[o.source] for o in offers}, known)
    if are_small(offers):
        schema = to_arrow_schema(staged_schema(kind))
        batches = (batch for offer in sorted(offers) for batch in task.file(offer, schema))
        return spark.createDataFrame(pa.Table.from_batches(batches, schema))
    return offers_frame(spark, offers).mapInArrow(task, staged_schema(kind))


def offers_frame(spark: SparkSession, offers: list[Offer]) -> DataFrame:
    """The offers in bins, one Spark task each; `Offer(**row)` makes them again."""
    bins = in_bins(offers, spark.sparkContext.defaultParallelism)
    return spark.createDataFrame(
        spark.sparkContext.parallelize(bins, len(bins)).flatMap(lambda offers: [_as_row(offer) for offer in offers]),
        OFFER_SCHEMA,
    )


def are_small(offers: list[Offer]) -> bool:
    """Whether parsing the files here takes less time than Spark takes to begin."""
    sizes = (o.size_bytes * (UNPACKED if o.path.endswith(PACKED) else 1) for o in offers)
    return sum(sizes) <= PARSED_HERE_BYTES


OFFER_SCHEMA = (
    "landed_at_utc timestamp, path string, uri string, size_bytes long, source string, claimed_id string, "
    "own_path string"
)


def _as_row(offer: Offer) -> tuple[object, ...]:
    return astuple(offer)


def in_bins(offers: list[Offer], slots: int) -> list[list[Offer]]:
    """Neighbours in landing time together (they share a partition of bronze), up to a size and a number."""
    fair = sum(offer.size_bytes for offer in offers) // (slots * BINS_PER_SLOT)
    limit = min(max(fair, SMALLEST_BIN_BYTES), LARGEST_BIN_BYTES)
    bins: list[list[Offer]] = []
    size = 0
    for offer in sorted(offers):
        if not bins or size + offer.size_bytes > limit or len(bins[-1]) >= BIN_FILES:
            bins.append([])
            size = 0
        bins[-1].append(offer)
        size += offer.size_bytes
    return bins


@dataclass(slots=True)
class FileRead:
    """How the reading of one file went: its file_id ("" if it was not opened), and what is wrong with the whole.

    `rows` were parsed, of which `broken` broke a rule.
    """

    file_id: str = ""
    rows: int = 0
    broken: int = 0
    rule_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Task:
    """What one Spark task does with its bin of files."""

    kind: Kind
    sources: dict[str, Source]
    known: dict[str, Offer]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(staged_schema(self.kind))
        for batch in batches:
            for row in batch.to_pylist():
                yield from self.file(Offer(**row), schema)

    def file(self, offer: Offer, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The file's rows, then its row 0: rule_id is null if the file is whole and its rows count.

        The raw_row of row 0 says how many rows were parsed: those that arrive are held against it.
        """
        read = FileRead()
        for table in self.tables(offer, schema, read):
            yield from table.to_batches(max_chunksize=BATCH_ROWS)
        last = pa.table(
            {
                "row_number": pa.array([0], pa.int64()),
                "raw_row": pa.array([str(read.rows)], pa.string()),
                "rule_id": pa.array([read.rule_id], pa.string()),
                "reason": pa.array([read.reason], pa.string()),
            }
        )
        yield from _conformed(last, offer, read.file_id, schema).to_batches()

    def tables(self, offer: Offer, schema: pa.Schema, read: FileRead) -> Iterator[pa.Table]:
        """The file's rows; after the last of them `read` says how the reading went."""
        content = Content.at(offer.uri, offer.name)
        try:
            require_landing_time(offer)
            read.file_id = self.hash(content, offer)
            if says_nothing_new(offer, self.kind, read.file_id, self.known):
                raise FileFault(DUPLICATE, f"its content is that of {self.known[read.file_id].path}")
            for table in self.parse(content, offer):
                rows = _conformed(table, offer, read.file_id, schema)
                read.rows += rows.num_rows
                read.broken += rows.num_rows - rows["rule_id"].null_count
                yield rows
        except FileFault as fault:
            read.rule_id, read.reason = fault.rule_id, self._told(offer, fault)
        except Exception as error:
            failed = file_faults.reader_failed(error)
            read.rule_id, read.reason = failed.rule_id, self._told(offer, failed)

    def parse(self, content: Content, offer: Offer) -> Iterator[pa.Table]:
        source = self.sources[offer.source]
        parse: Callable[[Content, Source, datetime], Iterator[pa.Table]] = (
            parse_readings if self.kind is Kind.READINGS else parse_reference
        )
        keys, tables = source.keys, parse(content, source, offer.landed_at_utc)
        return tables if keys is None else (through_the_door(table, keys) for table in tables)

    def _told(self, offer: Offer, fault: FileFault) -> str:
        """What is wrong with a file, in words that may be kept: those that quote it may name a meter."""
        quotes = fault.rule_id != DUPLICATE and self.sources[offer.source].pseudonymize
        return WITHHELD if quotes else fault.reason

    def hash(self, content: Content, offer: Offer) -> str:
        """SHA-256 of the content and the source; where the name says the meter, of the name too.

        Two sources may each read their part of the same file, and two meters may read the same.
        """
        try:
            file_id = content.sha256()
        except OSError as error:
            raise FileFault(file_faults.FILE_UNREADABLE, f"the file cannot be opened ({error.strerror})") from None
        meter = self.sources[offer.source].meter
        if meter is not None and meter.file_name is not None:
            file_id = hashlib.sha256(f"{file_id} {PurePosixPath(offer.name).name}".encode()).hexdigest()
        before = self.known.get(file_id)
        # Lakes made before sources were told apart hold a content under its hash alone.
        if file_id != offer.claimed_id and (before is None or before.source != offer.source):
            file_id = hashlib.sha256(f"{file_id} {offer.source}".encode()).hexdigest()
        if offer.claimed_id is not None and file_id != offer.claimed_id:
            raise FileFault(file_faults.FILE_UNREADABLE, "the file was changed between being claimed and being read")
        return file_id


def stored_id(offer: Offer, file_id: str) -> str:
    """What stands for a file that was not opened, too."""
    return file_id or offer.claimed_id or offer.path


def _conformed(table: pa.Table, offer: Offer, file_id: str, schema: pa.Schema) -> pa.Table:
    rows = table.num_rows
    constants = {
        "source": offer.source,
        "file_id": stored_id(offer, file_id),
        "path": offer.path,
        "landed_at_utc": offer.landed_at_utc,
        "size_bytes": offer.size_bytes,
        "landed_month": offer.landed_at_utc.date().replace(day=1),
    }
    columns = []
    for field in schema:
        if field.name in constants:
            columns.append(pa.repeat(pa.scalar(constants[field.name], field.type), rows))
        elif field.name in table.column_names:
            columns.append(pc.cast(table.column(field.name), field.type))
        else:
            columns.append(pa.nulls(rows, field.type))
    return pa.Table.from_arrays(columns, schema=schema)

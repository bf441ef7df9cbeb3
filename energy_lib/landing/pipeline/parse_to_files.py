"""Readings of large landings, parsed by Spark tasks that write them as Parquet, in the table's own format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from energy_lib.lake.table_files import FileSink
from energy_lib.landing.files.file_outcomes import Parsed
from energy_lib.landing.files.offered_files import Offer
from energy_lib.landing.pipeline.parse_tasks import FileRead, Task, offers_frame, staged_schema, stored_id
from energy_lib.landing.sources.source import Kind, Source

# So many rows a file, about 30 MB, and as many of each month in a task's memory.
ROWS_PER_FILE = 1_000_000

# What a task tells: of each file that it wrote its name and rows, of each offered file how it went.
REPORT = pa.schema(
    [
        ("file", pa.string()),
        ("rows", pa.int64()),
        ("broken", pa.int64()),
        ("path", pa.string()),
        ("landed_at_utc", pa.timestamp("us", tz="UTC")),
        ("file_id", pa.string()),
        ("rule_id", pa.string()),
        ("reason", pa.string()),
    ]
)


def parse_to_files(
    spark: SparkSession, offers: list[Offer], sources: dict[str, Source], known: dict[str, Offer], sink: FileSink
) -> tuple[list[tuple[str, int]], dict[Offer, Parsed]]:
    """Write the rows of all offered files to the sink: the files written, with their rows, and how each offer went.

    A file that turns out to be cut, or a copy, may have left rows. Its row_count says how many count: none.
    """
    task = WritingTask(Task(Kind.READINGS, {o.source: sources[o.source] for o in offers}, known), sink)
    told = offers_frame(spark, offers).mapInArrow(task, from_arrow_schema(REPORT)).collect()
    written = [(row["file"], row["rows"]) for row in told if row["file"] is not None]
    by_path = {(row["path"], row["landed_at_utc"].astimezone(UTC)): row for row in told if row["file"] is None}
    outcomes = {}
    for offer in offers:
        row = by_path[offer.path, offer.landed_at_utc]
        outcomes[offer] = Parsed(row["file_id"], row["rows"], row["broken"], row["rule_id"], row["reason"])
    return written, outcomes


@dataclass(frozen=True)
class WritingTask:
    """What one Spark task does with its bin of offers."""

    task: Task
    sink: FileSink

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(staged_schema(self.task.kind))
        rows = RowsByMonth(self.sink)
        for batch in batches:
            for row in batch.to_pylist():
                offer, read = Offer(**row), FileRead()
                for table in self.task.tables(offer, schema, read):
                    yield from rows.add(table, offer.landed_at_utc.date().replace(day=1))
                yield _report(
                    rows=read.rows,
                    broken=read.broken,
                    path=offer.path,
                    landed_at_utc=offer.landed_at_utc,
                    file_id=stored_id(offer, read.file_id),
                    rule_id=read.rule_id,
                    reason=read.reason,
                )
        yield from rows.write_all()


@dataclass
class RowsByMonth:
    """Rows of many small files, or of one large one, on their way into files of one landed_month each."""

    sink: FileSink
    kept: dict[date, list[pa.Table]] = field(default_factory=lambda: defaultdict(list))

    def add(self, rows: pa.Table, month: date) -> Iterator[pa.RecordBatch]:
        """Keep the rows, and write those of the month if they fill a file: then its report comes."""
        self.kept[month].append(rows)
        if sum(part.num_rows for part in self.kept[month]) >= ROWS_PER_FILE:
            yield self._write(month)

    def write_all(self) -> Iterator[pa.RecordBatch]:
        for month in sorted(self.kept):
            yield self._write(month)

    def _write(self, month: date) -> pa.RecordBatch:
        rows = pa.concat_tables(self.kept.pop(month))
        return _report(file=self.sink.write(rows, (("landed_month", month),)), rows=rows.num_rows)


def _report(**values: Any) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([values], schema=REPORT)

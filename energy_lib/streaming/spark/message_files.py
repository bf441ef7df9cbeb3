"""A batch of messages, parsed by Spark tasks that write its rows into the folder of bronze.readings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from energy_lib.lake.table_files import FileSink
from energy_lib.landing.parsing.messages import MESSAGES, next_offsets, parse_messages
from energy_lib.landing.sources.source import Source

LATE_MINUTES = 60
NEVER = datetime.min.replace(tzinfo=UTC)
# What a task tells: each file that it wrote with its rows, and of each partition the offset after its last message.
REPORT = pa.schema(
    [
        ("file", pa.string()),
        ("rows", pa.int64()),
        ("late", pa.int64()),
        ("rules", pa.string()),
        ("newest_utc", pa.timestamp("us", "UTC")),
        ("partition", pa.int32()),
        ("next_offset", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Written:
    """A batch's files, whose rows no version of the table has yet, and where the next one begins.

    `late`: readings that came more than LATE_MINUTES after their interval's end. `broken`: rule -> rows. `newest_utc`:
    time of the newest message.
    """

    files: tuple[str, ...]
    rows: int
    late: int
    broken: dict[str, int]
    newest_utc: datetime
    next_offsets: dict[int, int]


def write_messages(messages: DataFrame, source: Source, sink: FileSink) -> Written:
    """Parse messages (MESSAGES) and write their rows to the sink."""
    told = messages.mapInArrow(MessageTask(source, sink), from_arrow_schema(REPORT)).collect()
    files = [row for row in told if row["file"] is not None]
    ends: dict[int, int] = {}
    for row in told:
        if row["file"] is None:
            ends[row["partition"]] = max(row["next_offset"], ends.get(row["partition"], 0))
    broken: Counter[str] = Counter()
    for row in files:
        broken.update(json.loads(row["rules"]))
    return Written(
        tuple(row["file"] for row in files),
        sum(row["rows"] for row in files),
        sum(row["late"] for row in files),
        dict(broken),
        max((row["newest_utc"].astimezone(UTC) for row in files), default=NEVER),
        ends,
    )


@dataclass(frozen=True)
class MessageTask:
    """What one Spark task does with its messages."""

    source: Source
    sink: FileSink

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        parts = [pa.Table.from_batches([batch]).cast(MESSAGES) for batch in batches if batch.num_rows]
        if not parts:
            return
        messages = pa.concat_tables(parts)
        rows = parse_messages(messages, self.source)
        for month in pc.unique(rows["landed_month"]).to_pylist():
            yield self._written(rows.filter(pc.equal(rows["landed_month"], month)), month)
        for partition, offset in next_offsets(messages).items():
            yield _report(partition=partition, next_offset=offset)

    def _written(self, rows: pa.Table, month: date) -> pa.RecordBatch:
        rules = {each["values"]: each["counts"] for each in rows["rule_id"].drop_null().value_counts().to_pylist()}
        minutes = pc.fill_null(rows["interval_minutes"], 0)
        known_after = pc.minutes_between(rows["interval_start_utc"], rows["landed_at_utc"])
        late = pc.sum(pc.greater(known_after, pc.add(minutes, LATE_MINUTES))).as_py() or 0
        return _report(
            file=self.sink.write(rows, (("landed_month", month),)),
            rows=rows.num_rows,
            late=late,
            rules=json.dumps(rules),
            newest_utc=pc.max(rows["landed_at_utc"]).as_py(),
        )


def _report(**values: object) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([values], schema=REPORT)

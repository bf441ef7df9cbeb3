"""Messages of a topic → rows of bronze.readings, by the same rules as a file's rows; a poison message costs itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from energy_lib.landing.files import file_faults
from energy_lib.landing.files.content import SHOWN_BYTES
from energy_lib.landing.formats import BrokenRow, Chunk
from energy_lib.landing.formats.avro_messages import as_text, avro_record
from energy_lib.landing.formats.avro_schemas import schemas_at
from energy_lib.landing.formats.json_lines import ABSENT, field_texts, json_object
from energy_lib.landing.parsing.arrow_columns import UTC_STAMP, with_broken
from energy_lib.landing.parsing.raw_readings import long_rows, wanted_columns
from energy_lib.landing.parsing.readings import ReadingsParser
from energy_lib.landing.sources.messages import Kafka
from energy_lib.landing.sources.source import Source
from energy_lib.privacy.door import through_the_door

# Messages as Kafka gives them. `timestamp` is the broker's or the producer's: when the message came.
MESSAGES = pa.schema(
    [
        ("topic_id", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("timestamp", UTC_STAMP),
        ("value", pa.binary()),
    ]
)
# Stamps of messages outside of these are no times at which a message was sent.
FIRST_TIME, LAST_TIME = np.datetime64("2000-01-01", "us").astype(int), np.datetime64("2100-01-01", "us").astype(int)
Longs = npt.NDArray[np.int64]


def parse_messages(messages: pa.Table, source: Source) -> pa.Table:
    """One row of bronze.readings for each message (MESSAGES), in the order of partitions and offsets.

    `file_id` names the topic (by its id: one that is made anew is another) and the partition, `path` the same by
    name; `row_number` is the offset and 1. A row that breaks a rule has `rule_id` and `reason`, and keeps its text.
    """
    kafka = source.kafka
    assert kafka is not None, "the source was checked when it was read"
    messages = messages.sort_by([("partition", "ascending"), ("offset", "ascending")]).combine_chunks()
    times = messages["timestamp"].cast(pa.int64()).to_numpy()
    landed = np.clip(times, FIRST_TIME, LAST_TIME)
    fields = message_fields(source)
    read = [_texts(value, kafka, fields) for value in messages["value"].to_pylist()]
    for place in np.flatnonzero(times != landed):
        read[place] = BrokenRow(
            _shown(messages["value"][int(place)].as_py()), file_faults.MESSAGE_TIME, "its time is not of 2000 to 2099"
        )
    whole = [place for place, texts in enumerate(read) if not isinstance(texts, BrokenRow)]
    broken = [place for place, texts in enumerate(read) if isinstance(texts, BrokenRow)]
    rows = _parsed([read[place] for place in whole], landed[whole], source)
    rows = with_broken(rows, [row for row in read if isinstance(row, BrokenRow)])
    if source.keys is not None:
        rows = through_the_door(rows, source.keys).combine_chunks()
    return _placed(
        rows, messages.take(pa.array([*whole, *broken], pa.int64())), landed[[*whole, *broken]], source, kafka
    )


def _texts(value: bytes | None, kafka: Kafka, fields: Sequence[str]) -> list[str | None] | BrokenRow:
    """The texts of a message's wanted fields, or what is wrong with it."""
    if not value:
        return BrokenRow("", file_faults.MESSAGE_EMPTY, "the message has no value")
    if len(value) > kafka.largest_bytes:
        reason = f"the message has {len(value):,} bytes, more than kafka.largest_bytes: here is how it begins"
        return BrokenRow(_shown(value), file_faults.MESSAGE_TOO_LONG, reason)
    if kafka.payload == "avro":
        text, row = "", avro_record(value, schemas_at(kafka.schemas, kafka.registry_login))
    else:
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError as error:
            reason = f"byte {error.start} of the message is not UTF-8"
            return BrokenRow(_shown(value), file_faults.UNPARSEABLE_ROW, reason)
        row = json_object(text, "the message")
    texts = row if isinstance(row, BrokenRow) else field_texts(row, fields, text, "the message")
    if isinstance(texts, BrokenRow):
        return texts
    if kafka.version_field is not None and texts[kafka.version_field] not in kafka.versions:
        version = texts[kafka.version_field]
        shown = "none" if version in (None, ABSENT) else repr(version)
        reason = f"{kafka.version_field} is {shown}, and kafka.versions are {', '.join(kafka.versions)}"
        return BrokenRow(text or as_text(value), file_faults.UNKNOWN_VERSION, reason)
    return [None if texts[name] is ABSENT else texts[name] for name in fields]


def sequence_name(topic_id: str, partition: int) -> str:
    """The messages of a partition of a topic, as bronze.readings.file_id names them."""
    return f"kafka:{topic_id}:{partition}"


def next_offsets(messages: pa.Table) -> dict[int, int]:
    """partition -> the offset after its last message, of MESSAGES."""
    last = messages.group_by("partition").aggregate([("offset", "max")])
    offsets = zip(last["partition"].to_pylist(), last["offset_max"].to_pylist(), strict=True)
    return {partition: offset + 1 for partition, offset in offsets}


def message_fields(source: Source) -> list[str]:
    """The fields of a message that the source's YAML names, each once."""
    version = source.kafka.version_field if source.kafka is not None else None
    return list(dict.fromkeys([*wanted_columns(source), *([version] if version else [])]))


def _shown(value: bytes | None) -> str:
    return (value or b"")[:SHOWN_BYTES].decode("utf-8", errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _parsed(texts: Sequence[Sequence[str | None] | BrokenRow], landed: Longs, source: Source) -> pa.Table:
    fields = message_fields(source)
    columns = list(zip(*texts, strict=True)) if texts else [()] * len(fields)
    table = pa.table({name: pa.array(column, pa.string()) for name, column in zip(fields, columns, strict=True)})
    parser = ReadingsParser(source, landed, None)
    return parser.parse(long_rows(Chunk(table), source, "")).drop_columns(["row_number"])


def _placed(rows: pa.Table, messages: pa.Table, landed: Longs, source: Source, kafka: Kafka) -> pa.Table:
    """The rows with where they came from."""
    partitions = messages["partition"].to_pylist()
    ids = list(map(sequence_name, messages["topic_id"].to_pylist(), partitions))
    count = rows.num_rows
    columns = {
        "source": pa.repeat(pa.scalar(source.name), count),
        "file_id": pa.array(ids, pa.string()),
        "row_number": pa.array(messages["offset"].to_numpy() + 1),
        "path": pa.array([f"{kafka.topic}/{part}" for part in partitions], pa.string()),
        "landed_at_utc": pa.array(landed).cast(UTC_STAMP),
        "landed_month": pa.array(landed.astype("datetime64[us]").astype("datetime64[M]").astype("datetime64[D]")),
    }
    for name, column in columns.items():
        rows = rows.append_column(name, column)
    return rows

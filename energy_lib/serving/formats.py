"""The forms of an answer: JSON by pages, and CSV, Parquet and Arrow as streams of all rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from starlette.datastructures import Headers

from energy_lib.lake.duckdb_views import quoted_name
from energy_lib.serving.problems import Problem
from energy_lib.serving.queries import Query
from energy_lib.serving.snapshot import Snapshot
from energy_lib.tables import Table
from energy_lib.tables.arrow import ARROW_TYPES, arrow_schema

JSON, CSV = "application/json", "text/csv"
PARQUET, ARROW = "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream"
BATCH_ROWS, CHUNK_BYTES = 50_000, 1 << 18


def form_of(headers: Headers) -> str:
    """The media type that is asked for by Accept, JSON where all are welcome; raises Problem (406)."""
    accepted = headers.get("accept", "*/*")
    offers = [part.partition(";") for part in accepted.lower().split(",")]
    kinds = [kind.strip() for kind, _, parameters in offers if "q=0" not in parameters.replace(" ", "").split(";")]
    for kind in kinds:
        if kind in ("*/*", "application/*", JSON):
            return JSON
        if kind in STREAMS or kind == "text/*":
            return CSV if kind == "text/*" else kind
    raise Problem(406, f"No answer has a form that the header Accept names: ask for {JSON}, {', '.join(STREAMS)}.")


def as_text(query: Query, table: Table) -> Query:
    """The query with instants as RFC 3339 and lists as JSON's text or lists; decimals as doubles."""
    shown = []
    for column in table.columns:
        name = quoted_name(column.name)
        if column.type == "timestamp":
            text = f"replace(strftime({name}, '%Y-%m-%dT%H:%M:%S.%f'), '.000000', '') || 'Z'"
            shown.append(f"{text} AS {name}")
        elif column.type == "date":
            shown.append(f"CAST({name} AS VARCHAR) AS {name}")
        elif column.type.startswith("decimal"):
            shown.append(f"CAST({name} AS DOUBLE) AS {name}")
        else:
            shown.append(name)
    return Query(f"SELECT {', '.join(shown)} FROM ({query.sql})", query.parameters, query.tables)


@dataclass(frozen=True, slots=True)
class Page:
    """`rows`: a JSON list of objects. `last`: the key of the last row, where another page follows."""

    rows: bytes
    last: tuple[Any, ...] | None


def json_page(snapshot: Snapshot, query: Query, table: Table, limit: int) -> Page:
    """A page of JSON; floats keep every bit, what is no number is null."""
    with snapshot.answer(as_text(query, table)) as found:
        frame = pl.from_arrow(found.to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    page = frame.head(limit)
    last = page.select(table.key).row(-1) if frame.height > limit else None
    # A key's null is the empty text of its order.
    return Page(page.write_json().encode(), None if last is None else tuple("" if v is None else v for v in last))


def csv_stream(snapshot: Snapshot, query: Query, table: Table) -> Iterator[bytes]:
    """Lines with a header; lists as JSON."""
    nested = [column.name for column in table.columns if "<" in column.type]
    lists = ", ".join(f"CAST(to_json({quoted_name(name)}) AS VARCHAR) AS {quoted_name(name)}" for name in nested)
    text = as_text(query, table)
    flat = f"SELECT * REPLACE ({lists}) FROM ({text.sql})" if nested else text.sql
    yield (",".join(table.column_names) + "\n").encode()
    with snapshot.answer(Query(flat, query.parameters, query.tables)) as found:
        for batch in found.to_arrow_reader(BATCH_ROWS):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame.write_csv(include_header=False).encode()


def arrow_stream(snapshot: Snapshot, query: Query, table: Table) -> Iterator[bytes]:
    """Arrow IPC's streaming format, with the table's schema."""
    sink = BytesIO()
    with pa.ipc.new_stream(sink, arrow_schema(table)) as writer:
        for batch in _batches(snapshot, query, table):
            writer.write_table(batch)
            yield _taken(sink)
    yield _taken(sink)


def parquet_stream(snapshot: Snapshot, query: Query, table: Table) -> Iterator[bytes]:
    """A Parquet file with the table's schema, from a temporary file: its footer comes last."""
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, arrow_schema(table), compression="zstd") as writer:
            for batch in _batches(snapshot, query, table):
                writer.write_table(batch)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


STREAMS: Mapping[str, Callable[[Snapshot, Query, Table], Iterator[bytes]]] = {
    CSV: csv_stream, PARQUET: parquet_stream, ARROW: arrow_stream,
}  # fmt: skip


def _batches(snapshot: Snapshot, query: Query, table: Table) -> Iterator[pa.Table]:
    schema = pa.schema([pa.field(c.name, ARROW_TYPES[c.type], c.nullable) for c in table.columns])
    with snapshot.answer(query) as found:
        for batch in found.to_arrow_reader(BATCH_ROWS):
            yield pa.Table.from_batches([batch]).cast(schema).cast(arrow_schema(table))


def _taken(sink: BytesIO) -> bytes:
    taken = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return taken

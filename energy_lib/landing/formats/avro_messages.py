"""Avro in the wire format of schema registries: a zero byte, the schema's id (four bytes), then Avro's binary."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import fastavro

from energy_lib.landing.files import file_faults
from energy_lib.landing.formats.avro_schemas import NoSchema, Schemas
from energy_lib.landing.formats.chunk import BrokenRow

HEADER = struct.Struct(">bI")
MAGIC = 0


def avro_record(value: bytes, schemas: Schemas) -> dict[str, Any] | BrokenRow:
    """The message's record with values as JSON has them, or what is wrong with it.

    Instants and dates become ISO 8601 (instants in UTC), times of day and UUIDs texts, decimals texts with all digits.
    Raises TryAgain if the schema registry does not answer.
    """
    if len(value) < HEADER.size or value[0] != MAGIC:
        return _broken(value, "the message does not begin by a zero byte and the id of its schema")
    schema_id = HEADER.unpack_from(value)[1]
    try:
        schema = schemas.of(schema_id)
    except NoSchema as error:
        return BrokenRow(as_text(value), file_faults.UNKNOWN_VERSION, f"the message is of schema {schema_id}: {error}")
    body = BytesIO(value)
    body.seek(HEADER.size)
    try:
        record = fastavro.schemaless_reader(body, schema, None)
    except Exception as error:
        # fastavro raises whatever the bytes lead it to: EOFError, IndexError, UnicodeDecodeError, OverflowError …
        return _broken(value, f"the message is not of schema {schema_id} ({type(error).__name__}: {error})")
    if body.tell() != len(value):
        left = len(value) - body.tell()
        return _broken(value, f"the message is longer than schema {schema_id} says, by {left} bytes")
    plain: dict[str, Any] = _plain(record)
    return plain


def as_text(value: bytes) -> str:
    """A message that is not read, whole: base64."""
    return base64.b64encode(value).decode()


def _broken(value: bytes, reason: str) -> BrokenRow:
    return BrokenRow(as_text(value), file_faults.UNPARSEABLE_ROW, " ".join(reason.split())[:400])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, UUID):
        return str(value)
    return as_text(value) if isinstance(value, bytes) else value

"""Avro messages in the wire format of schema registries: read as their JSON twins are, each by itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from avro_producer import avro_message
from hypothesis import given, settings
from hypothesis import strategies as st
from test_landing_messages import LAYOUT, SENT, messages

from energy_lib.landing.formats.avro_messages import avro_record
from energy_lib.landing.formats.avro_schemas import Schemas
from energy_lib.landing.parsing.messages import parse_messages
from energy_lib.landing.sources.source import Source

READ = {"type": "record", "name": "Read", "fields": [{"name": "wh", "type": ["null", "long", "double", "string"]}]}
READING: dict[str, Any] = {
    "type": "record",
    "name": "Reading",
    "namespace": "org.example",
    "fields": [
        {"name": "meter_id", "type": ["null", "string"]},
        {"name": "start", "type": ["null", "string", "long"]},
        {"name": "minutes", "type": ["null", "int", "string"]},
        {"name": "read", "type": ["null", READ]},
        {"name": "quality", "type": ["null", "string"], "default": None},
    ],
}
GOOD = {"meter_id": "m1", "start": "2024-06-01 11:30", "minutes": 30, "read": {"wh": 1250}, "quality": None}


def message(record: Mapping[str, Any], schema: Any = READING, schema_id: int = 7) -> bytes:
    return avro_message(record, schema, schema_id)


def save(folder: Path, schema_id: int, schema: Any) -> None:
    (folder / f"{schema_id}.avsc").write_text(json.dumps(schema))


def source(**kafka: Any) -> Source:
    content = {"topic": "readings", "payload": "avro", **kafka}
    return Source.model_validate({"name": "live", "format": "kafka", "kafka": content, **LAYOUT})


@pytest.fixture(scope="module")
def avro(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("schemas")
    save(folder, 7, READING)
    return source(schemas_dir=str(folder))


def test_a_message_that_was_written_by_hand_is_a_reading(avro: Source) -> None:
    """Byte by byte: a zero, schema 7, then each field as its place in the union and its value (zigzag, so 30 is 60)."""
    by_hand = (
        b"\x00\x00\x00\x00\x07"
        + b"\x02\x04m1"
        + b"\x02\x202024-06-01 11:30"
        + b"\x02\x3c"
        + b"\x02\x02\xc4\x13"
        + b"\x00"
    )
    assert by_hand == message(GOOD)
    (row,) = parse_messages(messages(by_hand, first=41), avro).to_pylist()
    assert (row["meter_id"], row["interval_minutes"], row["energy_kwh"]) == ("m1", 30, 1.25)
    assert row["interval_start_utc"] == datetime(2024, 6, 1, 9, 30, tzinfo=UTC)
    assert (row["path"], row["row_number"], row["available_at_utc"], row["rule_id"]) == ("readings/3", 42, SENT, None)


@pytest.mark.parametrize(
    ("value", "rule", "reason"),
    [
        (None, "message_empty", "no value"),
        (json.dumps(GOOD).encode(), "unparseable_row", "does not begin by a zero byte"),
        (b"\x00\x00\x00", "unparseable_row", "does not begin by a zero byte"),
        (b"\x01" + message(GOOD)[1:], "unparseable_row", "does not begin by a zero byte"),
        (message(GOOD, schema_id=8), "unknown_version", "schema 8: there is no 8.avsc in kafka.schemas_dir"),
        (message(GOOD, schema_id=2**32 - 1), "unknown_version", "schema 4294967295"),
        (message(GOOD)[:-3], "unparseable_row", "is not of schema 7"),
        (message(GOOD)[:5], "unparseable_row", "is not of schema 7"),
        (message(GOOD) + b"\x00\x00", "unparseable_row", "longer than schema 7 says, by 2 bytes"),
        (
            message(GOOD)[:5] + b"\x02" + b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            "unparseable_row",
            "not of schema 7",
        ),
        (message(GOOD)[:5] + b"\x02\x04\xff\xfe", "unparseable_row", "not of schema 7"),
        (message(GOOD)[:5] + b"\x7f", "unparseable_row", "not of schema 7"),
        (b"\x00" * 100_000, "message_too_long", "100,000 bytes"),
        (message(GOOD | {"meter_id": None}), "missing_meter", "no meter"),
        (message(GOOD | {"read": None}), "missing_value", ""),
        (message(GOOD | {"read": {"wh": "much"}}), "unparseable_value", "is not a number"),
        (message(GOOD | {"read": {"wh": float("nan")}}), "missing_value", ""),
    ],
)
def test_a_poison_message_costs_itself_and_is_kept_whole(
    avro: Source, value: bytes | None, rule: str, reason: str
) -> None:
    rows = parse_messages(messages(message(GOOD), value, message(GOOD)), avro).to_pylist()
    by_number = {row["row_number"]: row for row in rows}
    assert [by_number[number]["rule_id"] for number in (1, 2, 3)] == [None, rule, None]
    assert reason in by_number[2]["reason"]


@settings(max_examples=60)
@given(value=st.binary(max_size=200))
def test_no_bytes_stop_it(avro: Source, value: bytes) -> None:
    rows = parse_messages(messages(message(GOOD)[:5] + value, message(GOOD)), avro).to_pylist()
    assert len(rows) == 2
    assert [row["rule_id"] for row in rows if row["row_number"] == 2] == [None]


TEXTS = st.text(max_size=12)


def test_a_version_field_is_held_against_its_versions_and_the_message_is_kept(avro: Source) -> None:
    assert avro.kafka is not None
    versioned = source(schemas_dir=avro.kafka.schemas_dir, version_field="quality", versions=["2"])
    value = message(GOOD | {"quality": "3"})
    (row,) = parse_messages(messages(value), versioned).to_pylist()
    assert (row["rule_id"], row["raw_row"]) == ("unknown_version", base64.b64encode(value).decode())


YEARS = datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2030-01-01")
RECORDS = st.fixed_dictionaries(
    {
        "meter_id": st.one_of(st.none(), TEXTS, st.just("m1")),
        "start": st.one_of(st.none(), TEXTS, st.datetimes(*YEARS).map(str), st.integers(0, 2**40)),
        "minutes": st.one_of(st.none(), st.integers(-9, 2**31 - 1), st.sampled_from([15, 30, 60, "PT1H", "a while"])),
        "read": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {
                    "wh": st.one_of(
                        st.none(),
                        st.integers(-(2**63), 2**63 - 1),
                        st.floats(allow_nan=False, allow_infinity=False),
                        TEXTS,
                    )
                }
            ),
        ),
        "quality": st.one_of(st.none(), st.sampled_from(["measured", "estimated", "guessed"])),
    }
)


@settings(max_examples=100)
@given(records=st.lists(RECORDS, min_size=1, max_size=6))
def test_the_same_reading_as_json_and_as_avro_is_the_same_row(avro: Source, records: list[dict[str, Any]]) -> None:
    as_json = Source.model_validate({"name": "live", "format": "kafka", "kafka": {"topic": "readings"}, **LAYOUT})
    of_json = parse_messages(messages(*(json.dumps(record).encode() for record in records)), as_json)
    of_avro = parse_messages(messages(*map(message, records)), avro)
    assert of_avro.to_pylist() == of_json.to_pylist()


def test_logical_types_are_read_as_json_would_have_them(tmp_path: Path) -> None:
    def logical(type_: str, name: str, **more: Any) -> dict[str, Any]:
        return {"type": type_, "logicalType": name, **more}

    kinds = {
        "at": logical("long", "timestamp-millis"),
        "day": logical("int", "date"),
        "kwh": logical("bytes", "decimal", precision=9, scale=3),
        "id": logical("string", "uuid"),
        "raw": "bytes",
    }
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    schema = {"type": "record", "name": "R", "fields": fields}
    save(tmp_path, 1, schema)
    vienna = datetime.fromisoformat("2024-06-01T11:30:00+02:00")
    record = {"at": vienna, "day": date(2024, 6, 1), "kwh": Decimal("1250.000"), "raw": b"\x00\xff"}
    record["id"] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    assert avro_record(message(record, schema, 1), Schemas(str(tmp_path))) == {
        "at": "2024-06-01T09:30:00+00:00",
        "day": "2024-06-01",
        "kwh": "1250.000",
        "id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "raw": "AP8=",
    }
    assert vienna - vienna.astimezone(UTC) == timedelta(0)

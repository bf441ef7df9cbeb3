"""Messages of a topic: parsed as a file's rows are, each by itself, and a poison one costs itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_lib.errors import BadConfig
from energy_lib.landing.files.content import Content
from energy_lib.landing.parsing.messages import MESSAGES, parse_messages
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.loading import load_source
from energy_lib.landing.sources.source import Source

LAYOUT = {
    "meter": {"column": "meter_id"},
    "time": {"column": "start", "zone": "Europe/Vienna", "interval_column": "minutes"},
    "value": {"column": "read.wh", "unit": "Wh"},
    "fuel": "electricity",
    "quality": {"column": "quality"},
}
KAFKA = {"topic": "readings", "version_field": "v", "versions": ["1", "2"]}
SOURCE = Source.model_validate({"name": "live", "format": "kafka", "kafka": KAFKA, **LAYOUT})
FILES = Source.model_validate({"name": "live", "format": "json_lines", **LAYOUT})
SENT = datetime(2024, 6, 1, 10, 0, 5, tzinfo=UTC)
GOOD = {"v": 1, "meter_id": "m1", "start": "2024-06-01 11:30", "minutes": 30, "read": {"wh": 1250}}


def messages(*values: bytes | None, sent: datetime = SENT, first: int = 0) -> pa.Table:
    columns = {
        "topic_id": ["T"] * len(values),
        "partition": [3] * len(values),
        "offset": list(range(first, first + len(values))),
        "timestamp": [sent] * len(values),
        "value": list(values),
    }
    return pa.table({name: pa.array(columns[name], MESSAGES.field(name).type) for name in MESSAGES.names})


def of(**changed: object) -> bytes:
    return json.dumps(GOOD | changed).encode()


def test_a_message_is_one_reading_in_utc_and_kwh_with_its_place_in_the_topic() -> None:
    row = parse_messages(messages(of(), first=41), SOURCE).to_pylist()[0]
    assert (row["file_id"], row["path"], row["row_number"]) == ("kafka:T:3", "readings/3", 42)
    assert (row["meter_id"], row["interval_minutes"], row["energy_kwh"]) == ("m1", 30, 1.25)
    assert row["interval_start_utc"] == datetime(2024, 6, 1, 9, 30, tzinfo=UTC)
    assert row["available_at_utc"] == row["landed_at_utc"] == SENT
    assert row["rule_id"] is None


@pytest.mark.parametrize(
    ("value", "rule", "reason"),
    [
        (None, "message_empty", "no value"),
        (b"", "message_empty", "no value"),
        (b"not json", "unparseable_row", "the message is not JSON"),
        (b"[1]", "unparseable_row", "not a JSON object"),
        (b"\xff\xfe{}", "unparseable_row", "byte 0 of the message is not UTF-8"),
        (b"{" * 100_000, "message_too_long", "100,000 bytes"),
        (b'{"v": 1, "a": ' + b"[" * 30_000, "unparseable_row", "nested too deep"),
        (of(v=3), "unknown_version", "v is '3', and kafka.versions are 1, 2"),
        (json.dumps({"meter_id": "m"}).encode(), "unknown_version", "v is none"),
        (of(meter_id=None), "missing_meter", "no meter"),
        (of(start=None), "unparseable_timestamp", "is not a time"),
        (of(start=17), "unparseable_timestamp", "is not a time"),
        (of(start="2024-10-27 02:30"), "ambiguous_local_time", ""),
        (of(minutes="a while"), "unknown_interval", "a while"),
        (of(read={"wh": None}), "missing_value", ""),
        (of(read=5), "missing_value", ""),
        (of(read={"wh": {"x": 1}}), "unparseable_value", "is not a number"),
        (of(meter_id="x\ud800"), "unparseable_row", "surrogate"),
    ],
)
def test_a_poison_message_costs_itself_and_says_why(value: bytes | None, rule: str, reason: str) -> None:
    rows = parse_messages(messages(of(), value, of()), SOURCE).to_pylist()
    by_number = {row["row_number"]: row for row in rows}
    assert [by_number[number]["rule_id"] for number in (1, 2, 3)] == [None, rule, None]
    assert reason in by_number[2]["reason"]
    assert by_number[2]["path"] == "readings/3"


@pytest.mark.parametrize("year", [1970, 2150])
def test_a_message_of_an_impossible_time_is_no_reading_of_that_time(year: int) -> None:
    row = parse_messages(messages(of(), sent=SENT.replace(year=year)), SOURCE).to_pylist()[0]
    assert row["rule_id"] == "message_time"
    assert row["landed_at_utc"].year in (2000, 2100)


TEXTS = st.one_of(
    st.none(), st.integers(-5, 3000), st.floats(allow_nan=False), st.sampled_from(["", "m1", "30", "7,5"])
)
FIELDS = st.fixed_dictionaries(
    {"v": st.just(1)},
    optional={
        "meter_id": TEXTS,
        "start": st.one_of(TEXTS, st.sampled_from(["2024-06-01 11:30", "2024-03-31 02:30", "2024-06-01T09:30:00Z"])),
        "minutes": TEXTS,
        "read": st.fixed_dictionaries({"wh": TEXTS}),
        "quality": st.sampled_from(["measured", "estimated", "odd"]),
    },
)


@settings(max_examples=60)
@given(bodies=st.lists(FIELDS, min_size=1, max_size=8))
def test_messages_are_read_as_the_lines_of_a_file_are(bodies: list[dict[str, object]]) -> None:
    whole = {"meter_id": "m0", "start": "2024-06-01T00:00:00Z", "minutes": 60, "read": {"wh": 1}, "quality": "measured"}
    # A file needs each column on some line; a message may lack what it likes.
    lines = [json.dumps(body).encode() for body in [{"v": 1, **whole}, *bodies]]
    of_file = pa.concat_tables(parse_readings(Content.of(b"\n".join(lines)), FILES, SENT))
    of_messages = parse_messages(messages(*lines), SOURCE)
    assert of_messages.select(of_file.column_names).to_pylist() == of_file.to_pylist()


@settings(max_examples=40)
@given(bodies=st.lists(FIELDS, min_size=2, max_size=8), data=st.data())
def test_how_messages_are_batched_changes_nothing(bodies: list[dict[str, object]], data: st.DataObject) -> None:
    values = [json.dumps(body).encode() for body in bodies]
    cut = data.draw(st.integers(0, len(values)))
    order = data.draw(st.permutations(range(len(values))))
    whole = parse_messages(messages(*values).take(order), SOURCE)
    parts = [messages(*values[:cut]), messages(*values[cut:], first=cut)]
    apart = pa.concat_tables([parse_messages(part, SOURCE) for part in parts if part.num_rows])
    assert whole.sort_by("row_number").to_pylist() == apart.sort_by("row_number").to_pylist()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kafka": None}, "needs kafka"),
        ({"kafka": {"topic": "t", "versions": [1]}}, "version_field and versions go together"),
        ({"kind": "weather", "columns": {"location_id": "place"}}, "format kafka is for readings"),
        ({"glob": "*.json"}, "glob is ignored by the format kafka"),
        ({"meter": {"file_name": "(.*)"}}, "meter of a message is {column}"),
        ({"time": {"column": "start", "interval_minutes": "infer"}}, "infer needs the meter's other rows"),
        ({"time": LAYOUT["time"] | {"doubled_hour": "order"}}, "time.doubled_hour needs the meter's other rows"),
        ({"value": {"column": "*_kwh", "unit": "kWh"}}, "value.column of a message is the name of its field"),
        ({"registers": [{"columns": ["a"], "name": "a"}]}, "a message holds one reading"),
    ],
)
def test_a_key_that_a_message_cannot_have_is_one_sentence(
    tmp_path: Path, changed: dict[str, object], sentence: str
) -> None:
    (tmp_path / "live.yaml").write_text(
        json.dumps({"format": "kafka", "kafka": KAFKA, **LAYOUT} | changed), encoding="utf-8"
    )
    with pytest.raises(BadConfig) as error:
        load_source(tmp_path / "live.yaml")
    assert sentence in str(error.value)

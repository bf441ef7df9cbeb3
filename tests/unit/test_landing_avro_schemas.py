"""Where schemas of Avro messages come from: a folder, or a registry that is away, asks for a login, or knows no id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from avro_producer import registry
from test_landing_avro import GOOD, READING, message, save, source
from test_landing_messages import LAYOUT, messages

from energy_lib.config import Config, StreamConfig
from energy_lib.errors import BadConfig, TryAgain
from energy_lib.landing.formats.avro_messages import avro_record
from energy_lib.landing.formats.avro_schemas import NoSchema, Schemas, parsed
from energy_lib.landing.formats.chunk import BrokenRow
from energy_lib.landing.parsing.messages import parse_messages
from energy_lib.landing.sources.loading import load_source
from energy_lib.landing.sources.source import Source
from energy_lib.streaming.kafka_sources import kafka_sources, with_schemas


def record_of(kind: Any) -> str:
    return json.dumps({"type": "record", "name": "A", "fields": [{"name": "x", "type": kind}]})


NOTHING = {"type": "record", "name": "Nothing", "fields": [{"name": "none", "type": "null"}]}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("{", "no Avro schema"),
        ('{"type": "record"}', "no Avro schema"),
        ('"string"', "not of a record"),
        (record_of(["null", "A"]), "holds itself"),
        (record_of({"type": "array", "items": NOTHING}), "items of no bytes"),
        (record_of({"type": "array", "items": "null"}), "items of no bytes"),
    ],
)
def test_a_schema_that_readings_cannot_be_read_by_is_refused(tmp_path: Path, schema: str, why: str) -> None:
    """A short message could be endless by the last three."""
    with pytest.raises(NoSchema, match=why):
        parsed(schema)
    (tmp_path / "3.avsc").write_text(schema)
    with pytest.raises(BadConfig, match=r"3\.avsc is no schema of a reading"):
        with_schemas(source(schemas_dir=str(tmp_path)), StreamConfig())
    (row,) = parse_messages(messages(message(GOOD, schema_id=3)), source(schemas_dir=str(tmp_path))).to_pylist()
    assert row["rule_id"] == "unknown_version"


def test_a_registry_is_asked_once_for_each_schema() -> None:
    whole = {"schema": json.dumps(READING)}
    answers = {
        7: (200, whole),
        8: (200, whole | {"schemaType": "PROTOBUF"}),
        9: (200, whole | {"references": [{"name": "x", "subject": "x", "version": 1}]}),
    }
    with registry(answers) as (url, asked):
        live = with_schemas(source(), StreamConfig(schema_registry=url))
        ids = [7, 7, 8, 9, 10, 10, 7]
        rows = parse_messages(messages(*(message(GOOD, schema_id=each) for each in ids)), live).to_pylist()
    by_number = {row["row_number"]: (row["rule_id"], row["reason"] or "") for row in rows}
    found = [by_number[number] for number in range(1, 8)]
    assert [rule for rule, _ in found] == [None, None, *["unknown_version"] * 4, None]
    assert "as PROTOBUF" in found[2][1]
    assert "AVRO with references" in found[3][1]
    assert "does not know it" in found[4][1]
    assert asked == [f"/api/schemas/ids/{each}" for each in (7, 8, 9, 10)]


@pytest.mark.parametrize("answer", [(503, {}), (200, b"<html>"), (200, []), (200, {"id": 7})])
def test_a_registry_that_does_not_answer_costs_no_message(answer: tuple[int, Any]) -> None:
    answers = {7: answer}
    with registry(answers) as (url, _):
        live = with_schemas(source(), StreamConfig(schema_registry=url))
        with pytest.raises(TryAgain, match="gives no answer"):
            parse_messages(messages(message(GOOD)), live)
        answers[7] = (200, {"schema": json.dumps(READING)})
        assert parse_messages(messages(message(GOOD)), live)["rule_id"].to_pylist() == [None]
    gone = Schemas(url)
    with pytest.raises(TryAgain, match="gives no answer"):
        avro_record(message(GOOD), gone)


def test_a_schema_that_comes_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schemas = Schemas(str(tmp_path))
    monkeypatch.setattr("energy_lib.landing.formats.avro_schemas.ASK_AGAIN_SECONDS", 0.0)
    assert isinstance(avro_record(message(GOOD), schemas), BrokenRow)
    save(tmp_path, 7, READING)
    assert avro_record(message(GOOD), schemas) == GOOD


@pytest.mark.parametrize(
    ("kafka", "sentence"),
    [
        ({"payload": "json", "schemas_dir": "x"}, "are for payload avro"),
        ({"schemas_dir": "x", "schema_registry": "http://localhost"}, "give one of them"),
        ({"schema_registry": "ftp://localhost"}, "should match pattern"),
        ({"schema_registry": "http://me:hush@localhost"}, "should match pattern"),
        ({"payload": "protobuf"}, "'json' or 'avro'"),
    ],
)
def test_a_key_that_avro_cannot_have_is_one_sentence(tmp_path: Path, kafka: dict[str, Any], sentence: str) -> None:
    content = {"format": "kafka", "kafka": {"topic": "t", "payload": "avro", **kafka}, **LAYOUT}
    (tmp_path / "live.yaml").write_text(json.dumps(content))
    with pytest.raises(BadConfig) as error:
        load_source(tmp_path / "live.yaml")
    assert sentence in str(error.value)
    assert "hush" not in str(error.value)


def test_a_stream_of_avro_needs_a_place_for_its_schemas(tmp_path: Path) -> None:
    (tmp_path / "live.yaml").write_text(
        json.dumps({"format": "kafka", "kafka": {"topic": "t", "payload": "avro"}, **LAYOUT})
    )

    def found(registry_url: str | None) -> Source:
        config = Config.model_validate(
            {"lake": "x", "sources_dir": str(tmp_path), "stream": {"schema_registry": registry_url}}
        )
        return kafka_sources("x", config, ["live"])[0][0]

    kafka = found("https://registry:8081").kafka
    assert kafka is not None
    assert kafka.schemas == "https://registry:8081"
    with pytest.raises(BadConfig, match=r"give kafka\.schemas_dir"):
        found(None)
    with pytest.raises(BadConfig, match="is no URL") as error:
        found("http://me:hush@registry")
    assert "hush" not in str(error.value)
    with pytest.raises(BadConfig, match="is no folder"):
        with_schemas(source(schemas_dir=str(tmp_path / "none")), StreamConfig())


LOGIN = {"registry_username": "lake", "registry_password_env": "REGISTRY_PASSWORD"}


def test_a_registry_that_asks_for_a_login_is_given_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with registry({7: (200, {"schema": json.dumps(READING)})}, ("lake", "hüsh: x")) as (url, asked):
        with pytest.raises(BadConfig, match="set the environment variable REGISTRY_PASSWORD"):
            with_schemas(source(), StreamConfig(schema_registry=url, **LOGIN))
        monkeypatch.setenv("REGISTRY_PASSWORD", "hüsh: x")
        live = with_schemas(source(), StreamConfig(schema_registry=url, **LOGIN))
        assert parse_messages(messages(message(GOOD)), live)["rule_id"].to_pylist() == [None]
        assert len(asked) == 1
        (tmp_path / "password").write_text("hüsh: x\n")
        own = {"username": "lake", "password_file": str(tmp_path / "password")}
        other = with_schemas(source(schema_registry=url, registry_login=own), StreamConfig())
        assert parse_messages(messages(message(GOOD)), other)["rule_id"].to_pylist() == [None]
        # Its own registry is not told the login of all others.
        none = with_schemas(source(schema_registry=url), StreamConfig(schema_registry="https://elsewhere", **LOGIN))
        with pytest.raises(TryAgain, match=r"gives no answer \(its login was refused: 401\): see stream"):
            parse_messages(messages(message(GOOD)), none)
        # What a task is sent names the password and does not hold it.
        assert "hüsh" not in live.model_dump_json()
        monkeypatch.setenv("REGISTRY_PASSWORD", "wrong")
        with pytest.raises(TryAgain, match="login was refused") as error:
            avro_record(message(GOOD), Schemas(url, live.kafka.registry_login if live.kafka else None))
        assert "wrong" not in str(error.value)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (LOGIN | {"schema_registry": "http://registry:8081"}, "is not sent in clear: write https://"),
        (LOGIN | {"schema_registry": "http://localhost.example.org"}, "is not sent in clear"),
    ],
)
def test_a_login_is_sent_over_tls_alone(monkeypatch: pytest.MonkeyPatch, keys: dict[str, Any], sentence: str) -> None:
    monkeypatch.setenv("REGISTRY_PASSWORD", "hush")
    with pytest.raises(BadConfig, match=sentence):
        with_schemas(source(), StreamConfig(**keys))


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"registry_username": "lake"}, "goes with registry_password_env or registry_password_file"),
        ({"registry_password_env": "X"}, "goes with registry_password_env or registry_password_file"),
    ],
)
def test_a_login_is_a_name_and_one_password(keys: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        StreamConfig(**keys)
    with pytest.raises(ValueError, match="registry_login is of schema_registry"):
        source(registry_login={"username": "lake", "password_env": "X"})

"""Avro messages of a real broker, read by Spark's tasks that ask a registry for their schemas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from avro_producer import avro_message, registry
from streamed_utility import LAYOUT, StreamedUtility, content, readings

from energy_lib.errors import TryAgain
from energy_lib.lake import Lake
from energy_lib.simulation.live.broker import Broker

NAMES = {"meter_id": "string", "start": "string", "kwh": "double", "sent": "string"}
SCHEMA = {"type": "record", "name": "Reading", "fields": [{"name": name, "type": NAMES[name]} for name in NAMES]}


def test_avro_ends_where_json_ends_and_waits_for_a_registry_that_is_away(
    broker: Broker, lake: Lake, tmp_path: Path
) -> None:
    lakes = {}
    for payload in ("json", "avro"):
        broker.create_topic(f"{payload}-payload")
        utility = StreamedUtility(broker, f"{payload}-payload", tmp_path / payload)
        kafka = {"topic": utility.topic, "payload": payload}
        source = yaml.safe_dump({"format": "kafka", "kafka": kafka, **LAYOUT})
        (tmp_path / payload / "sources" / "live.yaml").write_text(source, encoding="utf-8")
        lakes[payload] = (utility, Lake(lake.spark, str(tmp_path / payload / "lake")))
    values = readings(2, 12)
    as_json, json_lake = lakes["json"]
    as_json.send(values)
    as_json.stream(json_lake)

    as_avro, avro_lake = lakes["avro"]
    as_avro.send([*(avro_message(json.loads(value), SCHEMA) for value in values), avro_message({}, "null", 8), b"{}"])
    with registry({7: (503, {})}) as (url, _), pytest.raises(TryAgain, match="gives no answer"):
        as_avro.stream(avro_lake, f"stream.schema_registry={url}")
    with registry({7: (200, {"schema": json.dumps(SCHEMA)})}) as (url, asked):
        outcome = as_avro.stream(avro_lake, f"stream.schema_registry={url}")
    assert outcome.lines == ["live: 26 readings, of which 2 could not be parsed."]
    assert 2 <= len(asked) <= 8, "each process asks once for each schema"
    rows = content(avro_lake.root, "bronze.readings")
    assert sorted(rows["rule_id"].drop_nulls()) == ["unknown_version", "unparseable_row"]
    whole = rows.filter(rows["rule_id"].is_null())
    assert whole.equals(content(json_lake.root, "bronze.readings"))

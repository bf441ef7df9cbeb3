"""A YAML that is wrong is told by its file and its key; each file belongs to one source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from long_csv import LONG

from energy_lib.errors import BadConfig
from energy_lib.landing.sources.loading import load_source, load_sources, source_of


def of_time(**changes: Any) -> str:
    return yaml.safe_dump(LONG | {"time": LONG["time"] | changes})


def of_weather(**changes: Any) -> str:
    given = {"kind": "weather", "format": "csv", "columns": {"location_id": "place"}}
    return yaml.safe_dump(given | {"time": {"column": "stamp"} | changes})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("format: [", "is not YAML"),
        ("- a", "holds no keys"),
        ("format: csv\ncolour: red", "there is no key 'colour': remove it"),
        ("format: xls", "key 'format'"),
        ("format: csv", "needs time, value, fuel, meter"),
        ("kind: weather\nformat: csv", "needs columns, time"),
        ("format: csv\nmeter: {}", "key 'meter': give exactly one of column, file_name, above_header, constant"),
        (yaml.safe_dump(LONG | {"value": {"unit": "m3"}}), "needs value.calorific_value_mj_per_m3"),
        (yaml.safe_dump(LONG | {"encoding": "latin-99"}), "key 'encoding': latin-99 is no encoding such as utf-8"),
        (yaml.safe_dump(LONG | {"separator": "||"}), "key 'separator': '||' is not one character such as , or ;"),
        (yaml.safe_dump(LONG | {"separator": '"'}), "key 'separator': '\"' is not one character"),
        (yaml.safe_dump(LONG | {"meter": {"file_name": "("}}), "key 'meter.file_name': ( is not a regular expression"),
        (of_time(format="%Q"), "key 'time.format': %Q is neither a strptime format nor epoch_s nor epoch_ms ('Q' is a"),
        (of_time(interval_minutes=-5), "key 'time.interval_minutes': -5 minutes are no length: give more than 0"),
        (of_time(interval_minutes="hour"), "key 'time.interval_minutes'"),
        (of_weather(offset_column="o"), "time.offset_column is for readings, and says nothing of weather: remove it"),
        (of_weather(interval_column="m"), "time.interval_column (columns.interval_minutes does it) is for readings"),
        (of_weather(interval_minutes="infer"), "time.interval_minutes infer is for readings"),
        (of_weather(doubled_hour="split"), "time.doubled_hour split is for readings"),
        (yaml.safe_dump(LONG | {"meters": {"zone": "Wien"}}), "key 'meters.zone': Wien is not an IANA time zone"),
        (
            yaml.safe_dump(LONG | {"meters": {"zone": "UTC", "country": "XX"}}),
            "key 'meters': no holidays of XX",
        ),
        (yaml.safe_dump(LONG | {"time": {"column": "t"}}), "needs time.interval_minutes"),
        (
            yaml.safe_dump(LONG | {"flow": {"mapping": {"a": "net"}}}),
            "key 'flow': give exactly one of column, constant",
        ),
        (yaml.safe_dump(LONG | {"flow": "outwards"}), "key 'flow'"),
        (yaml.safe_dump(LONG | {"nem12": {}}), "nem12 is ignored by the format csv: remove it"),
        ("format: nem12\nnem12: {utc_offset: '8'}", "8 is no offset from UTC such as"),
        ("format: nem12\ntime: {column: t, zone: Australia/Perth}", "time is ignored by the format nem12: remove it"),
        ("format: nem12\nseparator: ;", "separator is ignored by the format nem12: remove it"),
        ("format: green_button\nencoding: utf-16", "encoding is ignored by the format green_button: remove it"),
        ("format: green_button\nvalue: {unit: kWh}", "value.unit is ignored by the format green_button: remove it"),
        (
            "format: green_button\nmeters: {zone: Europe/Oslo, country: NO}",
            "country: YAML reads NO, no and off as false",
        ),
        ("format: nem12\nmeters: {zone: UTC, country: CA, subdivision: ON}", "subdivision: YAML reads ON, yes and on"),
        (yaml.safe_dump(LONG | {"format": "parquet", "separator": ";"}), "separator is ignored by the format parquet"),
        (
            yaml.safe_dump(LONG | {"meter": {"constant": False}}),
            'constant: YAML reads NO, no and off as false: write "NO"',
        ),
        (
            yaml.safe_dump(LONG | {"fuel": {"column": "f", "mapping": {True: "gas"}}}),
            "mapping: YAML reads ON, yes and on",
        ),
        (of_weather().replace("place", "{constant: NO}"), "constant: YAML reads NO, no and off as false"),
        (of_time(format="%d/%m/%Y %H", interval_minutes=30), "name it as time.period_column"),
        (of_time(period_column="p", stamp="end"), "stamp says nothing beside period_column"),
        (of_time(period_column="p", interval_minutes="infer"), "period_column needs interval_minutes as a number"),
    ],
)
def test_a_bad_yaml_is_told_by_file_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "town.yaml"
    path.write_text(text)
    with pytest.raises(BadConfig, match=r"town\.yaml") as caught:
        load_source(path)
    assert sentence in str(caught.value)


def test_a_yaml_of_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_bytes("meter: {column: Zähler}".encode("latin-1"))
    with pytest.raises(BadConfig, match=r"town\.yaml is not UTF-8 \(byte 17\): save it as UTF-8"):
        load_source(path)


def test_own_sources_win_and_each_file_has_one_source(tmp_path: Path) -> None:
    own = yaml.safe_dump({k: v for k, v in LONG.items() if k != "name"} | {"folder": "cambridge", "glob": "weather*"})
    (tmp_path / "own.yaml").write_text(own)
    (tmp_path / "nem12.yaml").write_text(own)
    sources = load_sources(str(tmp_path))
    assert sources["nem12"].glob == "weather*"
    assert source_of("cambridge/readings.csv.gz", sources.values()) == sources["cambridge"]
    assert source_of("cambridge/2024/readings.csv", sources.values()) == sources["cambridge"]
    assert source_of("elsewhere/readings.csv", sources.values()) is None
    with pytest.raises(BadConfig, match=r"both match cambridge/weather\.csv"):
        source_of("cambridge/weather.csv", sources.values())

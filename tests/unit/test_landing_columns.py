"""Meters, registers and tariffs in columns and rows: the docs' examples, their siblings, refused keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from landed_rows import read, refused

from energy_lib.errors import BadConfig
from energy_lib.landing.files.content import Content
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.loading import load_source
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 10, 1, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "sources.md"
BASE: dict[str, Any] = {
    "name": "t",
    "format": "csv",
    "meter": {"column": "meter"},
    "time": {"column": "stamp", "interval_minutes": 60},
    "value": {"column": "kwh", "unit": "kWh"},
    "fuel": "electricity",
}


def parse(text: str, name: str = "t/file.csv", **changes: Any) -> list[dict[str, Any]]:
    source = Source.model_validate({key: value for key, value in (BASE | changes).items() if value is not None})
    return [
        row for table in parse_readings(Content.of(text.encode(), name), source, LANDED) for row in table.to_pylist()
    ]


def examples() -> list[tuple[str, dict[str, Any]]]:
    section = DOCS.read_text(encoding="utf-8").split("\n## Layouts\n")[1].split("\n## ")[0]
    pairs = re.findall(r"```csv\n(.*?)```\n\n```yaml\n(.*?)```", section, re.DOTALL)
    return [(text, yaml.safe_load(keys)) for text, keys in pairs]


def test_the_examples_of_the_docs_read_as_the_docs_say() -> None:
    wide, day, registers, header, tariffs, ignored = examples()
    assert read(parse(wide[0], meter=None, value={"unit": "kWh"}, **wide[1])) == [
        ("MT_1", "2024-01-01 00:00", 60, 0.25),
        ("MT_2", "2024-01-01 00:00", 60, 0.5),
    ]
    # 01/09 is the first of September, when Rome is two hours ahead of UTC.
    assert read(parse(day[0], separator=";", **day[1])) == [
        ("IT001E00000001", "2024-08-31 22:00", 15, 0.1),
        ("IT001E00000001", "2024-08-31 22:15", 15, 0.2),
        ("IT001E00000001", "2024-08-31 22:30", 15, 0.3),
    ]
    home = parse(registers[0], "t/P1e-home.csv", time={"column": "time"}, **registers[1])
    assert [(row["meter_id"], row["flow"], row["fuel"], row["register_kwh"]) for row in home] == [
        ("home", "import", "electricity", 3000.1),
        ("home_export", "export", "electricity", 5.5),
        ("home_gas", "import", "gas", 3100.0),
    ]
    dashboard = parse(header[0], **header[1])
    assert read(dashboard) == [
        ("sensor.p1_import", "2024-05-01 10:00", 60, 0.5),
        ("sensor.p1_import", "2024-05-01 11:00", 60, 0.25),
        ("sensor.p1_export", "2024-05-01 10:00", 60, 0.0),
        ("sensor.p1_export", "2024-05-01 11:00", 60, 1.5),
    ]
    assert [row["flow"] for row in dashboard] == ["import", "import", "export", "export"]
    belgian = {"time": {"column": "Stamp", "interval_minutes": 15}, "separator": ";", **tariffs[1]}
    assert read(parse(tariffs[0], **belgian)) == [
        ("0541440012", "2024-06-02 12:00", 15, 0.375),
        ("0541440012_export", "2024-06-02 12:00", 15, 0.7),
    ]
    rows = parse(ignored[0], **ignored[1])
    assert (read(rows), refused(rows)) == ([("m1", "2024-01-01 00:00", 60, 0.25)], [("", "ignored_row")])


def test_a_row_of_a_wide_file_says_its_quality_unit_and_flow() -> None:
    text = "stamp,q,u,way,m1,m2\n2024-01-01 00:00,E,Wh,import,1500,2500\n2024-01-01 01:00,A,kWh,export,1,2\n"
    rows = parse(
        text,
        format="wide_csv",
        meter=None,
        value={"unit_column": "u"},
        flow={"column": "way"},
        quality={"column": "q", "mapping": {"E": "estimated"}},
    )
    assert [(row["meter_id"], row["energy_kwh"], row["quality"]) for row in rows] == [
        ("m1", 1.5, "estimated"),
        ("m2", 2.5, "estimated"),
        ("m1_export", 1.0, "measured"),
        ("m2_export", 2.0, "measured"),
    ]


def test_repeated_and_nameless_columns_of_a_wide_file() -> None:
    wide = {"format": "wide_csv", "meter": None, "value": {"unit": "kWh"}}
    rows = parse("stamp,m,m,m_2,\n2024-01-01 00:00,1,2,3,\n2024-01-01 01:00,4,5,6,\n", **wide)
    assert [(row["meter_id"], row["energy_kwh"]) for row in rows] == [
        *zip(["m", "m_3", "m_2"], [1, 2, 3], strict=True),
        *zip(["m", "m_3", "m_2"], [4, 5, 6], strict=True),
    ]
    told = parse("stamp,m,\n2024-01-01 00:00,1,7\n", **wide)
    assert [(row["meter_id"], row["rule_id"], row["raw_value"]) for row in told] == [
        ("m", None, "1"),
        (None, "missing_meter", "7"),
    ]


def test_times_of_the_day_are_no_meters() -> None:
    header = ",".join(f"{hour:02d}:00" for hour in range(24))
    with pytest.raises(FileFault, match=r"file_layout: the columns 00:00 … 23:00 are times of the day.*day_columns"):
        parse(f"stamp,{header}\n2024-01-01{',1' * 24}\n", format="wide_csv", meter=None, value={"unit": "kWh"})


def registers(text: str, *, reads: bool, **first: Any) -> list[dict[str, Any]]:
    value = {"unit": "kWh", "register_reads": reads}
    return parse(
        text, value=value, registers=[{"columns": ["t1", "t2"], **first}, {"columns": "out", "flow": "export"}]
    )


def test_a_sum_of_registers_needs_all_of_them_and_a_sum_of_energies_one() -> None:
    text = "meter,stamp,t1,t2,out\nm,2024-01-01 00:00,1,,0\nm,2024-01-01 01:00,,,0\nm,2024-01-01 02:00,1,x,2\n"
    energies = [row for row in registers(text, reads=False) if row["flow"] == "import"]
    assert [(row["energy_kwh"], row["rule_id"]) for row in energies] == [
        (1.0, None),
        (None, "missing_value"),
        (None, "unparseable_value"),
    ]
    assert energies[2]["reason"] == "'x' in t2 is not a number"
    reads = [row for row in registers(text, reads=True) if row["flow"] == "import"]
    assert [row["rule_id"] for row in reads] == ["missing_value", "missing_value", "unparseable_value"]
    assert reads[0]["reason"] == "there is no value in t2, and a register's sum needs all its parts"
    exported = [row["energy_kwh"] for row in registers(text, reads=False) if row["flow"] == "export"]
    assert exported == [0.0, 0.0, 2.0]


def test_registers_of_one_flow_have_names_and_units_of_their_own() -> None:
    text = "meter,stamp,t1,t2,out\nm,2024-01-01 00:00,1000,500,2\n"
    rows = registers(text, reads=False, unit="Wh", name="heat_pump")
    assert read(rows) == [("m_heat_pump", "2024-01-01 00:00", 60, 1.5), ("m_export", "2024-01-01 00:00", 60, 2.0)]


def test_registers_in_fields_of_json_lines() -> None:
    rows = parse(
        '{"meter": "m", "stamp": "2024-01-01T00:00Z", "in": {"t1": 1.5, "t2": 2}, "out": 0.25}\n',
        format="json_lines",
        value={"unit": "kWh"},
        registers=[{"columns": ["in.t1", "in.t2"]}, {"columns": "out", "flow": "export"}],
    )
    assert [(row["meter_id"], row["energy_kwh"]) for row in rows] == [("m", 3.5), ("m_export", 0.25)]


TARIFFS = """meter,stamp,tariff,q,kwh
m,2024-10-27 01:00,day,A,1
m,2024-10-27 02:00,day,A,2
m,2024-10-27 02:00,night,E,4
m,2024-10-27 02:00,day,A,8
m,2024-10-27 02:00,night,A,16
m,2024-10-27 03:00,night,A,32
n,2024-10-27 03:00,night,A,x
n,2024-10-27 03:00,day,A,64
total,2024-10-27 03:00,day,A,128
"""


def tariffs(**changes: Any) -> list[dict[str, Any]]:
    value = {"column": "kwh", "unit": "kWh", "sum_over": "tariff", **changes.pop("value", {})}
    time = {"column": "stamp", "zone": "Europe/Rome", "interval_minutes": 60, "doubled_hour": "order"}
    quality = {"column": "q", "mapping": {"E": "estimated"}}
    given = {"value": value, "time": time, "quality": quality, "ignore": {"rows": {"meter": "total"}}}
    return parse(TARIFFS, **given | changes)


def test_tariffs_are_summed_by_meter_stamp_and_passage_of_the_doubled_hour() -> None:
    rows = tariffs()
    assert [(f"{row['interval_start_utc']:%H:%M}", row["energy_kwh"], row["quality"]) for row in rows[:4]] == [
        ("23:00", 1.0, "measured"),
        ("00:00", 6.0, "estimated"),
        ("01:00", 24.0, "measured"),
        ("02:00", 32.0, "measured"),
    ]
    assert [row["raw_value"] for row in rows[:4]] == ["1", "2 + 4", "8 + 16", "32"]
    assert [(row["meter_id"], row["rule_id"], row["reason"]) for row in rows[4:]] == [
        ("n", "unparseable_value", "'x' in night is not a number"),
        ("total", "ignored_row", "ignore.rows says that a row with 'total' in meter is no reading"),
    ]
    assert [row["row_number"] for row in rows] == [1, 2, 3, 4, 5, 6]


def test_a_sum_of_register_reads_in_rows_needs_every_tariff() -> None:
    rows = [row for row in tariffs(value={"register_reads": True}) if row["meter_id"] == "m"]
    assert [(row["register_kwh"], row["rule_id"]) for row in rows] == [
        (None, "missing_value"),
        (6.0, None),
        (24.0, None),
        (None, "missing_value"),
    ]
    assert rows[0]["reason"] == "there is no value in night, and a register's sum needs all its parts"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": "wide_csv"}, "meter is ignored in wide_csv, where the header names the meters: remove it"),
        ({"format": "wide_csv", "meter": None, "registers": [{"columns": "a"}]}, "registers needs format csv"),
        ({"registers": [{"columns": "a"}]}, "value.column and registers both name the columns of values"),
        ({"value": {"column": "a", "day_columns": "*", "unit": "kWh"}}, "value.column and value.day_columns both"),
        ({"value": {"day_columns": "*", "unit": "kWh"}, "registers": [{"columns": "a"}]}, "exclude each other"),
        (
            {"value": {"unit": "kWh"}, "registers": [{"columns": "a"}], "flow": "net"},
            "flow is said in each of registers",
        ),
        ({"value": {"unit": "kWh"}, "registers": [{"columns": []}]}, "name one column at least"),
        (
            {"value": {"unit": "kWh"}, "registers": [{"columns": "a"}, {"columns": "b"}]},
            "two registers have one flow and one fuel: list the columns of one register together, or give each a name",
        ),
        ({"value": {"unit": "kWh"}, "registers": [{"columns": "a", "unit": "m3"}]}, "unit m3 of a register needs"),
        ({"ignore": {"columns": "a"}}, "ignore.columns is for files with several columns of values"),
        (
            {"value": {"unit": "kWh", "units": {"k": "kWh"}}},
            "value.units says what the texts of value.unit_column mean",
        ),
        (
            {"kind": "weather", "columns": {"a": "b"}, "ignore": {"rows": {"a": "b"}}},
            "ignore is for tables of readings",
        ),
    ],
)
def test_keys_that_a_layout_would_not_heed_are_refused(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    path = tmp_path / "town.yaml"
    given = {key: value for key, value in (BASE | changes).items() if value is not None and key != "name"}
    path.write_text(yaml.safe_dump(given))
    with pytest.raises(BadConfig, match=r"town\.yaml") as caught:
        load_source(path)
    assert sentence in str(caught.value)

"""What a YAML may say, one option at a time, with expectations worked out by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from long_csv import parse, starts

from energy_lib.errors import BadConfig, InputMissing
from energy_lib.landing.files.content import Content
from energy_lib.landing.formats import READINGS_READERS, RawReadings
from energy_lib.landing.pipeline.dry_run import preview
from energy_lib.landing.sources.allowed_values import Format
from energy_lib.landing.sources.source import Source

DOCS = Path(__file__).parents[2] / "docs" / "sources.md"


@pytest.mark.parametrize(
    ("value", "text", "kwh"),
    [
        ({"unit": "therm"}, "2", 58.614214),
        ({"unit": "MMBtu"}, "1", 293.07107),
        ({"unit": "GJ"}, "3.6", 1000.0),
        ({"unit": "Gcal"}, "1", 1163.0),
        ({"unit": "ton_h"}, "1", 3.5168528),
        ({"unit": "ccf", "calorific_value_mj_per_m3": 38.3}, "1", 30.12598),
        ({"unit": "gal", "calorific_value_mj_per_m3": 38_000}, "1", 39.957124),
        ({"unit": "Wh"}, "1500", 1.5),
        ({"unit": "MWh"}, "0.25", 250.0),
        ({"unit": "kW"}, "3", 1.5),
        ({"unit": "W"}, "500", 0.25),
        ({"unit": "MW"}, "0.002", 1.0),
        ({"unit": "m3", "calorific_value_mj_per_m3": 39.5, "correction_factor": 1.02264}, "2", 22.441266667),
        ({"use_is": "negative"}, "-1.5", 1.5),
        ({"decimal": ",", "thousands": "."}, '"1.234,5"', 1234.5),
        ({"missing": ["n/a"]}, " 7 ", 7.0),
    ],
)
def test_units_and_ways_of_writing_numbers(value: dict[str, Any], text: str, kwh: float) -> None:
    [row] = parse(f"meter,stamp,v\nm,2024-01-01,{text}\n", time={"interval_minutes": 30}, value=value)
    assert row["energy_kwh"] == pytest.approx(kwh, abs=1e-5)
    assert row["raw_value"] == text.strip('"')


def test_a_register_keeps_its_reads_and_has_no_interval() -> None:
    time = {"column": "stamp", "interval_minutes": None}
    [row] = parse("meter,stamp,v\nm,2024-01-01 06:00,99998\n", time=time, value={"register_reads": True, "unit": "Wh"})
    assert row["register_kwh"] == pytest.approx(99.998)
    assert row["energy_kwh"] is None
    assert row["interval_minutes"] is None


def test_a_unit_column_and_what_its_texts_mean() -> None:
    value = {"unit": None, "unit_column": "u", "units": {"kilo": "kWh"}}
    rows = parse("meter,stamp,v,u\nm,2024-01-01,1,kilo\nm,2024-01-02,1,wh\nm,2024-01-03,1,smidgen\n", value=value)
    assert [row["energy_kwh"] for row in rows] == [1.0, 0.001, None]
    assert [row["rule_id"] for row in rows] == [None, None, "unknown_unit"]


def test_an_offset_column_tells_the_doubled_hour_apart() -> None:
    time = {"zone": "Europe/London", "offset_column": "o", "offsets": {"BST": "+01:00", "GMT": "0"}}
    rows = parse(
        "meter,stamp,v,o\nm,2024-10-27 01:30,1,GMT\nm,2024-10-27 01:30,2,BST\nm,2024-10-27 01:30,3,\n", time=time
    )
    assert starts(rows[:2]) == ["10-27 01:30", "10-27 00:30"]
    assert rows[2]["rule_id"] == "ambiguous_local_time"
    assert rows[2]["interval_start_utc"] is None


def test_order_is_kept_for_each_meter_apart_and_across_chunks() -> None:
    stamps = ["2024-10-27 01:00", "2024-10-27 01:30", "2024-10-27 01:00", "2024-10-27 01:30"]
    text = "meter,stamp,v\n" + "".join(f"{m},{s},1\n" for s in stamps for m in ("a", "b"))
    rows = parse(text, time={"zone": "Europe/London", "interval_minutes": 30, "doubled_hour": "order"})
    of_b = starts([row for row in rows if row["meter_id"] == "b"])
    assert of_b == ["10-27 00:00", "10-27 00:30", "10-27 01:00", "10-27 01:30"]


def test_end_stamps_are_instants_and_hour_ending_stamps_are_labels() -> None:
    # London's clock goes from 01:00 to 02:00 on 2024-03-31: the hour that starts at 00:00 UTC ends at 02:00 BST.
    text = "meter,stamp,v\nm,2024-03-31 02:00,1\n"
    [end] = parse(text, time={"zone": "Europe/London", "stamp": "end"})
    [label] = parse(text, time={"zone": "Europe/London", "stamp": "hour_ending"})
    assert starts([end]) == ["03-31 00:00"]
    assert label["rule_id"] == "nonexistent_local_time"


def test_the_length_is_the_commonest_step_of_each_meter() -> None:
    text = "meter,stamp,v\n" + "".join(
        f"{m},2024-01-01 {h:02d}:{minute:02d},1\n"
        for m, step in (("a", 15), ("b", 30))
        for h in (3, 1, 2)
        for minute in range(0, 60, step)
    )
    rows = parse(text + "c,2024-01-01 00:00,1\n", time={"interval_minutes": "infer"})
    assert {(row["meter_id"], row["interval_minutes"]) for row in rows} == {("a", 15), ("b", 30), ("c", None)}
    assert [row["rule_id"] for row in rows if row["meter_id"] == "c"] == ["unknown_interval"]


def test_epochs_offsets_in_the_stamp_and_labels_of_fuel_and_quality() -> None:
    [row] = parse("meter,stamp,v\nm,1704067200,1\n", time={"format": "epoch_s"})
    assert starts([row]) == ["01-01 00:00"]
    rows = parse(
        "meter,stamp,v,f,q\nm,2024-07-01T00:00:00+02:00,1,Strom,E\nm,2024-07-01 00:00,1,Gas,?\nm,2024-07-02,1,Wind,A\n",
        time={"zone": "Europe/London"},
        fuel={"column": "f", "mapping": {"Strom": "electricity"}},
        quality={"column": "q", "mapping": {"E": "estimated"}},
    )
    assert starts(rows[:2]) == ["06-30 22:00", "06-30 23:00"]
    assert [row["fuel"] for row in rows] == ["electricity", "gas", None]
    assert [row["quality"] for row in rows] == ["estimated", "measured", "measured"]
    assert rows[2]["rule_id"] == "unknown_fuel"


def test_comments_skipped_lines_and_files_without_header() -> None:
    text = "report of today\n# a comment\nm,2024-01-01,1\n# another\nm,2024-01-02,2\n"
    rows = parse(text, skip_rows=1, comment="#", column_names=["meter", "stamp", "v"])
    assert [row["energy_kwh"] for row in rows] == [1.0, 2.0]


def test_the_example_of_the_docs_reads_as_the_docs_say(tmp_path: Path) -> None:
    blocks = re.findall(r"```(csv|yaml)\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    texts = dict(blocks[:2])
    assert len(texts["yaml"].splitlines()) <= 10
    (tmp_path / "vienna.yaml").write_text(texts["yaml"], encoding="utf-8")
    file = tmp_path / "2024-03.csv"
    file.write_text(texts["csv"], encoding="utf-8")
    said = "\n".join(preview(str(file), "vienna", str(tmp_path)))
    # 00:15 Vienna time, an hour ahead of UTC, ends the quarter that starts at 23:00 UTC.
    assert re.search(r"AT-001 electricity import 2024-03-30 23:00:00\+00:00\s+15\s+0\.25", said), said
    assert "2 of 3 rows parse; 1 would be quarantined" in said
    assert "missing_value: 1 rows" in said
    assert "Nothing was written" in said


def test_the_docs_name_every_key() -> None:
    from energy_lib.landing.sources import layout_sections, source, yaml_sections

    text = DOCS.read_text(encoding="utf-8")
    keys = set(source.Source.model_fields) - {"name", "description"}
    keys |= set(yaml_sections.Time.model_fields) | set(yaml_sections.Value.model_fields)
    keys |= set(layout_sections.Register.model_fields) | set(layout_sections.Ignore.model_fields)
    assert {word for word in keys if not re.search(rf"[`.{{ ]{word}[`.:,}} ]", text)} == set()


def test_a_dry_run_of_a_whole_file_fault_and_of_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"")
    assert "file_empty" in "\n".join(preview(str(file), "cambridge", None))

    def fails(content: Content, source: Source) -> Iterator[RawReadings]:
        raise OverflowError("nothing that a reader foresees")

    file.write_text("<feed/>")
    monkeypatch.setitem(READINGS_READERS, Format.GREEN_BUTTON, fails)
    said = "\n".join(preview(str(file), "green_button", None))
    assert "by rule file_unreadable: its reader failed (OverflowError" in said
    with pytest.raises(InputMissing, match="There is no file"):
        list(preview(str(tmp_path / "none.csv"), "cambridge", None))
    with pytest.raises(BadConfig, match=r"--source nowhere is none of .*cambridge"):
        list(preview(str(file), "nowhere", None))

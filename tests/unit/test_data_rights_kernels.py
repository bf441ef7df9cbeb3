"""Whose a row, a text, a file is: kernels of erasure and export, with cases by hand."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from energy_lib.catalog import tables_by_name
from energy_lib.data_rights.landing_files import without_rows
from energy_lib.data_rights.mentions import mentions
from energy_lib.data_rights.row_conditions import DELTA_RS, rows_sql
from energy_lib.data_rights.subject import Subject, bytes_pattern, is_distinctive, without_flow
from energy_lib.landing.sources.source import Source
from energy_lib.tables import Table, bronze, silver
from energy_lib.tables.answers.access import AREA_SUMMARIES
from energy_lib.tables.answers.recommendations import RECOMMENDATION_STATES
from energy_lib.tables.sensitivity import Sensitivity

LONG = {
    "meter": {"column": "meter"},
    "time": {"column": "start", "interval_minutes": 60},
    "value": {"column": "kwh", "unit": "kWh"},
    "fuel": "electricity",
}
IDS = frozenset({"M-77"})
SUBJECT = Subject(IDS)
PATTERN = bytes_pattern(IDS)


def source(format_: str = "csv", **keys: object) -> Source:
    return Source.model_validate({"name": "homes", "format": format_, **LONG, **keys})


def put(folder: Path, content: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("M-77", True),
        ("meter=M-77.", True),
        ("path/M-77.csv", True),
        ("M-777", False),
        ("XM-77", False),
        ("M-77_export", False),
        ("m-77", False),
    ],
)
def test_an_id_is_found_as_a_word(text: str, found: bool) -> None:
    assert (PATTERN.search(text.encode()) is not None) is found
    words = Subject(IDS).pattern
    assert words is not None
    assert (re.search(words, text) is not None) is found


def test_an_id_is_found_in_other_writings() -> None:
    pattern = bytes_pattern(["Zähler 7"])
    assert pattern.search(b'{"id": "Z\\u00e4hler 7"}')
    assert pattern.search(b"Z%C3%A4hler%207")
    assert pattern.search("Zähler 7".encode("utf-16-le"))


def test_short_ids_are_not_looked_for_in_texts() -> None:
    assert [is_distinctive(id_) for id_ in ("m1", "12345", "123456", "ab12")] == [False, False, True, True]
    assert Subject(frozenset({"m1"})).pattern is None


def test_files_are_unpacked(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("inner", "meter M-77 " * 50)
    parquet = io.BytesIO()
    rows = pa.table({"list": [["a"], ["b", "M-77"]], "nested": [{"id": None}, {"id": "c"}]})
    pq.write_table(rows, parquet, compression="zstd")
    nested = io.BytesIO()
    pq.write_table(pa.table({"nested": [{"id": "M-77"}]}), nested, compression="zstd")
    packed = {
        "gzip": gzip.compress(b"meter M-77 " * 50),
        "zip": archive.getvalue(),
        "list": parquet.getvalue(),
        "struct": nested.getvalue(),
        "cut off": gzip.compress(b"meter M-77 " * 50)[:-9],
        "two members": gzip.compress(b"nobody") + gzip.compress(b"meter M-77 " * 50),
    }
    assert [name for name, content in packed.items() if mentions(put(tmp_path, content), PATTERN)] == list(packed)
    assert not mentions(put(tmp_path, gzip.compress(b"M-78")), PATTERN)
    assert mentions(put(tmp_path, b"", "M-77.csv"), PATTERN)


def test_rows_leave_a_csv_and_the_others_keep_their_bytes(tmp_path: Path) -> None:
    content = 'meter,start,kwh,note\r\nM-77,1,2,\r\nM-777,1,2,"a, b"\r\n M-77 ,1,2,\r\n="M-77",1,2,\nM-78,M-77x,3,ü\n'
    kept = without_rows(put(tmp_path, content.encode()), source(), SUBJECT)
    assert kept is not None
    assert kept.decode() == 'meter,start,kwh,note\r\nM-777,1,2,"a, b"\r\nM-78,M-77x,3,ü\n'
    packed = without_rows(put(tmp_path, gzip.compress(content.encode())), source(), SUBJECT)
    assert packed is not None
    assert gzip.decompress(packed) == kept


def test_a_short_id_is_looked_for_in_its_own_column_alone(tmp_path: Path) -> None:
    content = b"# of 7\nmeter,start,kwh,building\n7,1,2,8\n8,1,7,7\n9,1,7,6\n"
    read, subject = source(comment="#", building="building"), Subject(frozenset({"7"}), buildings=frozenset({"6"}))
    kept = without_rows(put(tmp_path, content), read, subject)
    assert kept == b"# of 7\nmeter,start,kwh,building\n8,1,7,7\n"
    lines = b'{"meter": 7, "kwh": 1}\n{"meter": "8", "kwh": 7}\n'
    assert without_rows(put(tmp_path, lines), source("json_lines"), subject) == lines.splitlines(True)[1]
    columns = {name: {"column": name} for name in ("building_id", "floors", "site_id")}
    register = Source.model_validate({"name": "b", "format": "csv", "kind": "buildings", "columns": columns})
    table = b"building_id,floors,site_id\n6,1,north\n7,6,north\n"
    assert without_rows(put(tmp_path, table), register, subject) == b"building_id,floors,site_id\n7,6,north\n"


def test_rows_leave_json_lines_and_parquet(tmp_path: Path) -> None:
    lines = b'{"meter": "M-77", "kwh": 1}\n{"meter": "M-78", "kwh": 2}\n\n{"deep": {"list": ["M-77"]}}\n'
    assert without_rows(put(tmp_path, lines), source("json_lines"), SUBJECT) == lines.splitlines(True)[1] + b"\n"
    rows = pl.DataFrame({"meter": ["M-77", "M-78", None, " M-77 "], "kwh": [1.0, 2.0, 3.0, 4.0]})
    written = io.BytesIO()
    rows.write_parquet(written)
    kept = without_rows(put(tmp_path, written.getvalue()), source("parquet"), SUBJECT)
    assert kept is not None
    assert pl.read_parquet(io.BytesIO(kept)).equals(rows[1:3], null_equal=True)


@pytest.mark.parametrize(
    ("content", "keys", "name"),
    [
        (b"stamp,M-77,M-78\n1,2,3\n", {"format_": "wide_csv", "meter": None}, "file"),
        (b"start,kwh\n1,2\n", {"meter": {"file_name": "(.*)"}}, "M-77"),
        (b'meter,start,kwh\nM-77,1,"2\n3"\n', {}, "file"),
        (b"meter,start,kwh\nM-78,see M-77,3\n", {}, "file"),
        (b"meter,start,kwh\n\xff\xfe,1,2\n", {}, "file"),
        (b"meter,start,kwh\nM-77,1,2\n", {}, "homes of M-77.csv"),
        (b'{"meter": \n', {"format_": "json_lines"}, "file"),
    ],
)
def test_a_file_that_cannot_be_parted_is_to_go_whole(
    tmp_path: Path, content: bytes, keys: dict[str, object], name: str
) -> None:
    assert without_rows(put(tmp_path, content, name), source(**keys), SUBJECT) is None  # type: ignore[arg-type]


def test_rows_are_named_by_every_column_that_names_somebody() -> None:
    subject = Subject(frozenset({"m", "it's"}), buildings=frozenset({"b"}), references=frozenset({"r"}))

    def where(table: Table) -> str | None:
        return rows_sql(table, subject, DELTA_RS, table.column_names)

    assert where(silver.HOURLY) == "COALESCE(meter_id IN ('it''s', 'm'), FALSE)"
    assert where(RECOMMENDATION_STATES) == "COALESCE(recommendation_id IN ('r'), FALSE)"
    assert where(AREA_SUMMARIES) is None
    of_raw = where(bronze.READINGS)
    assert of_raw is not None
    assert "raw_meter_id IN" in of_raw
    assert "building_id IN ('b')" in of_raw
    assert rows_sql(bronze.READINGS, subject, DELTA_RS, ["path"]) is None, "a table that is older than its columns"


def test_registers_are_told_from_their_points() -> None:
    assert [without_flow(id_) for id_ in ("m_export", "m_generation", "m_1", "_export")] == ["m", "m", "m_1", "_export"]


def test_every_table_of_a_meter_is_personal_and_area_numbers_are_not() -> None:
    tables = tables_by_name()
    with_meter = [table for table in tables.values() if "meter_id" in table.column_names]
    assert len(with_meter) > 15
    assert all(table.is_personal for table in with_meter)
    assert AREA_SUMMARIES.sensitivity("energy_kwh") is Sensitivity.NONE
    assert AREA_SUMMARIES.sensitivity("meters") is Sensitivity.NONE
    energies = [
        (table.full_name, column.name)
        for table in with_meter
        for column in table.columns
        if column.name.endswith("_kwh") and not column.name.endswith("_per_kwh")
        if table.sensitivity(column.name) is not Sensitivity.CONSUMPTION
    ]
    assert energies == []

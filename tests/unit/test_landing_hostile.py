"""Files that would cost a night: bombs, endless lines, texts that are no text. Each costs its row, or its file."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from energy_lib.landing.files import content
from energy_lib.landing.files.content import Content, text_blocks
from energy_lib.landing.files.file_faults import FileFault
from energy_lib.landing.formats.record_counts import delimited_records, filled_lines
from energy_lib.landing.parsing.readings import parse_readings
from energy_lib.landing.sources.source import Source

LANDED = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
HEADER = b"m,t,v\n"
ROW = b"x,2024-01-01 00:00,1.5\n"


def parse(data: bytes, format_: str = "csv", **changes: Any) -> list[dict[str, Any]]:
    given = {
        "name": "town",
        "format": format_,
        "meter": {"column": "m"},
        "time": {"column": "t", "interval_minutes": 60},
        "value": {"column": "v", "unit": "kWh"},
        "fuel": "electricity",
    }
    source = Source.model_validate(given | changes)
    return [row for table in parse_readings(Content.of(data), source, LANDED) for row in table.to_pylist()]


def rules(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["rule_id"] for row in rows]


def parquet(**columns: pa.Array) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("format_", ["csv", "json_lines"])
def test_an_endless_line_costs_itself_in_little_memory(format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "LONGEST_LINE_BYTES", 1 << 20)
    monkeypatch.setattr("energy_lib.landing.formats.delimited.BLOCK_BYTES", 1 << 18)
    row = ROW if format_ == "csv" else b'{"m": "x", "t": "2024-01-01", "v": 1.5}\n'
    data = (HEADER if format_ == "csv" else b"") + row + b"y" * (30 << 20) + b"\n" + row * 2
    tracemalloc.start()
    rows = parse(data, format_)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sorted(map(str, rules(rows))) == ["None", "None", "None", "line_too_long"]
    [long] = [row for row in rows if row["rule_id"]]
    assert long["reason"].startswith(f"line {3 if format_ == 'csv' else 2} has {30 << 20:,} bytes")
    assert long["raw_row"] == "y" * 1000
    if format_ == "csv":
        assert peak < 10 << 20


def test_a_file_that_is_one_endless_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "LONGEST_LINE_BYTES", 1000)
    monkeypatch.setattr("energy_lib.landing.formats.delimited.BLOCK_BYTES", 300)
    assert rules(parse(HEADER + b"y" * 5000)) == ["line_too_long"]


def bomb() -> bytes:
    """300 MiB of lines as 300 kB of gzip, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = ROW * ((1 << 20) // len(ROW))
    return packer.compress(HEADER) + b"".join(packer.compress(block) for _ in range(300)) + packer.flush()


def test_a_gzip_bomb_is_refused_and_plain_zeros_are_not() -> None:
    with pytest.raises(FileFault) as caught, Content.of(bomb()).open() as stream:
        sum(len(data) for data in iter(lambda: stream.read(1 << 20), b""))
    assert caught.value.rule_id == "file_too_large"
    assert "land it unpacked" in caught.value.reason
    assert len(parse(gzip.compress(HEADER + ROW * 20_000))) == 20_000


@pytest.mark.parametrize(
    ("magic", "what"),
    [
        (b"PK\x03\x04", "ZIP archive"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x28\xb5\x2f\xfd", "Zstandard"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel workbook"),
    ],
)
def test_other_archives_are_told_by_name(magic: bytes, what: str) -> None:
    for format_ in ("csv", "parquet"):
        with pytest.raises(FileFault, match=what):
            parse(magic + b"\x00" * 40, format_)


def test_a_tar_archive_and_text_in_utf_16_are_told_by_name() -> None:
    tar = b"a.csv" + b"\0" * 252 + b"ustar" + b"\0" * 250
    with pytest.raises(FileFault, match="a tar archive: unpack it"):
        parse(gzip.compress(tar))
    with pytest.raises(FileFault, match="write encoding: utf-16"):
        parse((HEADER + ROW).decode().encode("utf-16"))
    assert len(parse(gzip.compress((HEADER + ROW).decode().encode("utf-16")), encoding="utf-16")) == 1


@pytest.mark.parametrize(
    ("data", "kwh"),
    [
        (HEADER.replace(b"\n", b"\r") + ROW.replace(b"\n", b"\r") * 2, [1.5, 1.5]),
        (HEADER + ROW[:-1] + b"\r" + ROW + ROW[:-1] + b"\r\n" + ROW, [1.5] * 4),
    ],
)
def test_a_carriage_return_alone_ends_a_line(data: bytes, kwh: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (5, 7, 1000):
        monkeypatch.setattr("energy_lib.landing.formats.delimited.BLOCK_BYTES", size)
        assert [row["energy_kwh"] for row in parse(data)] == kwh


def test_a_quote_within_a_field_and_one_never_closed_in_one_line() -> None:
    """Two quotes, so that the line looks whole, but the reader takes the second for the start of a long field."""
    rows = parse(HEADER + ROW + b'x,5" pipe,"4\n' + ROW * 2 + b'"x","2024-01-01 05:00","7"\n')
    assert [row["energy_kwh"] for row in rows if row["rule_id"] is None] == [1.5, 1.5, 1.5, 7.0]
    assert [row["raw_row"] for row in rows if row["rule_id"]] == ['x,5" pipe,"4']


def test_bytes_that_vanish_between_file_and_reader_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = content._Lines.whole
    monkeypatch.setattr(content._Lines, "whole", lambda self, data: whole(self, data.replace(b"lost\n", b"")))
    with pytest.raises(FileFault) as caught:
        list(text_blocks(io.BytesIO(b"a\nlost\nb\n"), "utf-8"))
    assert caught.value.rule_id == "file_miscounted"


def test_lines_that_a_reader_of_json_passes_over_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_second(stream: Any, encoding: str, **_: Any) -> Iterator[bytes]:
        yield b'{"m": "x", "t": "2024-01-01", "v": 1}\n{"m": "y", "t": "2024-01-01", "v": 1}\n'

    from energy_lib.landing.formats import json_lines

    parse_lines = json_lines._parse
    monkeypatch.setattr(json_lines, "text_blocks", without_second)
    monkeypatch.setattr(json_lines, "_parse", lambda lines, fields, first: parse_lines(lines[:1], fields, first))
    with pytest.raises(FileFault, match="1 of 2 lines were read"):
        parse(b"-", "json_lines")


@pytest.mark.parametrize(
    ("block", "records", "lines"),
    [
        (b"", 0, 0),
        (b"\n\r\n \n", 1, 0),
        (b"a\nb\r\n\nc\n", 3, 3),
        (b'a,"x\n\ny"\nb\n', 2, 3),
        (b'a,"x""\n"\n', 1, 2),
    ],
)
def test_records_are_counted_from_bytes(block: bytes, records: int, lines: int) -> None:
    assert (delimited_records(block), filled_lines(block)) == (records, lines)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "unparseable_row"),
        (b'{"m": ' * 50_000 + b"1" + b"}" * 50_000, "unparseable_row"),
        (b'{"m": "x\\ud800", "t": "2024-01-01", "v": 1}', "unparseable_row"),
        (b'{"m": "x", "t": "2024-01-01", "v": ' + b"9" * 10_000 + b"}", "unparseable_row"),
        (b'{"m": "x", "t": "2024-01-01", "v": true}', "unparseable_value"),
        (b'{"m": "x", "t": "2024-01-01", "v": [1]}', "unparseable_value"),
        (b'{"m": "x", "t": "2024-01-01", "v": NaN}', "missing_value"),
    ],
)
def test_a_hostile_line_of_json_costs_itself(line: bytes, rule: str) -> None:
    good = b'{"m": "x", "t": "2024-01-01", "v": 1.5}\n'
    rows = parse(good + line + b"\n" + good, "json_lines")
    assert sorted(map(str, rules(rows))) == sorted(["None", "None", rule])


@pytest.mark.parametrize("kind", ["binary", "string", "dictionary"])
def test_one_text_of_parquet_that_is_no_utf_8_costs_its_row(kind: str) -> None:
    raw = pa.array([b"m1", b"m\xff", b"m3"])
    texts = pa.StringArray.from_buffers(3, raw.buffers()[1], raw.buffers()[2])
    meters = {"binary": raw, "string": texts, "dictionary": texts.dictionary_encode()}[kind]
    rows = parse(parquet(m=meters, t=pa.array(["2024-01-01"] * 3), v=pa.array([1.0, 2.0, 3.0])), "parquet")
    assert [row["energy_kwh"] for row in rows if row["rule_id"] is None] == [1.0, 3.0]
    [broken] = [row for row in rows if row["rule_id"]]
    assert (broken["rule_id"], broken["reason"]) == ("unparseable_row", "row 2: the text in m is not UTF-8")
    assert "m\\xff" in broken["raw_row"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([True, False]), ["unparseable_value"] * 2),
        (pa.array([LANDED, None], pa.timestamp("us", "UTC")), ["unparseable_value", "missing_value"]),
        (pa.array([[1.0], None]), ["unparseable_value", "missing_value"]),
        (pa.array([2**60, 1]), [None, None]),
        (pa.array([None, None], pa.null()), ["missing_value"] * 2),
    ],
)
def test_typed_values_that_are_no_energy(values: pa.Array, expected: list[str | None]) -> None:
    meters, stamps = pa.array(["x", "x"]), pa.array(["2024-01-01 00:00", "2024-01-01 01:00"])
    assert rules(parse(parquet(m=meters, t=stamps, v=values), "parquet")) == expected


@pytest.mark.parametrize("word", ["MISSING", "Missing", "EMPTY", "Null", "NULL", "none", "NaN", ""])
def test_words_for_no_value_in_any_case(word: str) -> None:
    assert rules(parse(HEADER + f"x,2024-01-01,{word}\n".encode())) == ["missing_value"]

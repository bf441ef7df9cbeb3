"""How a file holds its texts: blocks of lines, encodings, a byte order mark, Parquet's types."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from long_csv import parse

from energy_lib.landing.files.content import text_blocks


def test_a_quoted_line_break_never_splits_a_block() -> None:
    data = b'a,b\n1,"x\ny"\n2,z\n'
    for size in range(1, len(data) + 1):
        blocks = list(text_blocks(io.BytesIO(data), "utf-8", size))
        assert b"".join(blocks) == data
        assert not any(block.endswith(b'"x\n') for block in blocks)


def test_another_encoding_is_read_when_the_yaml_says_so() -> None:
    for encoding in ("latin-1", "utf-16", "cp1252"):
        data = "meter,stamp,v\nmé,2024-01-01 00:00,1.5\n".encode(encoding)
        [row] = parse(data, encoding=encoding)
        assert row["meter_id"] == "mé"


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    [row] = parse(b"\xef\xbb\xbfmeter,stamp,v\nm1,2024-01-01 00:00,1.5\n")
    assert row["energy_kwh"] == 1.5


@pytest.mark.parametrize("type_", [pa.large_string(), pa.dictionary(pa.int8(), pa.string()), pa.binary()])
def test_parquet_texts_are_read_however_they_were_written(type_: pa.DataType) -> None:
    texts = {"meter": ["m1", "m1"], "stamp": ["2024-01-01 00:00", "2024-01-01 01:00"], "v": ["1.5", "n/a"]}
    table = pa.table({name: pa.array(values, type_) for name, values in texts.items()})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    rows = parse(buffer.getvalue(), format="parquet")
    assert [(row["meter_id"], row["energy_kwh"], row["rule_id"]) for row in rows] == [
        ("m1", 1.5, None),
        ("m1", None, "unparseable_value"),
    ]

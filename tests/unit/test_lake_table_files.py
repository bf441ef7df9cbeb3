"""Files that workers write for a table: what Delta's log says of them."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from energy_lib.lake.table_files import FileSink, add_actions
from energy_lib.tables import Table
from energy_lib.tables.table import optional, required

HOURS = Table(
    layer="silver",
    name="toy_hours",
    comment="A partitioned table",
    columns=(
        required("meter_id", "string", "Meter"),
        required("at_utc", "timestamp", "Instant"),
        optional("kwh", "double", "kWh"),
        optional("flags", "array<string>", "Flags"),
        optional("closed", "boolean", "Closed"),
        required("month", "date", "Partition"),
    ),
    key=("meter_id", "at_utc"),
    partition_by=("month",),
    time="at_utc",
)
MAY = (("month", date(2024, 5, 1)),)


def written(folder: Path, rows: list[dict[str, object]]) -> dict[str, object]:
    """The `add` action of one file with these rows."""
    names = {name for row in rows for name in row}
    table = pa.table({name: pa.array([row.get(name) for row in rows]) for name in sorted(names)})
    file = FileSink(HOURS, str(folder)).write(table, MAY)
    (action,) = add_actions(folder, [file], HOURS)
    return {"file": file, **action["add"]}


def test_an_action_names_partition_rows_nulls_and_the_ends_of_each_column(tmp_path: Path) -> None:
    rows = [
        {"meter_id": "b", "at_utc": datetime(2024, 5, 2, 1, 0, 0, 123_456, tzinfo=UTC), "kwh": 2.5, "flags": ["spike"]},
        {"meter_id": "a", "at_utc": datetime(2024, 5, 3, 1, 0, 0, 123_001, tzinfo=UTC), "kwh": None, "closed": True},
        {"meter_id": "c", "at_utc": datetime(2024, 5, 1, tzinfo=UTC), "kwh": -1.0},
    ]
    add = written(tmp_path, [{**row, "month": date(2024, 5, 1)} for row in rows])
    assert add["partitionValues"] == {"month": "2024-05-01"}
    assert add["path"] == add["file"]
    assert add["size"] == (tmp_path / str(add["file"])).stat().st_size
    statistics = json.loads(str(add["stats"]))
    assert statistics["numRecords"] == 3
    # Delta's stamps have milliseconds: the end of a range may only grow by that.
    assert statistics["minValues"] == {"meter_id": "a", "at_utc": "2024-05-01T00:00:00.000Z", "kwh": -1.0}
    assert statistics["maxValues"] == {"meter_id": "c", "at_utc": "2024-05-03T01:00:00.124Z", "kwh": 2.5}
    assert statistics["nullCount"] | {"flags": 0} == {"meter_id": 0, "at_utc": 0, "kwh": 1, "flags": 0, "closed": 2}


def test_the_file_holds_the_declared_columns_but_the_partition(tmp_path: Path) -> None:
    add = written(tmp_path, [{"meter_id": "a", "at_utc": datetime(2024, 5, 2, tzinfo=UTC), "month": date(2024, 5, 1)}])
    schema = pq.read_schema(tmp_path / str(add["file"]))
    assert schema.names == ["meter_id", "at_utc", "kwh", "flags", "closed"]
    assert schema.field("at_utc").type == pa.timestamp("us", tz="UTC")
    # What may not be null is the gate's to say, in words: no writer refuses it.
    assert all(field.nullable for field in schema)


def test_a_text_too_long_for_the_log_bounds_from_below_alone(tmp_path: Path) -> None:
    row = {"meter_id": "m" * 40, "at_utc": datetime(2024, 5, 2, tzinfo=UTC), "month": date(2024, 5, 1)}
    statistics = json.loads(str(written(tmp_path, [row])["stats"]))
    assert "meter_id" not in statistics["minValues"]
    assert "meter_id" not in statistics["maxValues"]


def test_a_column_of_nulls_has_no_ends(tmp_path: Path) -> None:
    row = {"meter_id": "a", "at_utc": datetime(2024, 5, 2, tzinfo=UTC), "kwh": None, "month": date(2024, 5, 1)}
    statistics = json.loads(str(written(tmp_path, [row])["stats"]))
    assert statistics["nullCount"]["kwh"] == 1
    assert "kwh" not in statistics["minValues"]


@pytest.mark.parametrize("long", ["z" * 5000, "z" * 40])
def test_a_text_that_is_cut_in_the_footer_leaves_no_bound_below_it(tmp_path: Path, long: str) -> None:
    rows = [
        {"meter_id": meter, "at_utc": datetime(2024, 5, 2, tzinfo=UTC), "month": date(2024, 5, 1)}
        for meter in ("a", long)
    ]
    assert "meter_id" not in json.loads(str(written(tmp_path, rows)["stats"]))["maxValues"]


def test_what_json_cannot_say_is_left_out(tmp_path: Path) -> None:
    row = {"meter_id": "a", "at_utc": datetime(2024, 5, 2, tzinfo=UTC), "kwh": math.inf, "month": date(2024, 5, 1)}
    text = str(written(tmp_path, [row])["stats"])
    assert "kwh" not in json.loads(text, parse_constant=pytest.fail)["maxValues"]

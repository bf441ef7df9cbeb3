"""MERGE without Spark: what it does itself, and what it leaves to Spark, beside a plain dictionary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.lake.small_merge import Changes, compare
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import Table, bronze, references, silver
from energy_lib.tables.arrow import arrow_schema
from energy_lib.tables.table import optional, required

VERSIONED = Table(
    layer="silver",
    name="versioned",
    comment="",
    columns=(required("k", "long", ""), optional("v", "double", ""), optional("newness", "long", "")),
    key=("k",),
    version=("newness",),
)

MONTHLY = Table(
    layer="gold",
    name="monthly",
    comment="",
    columns=(required("k", "string", ""), required("month", "date", ""), optional("v", "double", "")),
    key=("k", "month"),
    partition_by=("month",),
)


def rows_of(table: Table, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), arrow_schema(table))


def building(name: str, area: float | None, landed: int | None = None) -> dict[str, Any]:
    return {
        "building_id": name,
        "floor_area_m2": area,
        "landed_at_utc": None if landed is None else datetime(2024, 1, landed, tzinfo=UTC),
        "file_id": "f",
    }


def rejected(row: int, month: int, reason: str = "r") -> dict[str, Any]:
    return {
        "file_id": "f",
        "row_number": row,
        "source": "s",
        "path": "p",
        "rule_id": "x",
        "reason": reason,
        "landed_at_utc": datetime(2024, month, 2, tzinfo=UTC),
        "landed_month": date(2024, month, 1),
    }


@pytest.fixture
def tables(tmp_path: Path) -> SmallTables:
    made = SmallTables(str(tmp_path / "it's a lake"))
    for table in (silver.BUILDINGS, silver.QUARANTINE, bronze.FILES):
        made.create_empty(table, {"delta.enableChangeDataFeed": "false"})
    return made


def upsert(tables: SmallTables, table: Table, *rows: dict[str, Any], gone: pa.Table | None = None) -> Changes:
    """As Lake.upsert does it, but for what it leaves to Spark."""
    news = rows_of(table, *rows)
    changes = tables.compare(table, news, gone, insert_only=False, prune=True)
    assert changes is not None
    if not changes.replaces and changes.new.num_rows:
        tables.append(table, changes.new)
    elif changes.replaces and tables.can_rewrite(table, news):
        tables.rewrite(table, changes)
    return changes


def test_an_empty_column_of_a_key_equals_an_empty_one() -> None:
    factor = {"fuel": "gas", "region": "GB", "scope": "scope_1", "basis": "location", "valid_from": date(2024, 1, 1)}
    factor |= {"factor_kgco2e_per_kwh": 0.18, "publication": "p", "edition": "e"}
    there = rows_of(references.EMISSION_FACTORS, {**factor, "edition": "d"})
    rows = rows_of(references.EMISSION_FACTORS, factor, {**factor, "supply_contract_id": "green"})
    changes = compare(references.EMISSION_FACTORS, there, rows, there, insert_only=False)
    assert changes.changed["edition"].to_pylist() == ["e"]
    assert changes.new["supply_contract_id"].to_pylist() == ["green"]
    assert changes.kept.num_rows == 0, "the row that leaves is found, too"


def test_new_rows_are_added_changed_ones_replaced_and_older_ones_ignored(tables: SmallTables) -> None:
    upsert(tables, silver.BUILDINGS, building("a", 1.0, 5), building("b", 2.0), building("c", None, 5))
    news = (building("a", 9.0, 4), building("b", 3.0, 1), building("c", 7.0, 5), building("d", 4.0, 6))
    upsert(tables, silver.BUILDINGS, *news)

    areas = {row["building_id"]: row["floor_area_m2"] for row in tables.rows(silver.BUILDINGS)}
    assert areas == {"a": 1.0, "b": 3.0, "c": 7.0, "d": 4.0}


def test_equal_rows_are_no_commit(tables: SmallTables) -> None:
    upsert(tables, silver.BUILDINGS, building("a", None, 5))
    version = tables.version(silver.BUILDINGS)
    changes = upsert(tables, silver.BUILDINGS, building("a", None, 5))
    assert (changes.new.num_rows, changes.changed.num_rows, changes.replaces) == (0, 0, False)
    assert tables.version(silver.BUILDINGS) == version


def test_of_a_table_with_partitions_new_rows_are_appended_and_changes_left_to_spark(tables: SmallTables) -> None:
    upsert(tables, silver.QUARANTINE, rejected(1, 1), rejected(2, 3))
    left = upsert(tables, silver.QUARANTINE, rejected(1, 1), rejected(2, 3, "changed"), rejected(3, 2))
    assert not tables.can_rewrite(silver.QUARANTINE, left.new)
    assert [row["row_number"] for row in left.new.to_pylist()] == [3]
    assert [(row["row_number"], row["reason"]) for row in left.changed.to_pylist()] == [(2, "changed")]
    assert len(tables.rows(silver.QUARANTINE)) == 2


def test_partitions_that_the_key_names_are_written_anew_and_no_other(tables: SmallTables) -> None:
    def monthly(k: str, month: int, v: float | None) -> dict[str, Any]:
        return {"k": k, "month": date(2024, month, 1), "v": v}

    tables.create_empty(MONTHLY, {})
    upsert(tables, MONTHLY, *(monthly(k, month, 1.0) for k in "ab" for month in (1, 2, 3)))
    gone = rows_of(MONTHLY, monthly("b", 3, 1.0))
    upsert(tables, MONTHLY, monthly("a", 1, 9.0), monthly("c", 1, None), gone=gone)
    files = pa.table(DeltaTable(tables.path(MONTHLY)).get_add_actions(flatten=True)).to_pylist()
    assert [str(each["partition.month"]) for each in files].count("2024-02-01") == 1
    found = {(row["k"], row["month"].month): row["v"] for row in tables.rows(MONTHLY)}
    expected: dict[tuple[str, int], float | None] = {("a", 1): 9.0, ("b", 1): 1.0, ("c", 1): None, ("a", 3): 1.0}
    assert found == expected | {("a", 2): 1.0, ("b", 2): 1.0}
    upsert(tables, MONTHLY, gone=rows_of(MONTHLY, monthly("a", 3, 1.0)))
    assert ("a", 3) not in {(row["k"], row["month"].month) for row in tables.rows(MONTHLY)}


def test_a_key_that_is_null_in_part_is_a_key(tables: SmallTables) -> None:
    tables.create_empty(references.TARIFFS, {})
    plain = {
        "tariff_id": "T", "fuel": "gas", "charge": "unit_rate", "days": "all", "valid_from": date(2024, 1, 1),
        "currency": "GBP", "vat_share": 0.0, "publication": "p", "edition": "e",
    }  # fmt: skip
    upsert(tables, references.TARIFFS, plain | {"rate": 1.0}, plain | {"rate": 3.0, "from_hour": 7})
    upsert(tables, references.TARIFFS, plain | {"rate": 2.0})
    assert sorted(row["rate"] for row in tables.rows(references.TARIFFS)) == [2.0, 3.0]
    upsert(tables, references.TARIFFS, gone=rows_of(references.TARIFFS, plain))
    assert [row["rate"] for row in tables.rows(references.TARIFFS)] == [3.0]


def test_rows_that_are_to_leave_are_a_change_only_if_they_are_there(tables: SmallTables) -> None:
    upsert(tables, silver.QUARANTINE, rejected(1, 1))
    nobody, somebody = (rows_of(silver.QUARANTINE, rejected(row, 1)) for row in (7, 1))
    assert upsert(tables, silver.QUARANTINE, rejected(5, 1), gone=nobody).replaces is False
    assert upsert(tables, silver.QUARANTINE, rejected(6, 1), gone=somebody).replaces is True


def test_columns_that_came_later_are_null_in_what_was_there(tables: SmallTables) -> None:
    older = replace(silver.PRICES, columns=silver.PRICES.columns[:-1], version=("landed_at_utc",), provenance=())
    tables.create_empty(older, {})
    assert tables.read(silver.PRICES).column_names == list(silver.PRICES.column_names)


@given(
    st.dictionaries(st.integers(0, 6), st.tuples(st.none() | st.floats(0, 3), st.none() | st.integers(0, 2))),
    st.dictionaries(st.integers(0, 6), st.tuples(st.none() | st.floats(0, 3), st.none() | st.integers(0, 2))),
)
def test_a_merge_is_what_a_dictionary_would_do(
    there: dict[int, tuple[float | None, int | None]], news: dict[int, tuple[float | None, int | None]]
) -> None:
    def table(rows: dict[int, tuple[float | None, int | None]]) -> pa.Table:
        return rows_of(VERSIONED, *({"k": k, "v": v, "newness": n} for k, (v, n) in rows.items()))

    changes = compare(VERSIONED, table(there), table(news), None, insert_only=False)

    merged = dict(there)
    for row in [*changes.new.to_pylist(), *changes.changed.to_pylist()]:
        merged[row["k"]] = (row["v"], row["newness"])
    age = {None: -1, 0: 0, 1: 1, 2: 2}
    wanted = there | {k: row for k, row in news.items() if k not in there or age[row[1]] >= age[there[k][1]]}
    assert merged == wanted
    kept = {k: there[k] for k in there if k not in changes.changed["k"].to_pylist()}
    assert {row["k"]: (row["v"], row["newness"]) for row in changes.kept.to_pylist()} == kept

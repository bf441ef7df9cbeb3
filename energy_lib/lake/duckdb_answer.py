"""DuckDB's answer with the types that Spark gives to its columns."""

from __future__ import annotations

from collections.abc import Sequence, Set

import duckdb
import pyarrow as pa

from energy_lib.lake.duckdb_decimals import Decimal
from energy_lib.lake.duckdb_kinds import LIST, Kind
from energy_lib.lake.duckdb_tree import require
from energy_lib.lake.duckdb_views import quoted_name
from energy_lib.tables.arrow import ARROW_TYPES

WHOLE_NUMBERS = frozenset({"INTEGER", "BIGINT", "HUGEINT"})
# Which of DuckDB's types a column may have, and how its values are given.
GIVEN = {
    "double": ({"DOUBLE"}, "{}"),
    "float": ({"DOUBLE"}, "CAST({} AS FLOAT)"),
    # A sum of whole numbers is a long to Spark; one beyond it is an error there.
    "long": (WHOLE_NUMBERS, "CAST({} AS BIGINT)"),
    "int": (WHOLE_NUMBERS, "CAST({} AS INTEGER)"),
    "string": ({"VARCHAR"}, "{}"),
    "boolean": ({"BOOLEAN"}, "{}"),
    "date": ({"DATE"}, "{}"),
    "timestamp": ({"TIMESTAMP"}, "{}"),
    "duration": ({"INTERVAL"}, "epoch_us({})"),
    LIST: ({"VARCHAR[]"}, "{}"),
}


def in_sparks_types(answer: duckdb.DuckDBPyRelation, kinds: Sequence[Kind | None]) -> pa.Table:
    """Raises NotAlike for a column whose type is not known, or is another than it should be."""
    require(len(set(answer.columns)) == len(answer.columns) == len(kinds), answer.columns)
    given, fields = [], []
    for name, found, kind in zip(answer.columns, answer.types, kinds, strict=True):
        allowed, form = _given(kind)
        require(str(found) in allowed, f"{name}: {found} for {kind}")
        quoted = quoted_name(name)
        given.append(f"{form.format(quoted)} AS {quoted}")
        fields.append(pa.field(name, _arrow(kind)))
    return answer.project(", ".join(given)).to_arrow_table().cast(pa.schema(fields))


def _given(kind: Kind | None) -> tuple[Set[str], str]:
    if isinstance(kind, Decimal):
        return {f"DECIMAL({kind.precision},{kind.scale})"}, "{}"
    require(kind in GIVEN, f"a column of {kind}")
    return GIVEN[str(kind)]


def _arrow(kind: Kind | None) -> pa.DataType:
    if isinstance(kind, Decimal):
        return pa.decimal128(kind.precision, kind.scale)
    return pa.duration("us") if kind == "duration" else ARROW_TYPES[str(kind)]

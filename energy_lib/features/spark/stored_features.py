"""gold.features as its readers see it: the declared columns."""

from __future__ import annotations

from pyspark.sql import DataFrame

from energy_lib.errors import InputMissing
from energy_lib.features.catalog import features_table
from energy_lib.lake import Lake


def read_features(lake: Lake) -> DataFrame:
    """gold.features with the declared columns in their order; columns of features declared before are left out.

    Raises InputMissing if the table is not there or lacks a declared column.
    """
    table = features_table()
    rows = lake.read(table)
    missing = [name for name in table.column_names if name not in rows.columns]
    if missing:
        available = ", ".join(rows.columns)
        raise InputMissing(
            f"{table.full_name} lacks {', '.join(missing)} (it has {available}): run build_features first."
        )
    return rows.select(*table.column_names)

"""gold.features as its readers see it: the declared columns."""

from __future__ import annotations

from pyspark.sql import DataFrame

from energy_lib.errors import InputMissing
from energy_lib.features.catalog import feature_columns, features_table
from energy_lib.lake import Lake


def read_features(lake: Lake) -> DataFrame:
    """gold.features with the declared columns in their order; columns of features declared before are left out.

    Raises InputMissing if the table is not there or lacks the column of a declared feature.
    """
    table = features_table()
    rows = lake.read(table)
    stored = lake.small_tables.column_names(table)
    missing = [column.name for column in feature_columns() if column.name not in stored]
    if missing:
        available = ", ".join(stored)
        raise InputMissing(
            f"{table.full_name} lacks {', '.join(missing)} (it has {available}): run build_features first."
        )
    return rows.select(*table.column_names)

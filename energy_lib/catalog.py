"""Every table of the lake, in one tuple: for registering them, for maintenance and for comparing whole lakes.

A new table is in it by its line in TABLES of its layer's file in energy_lib/tables.
"""

from __future__ import annotations

from energy_lib.features import feature_columns
from energy_lib.tables import Table, answers, bronze, gold, ops, references, silver


def all_tables() -> tuple[Table, ...]:
    features = gold.features_table(feature_columns())
    return (*bronze.TABLES, *silver.TABLES, *references.TABLES, features, *gold.TABLES, *answers.TABLES, *ops.TABLES)


def tables_by_name() -> dict[str, Table]:
    """layer.name -> table."""
    return {table.full_name: table for table in all_tables()}

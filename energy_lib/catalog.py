"""Every table there is, in one tuple: for registering, maintaining and comparing whole lakes."""

from __future__ import annotations

from energy_lib.features import feature_columns
from energy_lib.tables import Table, bronze, gold, ops, silver


def all_tables() -> tuple[Table, ...]:
    features = gold.features_table(feature_columns())
    return (*bronze.TABLES, *silver.TABLES, features, *gold.TABLES, *ops.TABLES)

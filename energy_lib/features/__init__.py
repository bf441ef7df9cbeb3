"""Features: definitions and kernels (pandas and NumPy), their Spark wrapper (`spark`), the use case (`pipeline`)."""

from energy_lib.features.catalog import INDEPENDENT_OF_READINGS, feature_columns, feature_set, features_table
from energy_lib.features.feature_rows import feature_rows, features_at

__all__ = [
    "INDEPENDENT_OF_READINGS",
    "feature_columns",
    "feature_rows",
    "feature_set",
    "features_at",
    "features_table",
]

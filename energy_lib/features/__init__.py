"""Features: declarations, kernels (pandas and NumPy only) and their Spark wrapper (`spark`)."""

from energy_lib.features.catalog import BESIDE_READINGS, feature_columns, feature_set, features_table
from energy_lib.features.feature_rows import feature_rows, features_at

__all__ = ["BESIDE_READINGS", "feature_columns", "feature_rows", "feature_set", "features_at", "features_table"]

"""Features: declarations, kernels (pandas and NumPy only) and their Spark wrapper (energy_lib.features.spark)."""

from energy_lib.features.catalog import BESIDE_READINGS, feature_columns, feature_set, features_table
from energy_lib.features.rows import feature_rows, features_at

__all__ = ["BESIDE_READINGS", "feature_columns", "feature_rows", "feature_set", "features_at", "features_table"]

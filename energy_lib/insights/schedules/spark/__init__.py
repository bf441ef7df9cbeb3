"""Plans of many sites on Spark."""

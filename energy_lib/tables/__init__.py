"""Schemas as code: the single source of columns, types, nullability, keys, units and comments."""

from energy_lib.tables import bronze, gold, ops, silver
from energy_lib.tables.table import Column, Table

__all__ = ["Column", "Table", "bronze", "gold", "ops", "silver"]

"""A table is added by its declaration and its line in TABLES; one that lacks the line is found here."""

from __future__ import annotations

from types import ModuleType

import pytest

from energy_lib.catalog import all_tables
from energy_lib.tables import Table, bronze, gold, ops, silver


@pytest.mark.parametrize("layer", [bronze, silver, gold, ops], ids=lambda module: module.__name__)
def test_every_declared_table_is_in_the_catalog(layer: ModuleType) -> None:
    declared = {value.full_name for value in vars(layer).values() if isinstance(value, Table)}
    assert declared <= {table.full_name for table in all_tables()}

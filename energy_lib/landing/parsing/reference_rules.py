"""The rules that rows of reference data must keep: required columns, allowed words, places that exist."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.landing.files import file_faults
from energy_lib.landing.parsing.arrow_columns import flags
from energy_lib.landing.parsing.parse_failures import BrokenRules
from energy_lib.landing.sources.geography import country_fault, zone_fault
from energy_lib.tables import Column


def require_column(column: Column, array: pa.Array | None, rows: int, rules: BrokenRules) -> None:
    """Mark the rows that lack a required value, or have a word that is not allowed; None: the YAML names no column."""
    if array is None:
        if not column.nullable:
            rules.mark(
                file_faults.MISSING_VALUE,
                np.ones(rows, dtype=bool),
                lambda i: f"the source's YAML does not say where {column.name} stands",
            )
        return
    if not column.nullable:
        absent = flags(array.is_null())
        rules.mark(file_faults.MISSING_VALUE, absent, lambda i: f"there is no {column.name}")
    if column.allowed:
        known = pc.is_in(array, value_set=pa.array([str(word) for word in column.allowed]))
        strange = pc.and_(array.is_valid(), pc.invert(known))
        rules.mark(
            file_faults.UNPARSEABLE_VALUE,
            flags(strange),
            lambda i: f"{column.name}: {array[i].as_py()!r} is none of {', '.join(column.allowed)}",
        )


def check_location(values: dict[str, pa.Array], rows: int, rules: BrokenRules) -> None:
    """A meter's zone and country are checked here: a wrong one would stop the features of a whole night."""
    names = ("zone", "country", "subdivision")
    texts = [values[name].to_pylist() if name in values else [None] * rows for name in names]
    location_faults = [
        (zone is not None and zone_fault(zone)) or country_fault(country, subdivision)
        for zone, country, subdivision in zip(*texts, strict=True)
    ]
    wrong = np.array([fault is not None for fault in location_faults], dtype=bool)
    rules.mark(file_faults.UNPARSEABLE_VALUE, wrong, lambda i: str(location_faults[i]))

"""What a source that asks for pseudonyms lets through: ids as pseudonyms, and no text that may quote one.

One kernel for the rows of files and of messages, of readings and of reference data: they come here parsed, and nothing
has been written of them yet.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from energy_lib.privacy.pseudonyms import KeyRing
from energy_lib.tables.sensitivity import Sensitivity, sensitivity_by_name

# Stands in the place of a text that may quote an id.
WITHHELD = "withheld: it may name a person; a dry run of the file shows it"
# What becomes a pseudonym. A site is of many, and its id stands in YAMLs as well.
NAMES = ("meter_id", "raw_meter_id", "virtual_meter_id", "building_id")
# Of rows that parsed these are what they say; of others the meter may stand in any cell.
CELLS = ("raw_timestamp", "raw_value")


def through_the_door(rows: pa.Table, keys: KeyRing) -> pa.Table:
    """Parsed rows as they may be kept: bronze.readings or a table of reference data, with rule_id and reason.

    The ids of meters and buildings become pseudonyms. A row that broke a rule keeps the rule's id;
    its raw texts and its reason, which quote the file, are withheld. Free texts of good rows are withheld as well.
    """
    broken = pc.is_valid(rows["rule_id"])
    for name in rows.column_names:
        column = rows[name]
        level = sensitivity_by_name(name, str(column.type))
        if name in CELLS:
            changed = pc.if_else(broken, pa.scalar(None, pa.string()), column)
        elif name in NAMES:
            changed = _each(column, keys.pseudonym)
        elif level is Sensitivity.TEXT and pa.types.is_string(column.type):
            changed = pc.if_else(pc.is_valid(column), pa.scalar(WITHHELD), pa.scalar(None, pa.string()))
        else:
            continue
        rows = rows.set_column(rows.column_names.index(name), name, changed)
    return rows


def path_through_the_door(path: str, keys: KeyRing) -> str:
    """A path below landing whose file may be named after a meter: the folder and the endings stay.

    >>> path_through_the_door("homes/meter 7.csv.gz", KeyRing((bytes(32),)))
    'homes/p1-zmkj3xlxvqxlcid6x76pxnjv67.csv.gz'
    """
    folder, _, name = path.partition("/")
    endings = [ending for ending in name.split(".")[1:][-2:] if ending.isalpha() and len(ending) <= 7]
    return "/".join(filter(None, (folder, ".".join([keys.pseudonym(name), *endings]))))


def _each(column: pa.ChunkedArray, rename: Callable[[str], str]) -> pa.ChunkedArray:
    """Each text renamed, each distinct one once; null and the empty text, which name nobody, stay."""
    encoded = column.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    names = pa.array([rename(text) if text else text for text in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([names.take(encoded.indices)])

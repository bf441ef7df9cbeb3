"""Traces of what leaves the lake, beside the newest rows of its tables: their past, and files made of them."""

from __future__ import annotations

import re
from pathlib import Path

from energy_lib.data_rights.derived_files import remove_artifacts, remove_derived
from energy_lib.data_rights.mentions import mentions
from energy_lib.lake import Lake
from energy_lib.lake.forgetting import files_of_the_past
from energy_lib.lake.staging import remove
from energy_lib.tables import Table, ops

# Tables that are left as they are. The audit is a chain, of which no row can be changed: it names who was asked for
# until it is pruned. The lease is this run's, and the keys' table holds no id.
KEPT = (ops.AUDIT.full_name, ops.LEASES.full_name, ops.PSEUDONYM_KEYS.full_name)


def past_holds(lake: Lake, table: Table, pattern: re.Pattern[bytes]) -> bool:
    """Whether the table's log has the pattern, or a data file that its newest version does not hold."""
    return any(mentions(file, pattern) for file in files_of_the_past(Path(lake.path(table))))


def remove_files_with(lake: Lake, root: Path, pattern: re.Pattern[bytes]) -> list[str]:
    """Remove what was staged, and files made of the tables that have the pattern; the latter's paths below `root`."""
    remove(lake.spark, f"{lake.root}/_staging")
    return remove_derived(root, pattern) + remove_artifacts(root, pattern)

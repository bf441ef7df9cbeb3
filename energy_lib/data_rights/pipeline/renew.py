"""Take a lake to the newest key of its pseudonyms: the use case of jobs/renew_pseudonyms.py.

A pseudonym says of which key it is, so a table is done when it has none of an older one: a run that was killed is
completed by the next, and a run on a lake that is done changes nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from energy_lib.catalog import all_tables
from energy_lib.config import Config
from energy_lib.data_rights.pipeline.renewed_ids import renewed_ids
from energy_lib.data_rights.pipeline.traces import KEPT, past_holds, remove_files_with
from energy_lib.data_rights.renewed_rows import RenewTask
from energy_lib.errors import BadConfig
from energy_lib.lake import Lake, Outcome
from energy_lib.lake.forgetting import forget_history, marked_commits, require_read
from energy_lib.privacy.keys import require_keys
from energy_lib.privacy.lakes_keys import lakes_keys, record_keys
from energy_lib.privacy.pseudonyms import LETTERS, KeyRing
from energy_lib.tables import Table, bronze
from energy_lib.tables.answers.alerts import ALERTS
from energy_lib.tables.answers.anomalies import ANOMALIES
from energy_lib.tables.answers.recommendations import RECOMMENDATIONS
from energy_lib.tables.sensitivity import Sensitivity

# Others refer to ids that are made of these rows' pseudonyms: they come after those.
LAST = (bronze.FILES, ALERTS, RECOMMENDATIONS, ANOMALIES)

log = logging.getLogger(__name__)


def renew(lake: Lake, config: Config) -> Outcome:
    """Renew every pseudonym of an older key in all tables, forget what they held before, remove files made of them.

    Raises BadConfig for keys that do not continue the lake's, TryAgain while a job has not read all changes.
    """
    keys, root = require_keys(config.privacy), config.local_folder
    _require_newer_keys(lake, keys)
    tables = [table for table in all_tables() if table.full_name not in KEPT and table not in LAST]
    order = [table for table in (*tables, *LAST) if lake.exists(table)]
    require_read(lake, tuple(order))
    record_keys(lake.small_tables, keys, is_whole=False)
    outcome, old = Outcome(), _pattern_of_older(keys)
    pattern = re.compile(old.encode())
    ids = renewed_ids(lake.small_tables, keys)
    for table in order:
        count = _renew_table(lake, table, keys, ids, old)
        if count or past_holds(lake, table, pattern):
            log.info("forgetting the history of %s", table.full_name)
            forget_history(lake, table)
        if count:
            outcome.lines.append(f"{table.full_name}: {count:,} rows renewed.")
        outcome.rows_out += count
    gone = remove_files_with(lake, root, pattern)
    outcome.lines += [f"Removed, since it held older pseudonyms: {path}." for path in gone]
    record_keys(lake.small_tables, keys, is_whole=True)
    outcome.lines.append(f"The pseudonyms of {lake.root} are of version {keys.version}.")
    return outcome


def _require_newer_keys(lake: Lake, keys: KeyRing) -> None:
    row = lakes_keys(lake.small_tables)
    if row is None:
        raise BadConfig(f"There are no pseudonyms in {lake.root}: nothing is to be renewed.")
    before = row["version"] if row["version"] <= keys.version else 0
    if before == 0 or KeyRing(keys.keys[:before]).check_value() != row["check_value"]:
        raise BadConfig(
            f"The keys of pseudonyms do not continue those of {lake.root} (version {row['version']}): take its file of "
            "keys, and add a line to it."
        )


def _pattern_of_older(keys: KeyRing) -> str:
    """A regular expression (of Java and Python) for pseudonyms of older keys; of one key there are none."""
    older = "|".join(str(version) for version in range(1, keys.version)) or "0"
    return rf"\bp(?:{older})-[a-z2-7]{{{LETTERS}}}\b"


def _renew_table(lake: Lake, table: Table, keys: KeyRing, ids: Mapping[str, str], old: str) -> int:
    """Write the table anew if a row of it has an older pseudonym, in one commit; how many rows have."""
    texts = [column.name for column in table.columns if column.type == "string"]
    lists = [column.name for column in table.columns if column.type == "array<string>"]
    conditions = [_has(F.col(name), old) for name in texts] + [_has(F.array_join(name, "\n"), old) for name in lists]
    if not conditions:
        return 0
    rows = lake.read(table)
    count = rows.where(reduce(lambda a, b: a | b, conditions)).count() + _referring(lake, table, rows, ids)
    if count == 0:
        return 0

    with marked_commits(lake):
        lake.replace_where(table, rows.mapInArrow(RenewTask(keys, ids), rows.schema), "true")
    return count


def _referring(lake: Lake, table: Table, rows: DataFrame, ids: Mapping[str, str]) -> int:
    """Rows that refer to answers by ids that change, and may hold no pseudonym themselves."""
    names = [column.name for column in table.columns_that_tell(Sensitivity.REFERENCE) if column.type == "string"]
    if not ids or not names:
        return 0
    old = F.broadcast(lake.spark.createDataFrame([(id_,) for id_ in ids], "old_id string"))
    return sum(rows.join(old, rows[name] == old["old_id"], "left_semi").count() for name in names)


def _has(text: Column, old: str) -> Column:
    return F.coalesce(text.rlike(old), F.lit(False))

"""Maintenance of the tables' files: compact the small ones, remove those that no retained version needs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from delta.tables import DeltaTable

from energy_lib.lake.delta_tables import Lake
from energy_lib.lake.outcome import Outcome
from energy_lib.tables import Table, ops

HOURS_A_DAY = 24

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Compaction:
    """Data files before and after."""

    removed: int
    added: int


def maintain_tables(lake: Lake, tables: Iterable[Table], retain_days: int) -> Outcome:
    """Compact and vacuum those of `tables` that exist; a line for each."""
    outcome = Outcome()
    for table in filter(lake.exists, tables):
        log.info("compacting %s", table.full_name)
        files = compact_and_vacuum(lake, table, retain_days)
        outcome.versions_written[table.full_name] = lake.version(table)
        outcome.lines.append(f"{table.full_name}: {files.removed} files compacted into {files.added}")
    return outcome


def compact_and_vacuum(lake: Lake, table: Table, retain_days: int) -> Compaction:
    """OPTIMIZE, then VACUUM. Every version of the last `retain_days` stays readable; raises TryAgain."""
    delta = DeltaTable.forPath(lake.spark, lake.path(table))
    compaction = Compaction(0, 0)
    # This run holds the lease and renews it: another commit to its table would make it lose the lease.
    if table != ops.LEASES:
        _retain(lake, table, delta, retain_days)
        with lake.one_commit(table):
            row = delta.optimize().executeCompaction().first()
        if row is not None:
            compaction = Compaction(row["metrics"]["numFilesRemoved"], row["metrics"]["numFilesAdded"])
    # By default Delta lists a table's files in 10,000 tasks, and commits an entry for each VACUUM.
    tasks = str(lake.spark.sparkContext.defaultParallelism)
    lake.spark.conf.set("spark.sql.sources.parallelPartitionDiscovery.parallelism", tasks)
    lake.spark.conf.set("spark.databricks.delta.vacuum.logging.enabled", "false")
    with lake.one_commit(table):
        delta.vacuum(retain_days * HOURS_A_DAY)
    return compaction


def _retain(lake: Lake, table: Table, delta: DeltaTable, days: int) -> None:
    """Keep the log, and its entries of removed files, as long as the files.

    Without such an entry VACUUM goes by the age of the file alone, and removes one that was replaced yesterday.
    """
    wanted = {f"delta.{what}RetentionDuration": f"interval {days} days" for what in ("log", "deletedFile")}
    detail = delta.detail().first()
    if detail is None or wanted.items() <= detail["properties"].items():
        return
    properties = ", ".join(f"'{name}' = '{value}'" for name, value in wanted.items())
    with lake.one_commit(table):
        lake.spark.sql(f"ALTER TABLE delta.`{lake.path(table)}` SET TBLPROPERTIES ({properties})")

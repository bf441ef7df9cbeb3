"""Upkeep of a table's files: small ones made large, and those removed that no retained version needs."""

from __future__ import annotations

from dataclasses import dataclass

from delta.tables import DeltaTable

from energy_lib.lake.store import Lake, commit_race
from energy_lib.tables import Table, ops

HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Compaction:
    """Data files before and after."""

    removed: int
    added: int


def tidy(lake: Lake, table: Table, retain_days: int) -> Compaction:
    """OPTIMIZE, then VACUUM, so that every version of the last `retain_days` can be read."""
    delta = DeltaTable.forPath(lake.spark, lake.path(table))
    done = Compaction(0, 0)
    # The lease is renewed by its holder, in this very run: a commit between would lose it.
    if table != ops.LEASES:
        _retain(lake, table, delta, retain_days)
        with commit_race():
            row = delta.optimize().executeCompaction().first()
        if row is not None:
            done = Compaction(row["metrics"]["numFilesRemoved"], row["metrics"]["numFilesAdded"])
    # Of its own, Delta lists a table's files in 10,000 tasks, and commits that it has.
    tasks = str(lake.spark.sparkContext.defaultParallelism)
    lake.spark.conf.set("spark.sql.sources.parallelPartitionDiscovery.parallelism", tasks)
    lake.spark.conf.set("spark.databricks.delta.vacuum.logging.enabled", "false")
    delta.vacuum(retain_days * HOURS_A_DAY)
    return done


def _retain(lake: Lake, table: Table, delta: DeltaTable, days: int) -> None:
    """The log as long as the files; and what the log says of removed files, or VACUUM goes by a file's age alone."""
    wanted = {f"delta.{what}RetentionDuration": f"interval {days} days" for what in ("log", "deletedFile")}
    detail = delta.detail().first()
    if detail is None or wanted.items() <= detail["properties"].items():
        return
    said = ", ".join(f"'{name}' = '{value}'" for name, value in wanted.items())
    with commit_race():
        lake.spark.sql(f"ALTER TABLE delta.`{lake.path(table)}` SET TBLPROPERTIES ({said})")

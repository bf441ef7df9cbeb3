"""The commits by which a new holder of the lease fences the lake's tables off from the holders before it.

Each holds no rows and no files, only the holder's number under the transaction id WRITER.
"""

from __future__ import annotations

from pathlib import Path

from energy_lib.lake.fence import first_number
from energy_lib.lake.log_entries import opening_actions, put_entry


def fence_off_local(root: str, token: int) -> None:
    """Fence off every table below a local folder but that of the leases, which its own versions fence."""
    for log in sorted(Path(root).glob("*/*/_delta_log")):
        if log.parent.name != "leases":
            _commit_next(log, first_number(token))


def _commit_next(log: Path, number: int) -> None:
    """Put the next entry into a table's log.

    Not by delta-rs, which refuses clustered tables, nor by Spark, which takes a second for each table.
    """
    actions = opening_actions("FENCE", {}, number)
    while True:
        newest = max((int(path.stem) for path in log.glob("*.json") if path.stem.isdigit()), default=-1)
        # Without a first version there is no table yet.
        if newest < 0 or put_entry(log, newest + 1, actions):
            return

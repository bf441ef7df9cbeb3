"""The commits by which a new holder of the lease fences the lake's tables off from the holders before it.

Each holds no rows and no files, only the holder's number under the transaction id WRITER.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from energy_lib.lake.fence import WRITER, first_number


def fence_off_local(root: str, token: int) -> None:
    """Fence off every table below a local folder but that of the leases, which its own versions fence."""
    for log in sorted(Path(root).glob("*/*/_delta_log")):
        if log.parent.name != "leases":
            _commit_next(log, first_number(token))


def _commit_next(log: Path, number: int) -> None:
    """Put the next entry into a table's log. A hard link is refused where the name is taken: no entry is replaced.

    Not by delta-rs, which refuses clustered tables, nor by Spark, which takes a second for each table.
    """
    now = time.time_ns() // 1_000_000
    actions: tuple[dict[str, object], ...] = (
        {"commitInfo": {"timestamp": now, "operation": "FENCE", "operationParameters": {}, "isBlindAppend": True}},
        {"txn": {"appId": WRITER, "version": number, "lastUpdated": now}},
    )
    entry = log / f".{number}.{os.getpid()}.tmp"
    entry.write_text("".join(json.dumps(action) + "\n" for action in actions), encoding="utf-8")
    try:
        while True:
            newest = max((int(path.stem) for path in log.glob("*.json") if path.stem.isdigit()), default=-1)
            try:
                # Without a first version there is no table yet.
                if newest >= 0:
                    os.link(entry, log / f"{newest + 1:020d}.json")
                return
            except FileExistsError:
                continue
    finally:
        entry.unlink()

"""Entries that are put into a local Delta log without Spark and delta-rs: the fence's, and those that add files."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from energy_lib.lake.fence import WRITER

# As Spark does it, so that the log can be cleaned of what is old.
VERSIONS_PER_CHECKPOINT = 10


def opening_actions(operation: str, parameters: dict[str, str], number: int | None) -> list[dict[str, Any]]:
    """What an entry begins with: when and by what it was made, and the writer's number, if it holds a lease."""
    now = time.time_ns() // 1_000_000
    info = {"timestamp": now, "operation": operation, "operationParameters": parameters, "isBlindAppend": True}
    actions: list[dict[str, Any]] = [{"commitInfo": info}]
    if number is not None:
        actions.append({"txn": {"appId": WRITER, "version": number, "lastUpdated": now}})
    return actions


def put_entry(log: Path, version: int, actions: Iterable[dict[str, Any]]) -> bool:
    """Write a version of a table's log; False if it is taken: a hard link replaces no entry."""
    entry = log / f".{version}.{uuid.uuid4()}.tmp"
    entry.write_text("".join(json.dumps(action) + "\n" for action in actions), encoding="utf-8")
    try:
        os.link(entry, log / f"{version:020d}.json")
    except FileExistsError:
        return False
    finally:
        entry.unlink()
    return True

"""Whether a lake can be used: its folder written, its logs whole (Spark reads past a line that was cut off)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from energy_lib.errors import BadConfig
from energy_lib.lake.environment import REPAIR

PROBE_BYTES = 64 << 10
PARQUET_END = b"PAR1"


def require_whole_logs(root: str) -> None:
    """Raises BadConfig if an entry since the last checkpoint of a table's log was cut off or is missing.

    Only of a lake in a local folder: a store shows an object when all of it is there.
    """
    folder = Path(root.removeprefix("file://"))
    if "://" in root.removeprefix("file://"):
        return
    if folder.exists() and not folder.is_dir():
        raise BadConfig(f"lake {root} is a file: move it away, or name a folder.")
    for log in sorted(folder.glob("*/*/_delta_log")):
        damage = next(_damages(log), None)
        if damage is not None:
            table = f"{log.parent.parent.name}.{log.parent.name}"
            raise BadConfig(f"The log of {table} in {root} is damaged ({damage}): {REPAIR}.")


def require_writable(root: str) -> None:
    """Make a local lake's folder and write a little to it; raises the OSError that this meets, with the lake's name.

    Before anything else does, and with one sentence where Arrow and delta-rs print traces.
    """
    if "://" in root.removeprefix("file://"):
        return
    folder = Path(root.removeprefix("file://"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_BYTES))
    except OSError as error:
        raise OSError(error.errno, error.strerror, root) from error


def _damages(log: Path) -> Iterator[str]:
    """What is wrong with the entries since the last checkpoint."""
    versions = sorted(int(path.stem) for path in log.glob("*.json") if path.stem.isdigit())
    checkpoints = {path: int(path.name.split(".")[0]) for path in log.glob("*.checkpoint*.parquet")}
    last = max(checkpoints.values(), default=-1)
    for path in (path for path, version in checkpoints.items() if version == last):
        if not path.read_bytes().endswith(PARQUET_END):
            yield f"{path.name} is cut off"
    since = [version for version in versions if version > last]
    if since and since != list(range(last + 1, since[-1] + 1)):
        missing = min(set(range(last + 1, since[-1] + 1)) - set(since))
        yield f"{missing:020d}.json is missing"
    for version in since:
        name = f"{version:020d}.json"
        lines = (log / name).read_bytes().splitlines()
        if not lines or not all(map(_is_action, lines)):
            yield f"{name} is cut off"


def _is_action(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False

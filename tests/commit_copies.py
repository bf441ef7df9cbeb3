"""What a kill leaves of a lake: a copy of it after each commit of a run, as its disk held it then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from energy_lib.lake import adoption, delta_tables
from energy_lib.lake.small_tables import SmallTables
from energy_lib.tables import ops

# Neither an answer nor anything that one is made of.
NOT_COPIED = ("bronze", "shards", "mlflow", "data_docs")
LEASES = f"{ops.LEASES.layer}/{ops.LEASES.name}"


def log_entries(lake: Path) -> set[str]:
    """<layer>/<table>/…/<version>.json of every commit but those of the lease, which is no part of the work."""
    entries = {str(entry.relative_to(lake)) for entry in lake.glob("*/*/_delta_log/*.json")}
    return {entry for entry in entries if not entry.startswith(f"{LEASES}/")}


def copied(lake: Path, to: Path) -> Path:
    """A copy of the lake's tables; what Delta never writes again is linked."""

    def copy(source: str, target: str) -> object:
        if source.endswith(".parquet"):
            return Path(target).hardlink_to(source)
        return shutil.copy2(source, target)

    shutil.copytree(lake, to, copy_function=copy, ignore=lambda folder, _: NOT_COPIED if folder == str(lake) else ())
    return to


def left_by_a_kill(lake: Path, to: Path) -> Path:
    """A copy whose lease says that the process holding it is gone."""
    tables = SmallTables(str(copied(lake, to)))
    version, rows = tables.version_and_rows(ops.LEASES)
    tables.replace(ops.LEASES, [row | {"process_started": "of a process that was killed"} for row in rows], version)
    return to


@contextmanager
def copies_after_commits(lake: Path, folder: Path) -> Iterator[list[Path]]:
    """Fill the list with a copy of the lake after each commit, below `folder`, while jobs run in this process."""
    copies: list[Path] = []
    seen = log_entries(lake)

    def look() -> None:
        new = sorted(log_entries(lake) - seen)
        assert len(new) < 2, f"of {new} only the last was seen to be committed"
        if new:
            seen.update(new)
            table = new[0].partition("/_delta_log")[0].replace("/", ".")
            copies.append(left_by_a_kill(lake, folder / f"{len(copies) + 1:02d}-{table}"))

    with pytest.MonkeyPatch.context() as patch:
        for name in ("_commit", "create", "create_empty"):
            patch.setattr(SmallTables, name, _followed(getattr(SmallTables, name), look))
        patch.setattr(adoption, "put_entry", _followed(adoption.put_entry, look))
        patch.setattr(delta_tables, "commit_race", _left(delta_tables.commit_race, look))
        yield copies
    look()


def _followed(commit: Callable[..., Any], look: Callable[[], None]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        done = commit(*arguments, **named)
        # The lease is renewed in a thread of its own.
        if not any(argument is ops.LEASES for argument in arguments):
            look()
        return done

    return call


def _left(commit: Callable[..., Any], look: Callable[[], None]) -> Callable[..., Any]:
    @contextmanager
    def around(*arguments: Any) -> Iterator[None]:
        with commit(*arguments):
            yield
        look()

    return around

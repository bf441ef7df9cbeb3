"""Whether the default model store can be used: MLflow itself takes an emptied one for a new one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from energy_lib.errors import BadConfig


class ModelStoreBroken(BadConfig):
    """The model store is damaged, emptied or cannot be read; forecasts go on by the fallbacks."""


def require_whole_store(file: Path) -> None:
    """Raises ModelStoreBroken if the SQLite file is no database, or was emptied or lost while its artifacts stayed."""
    artifacts = file.parent / "artifacts"
    used = artifacts.is_dir() and any(artifacts.iterdir())
    if not file.is_file():
        if used:
            raise _broken(file, "it is gone, but its artifacts are there")
        return
    if used and file.stat().st_size == 0:
        raise _broken(file, "it is empty, but its artifacts are there")
    try:
        with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as store:
            tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            runs = store.execute("SELECT count(*) FROM runs").fetchone()[0] if "runs" in tables else 0
        store.close()
    except sqlite3.DatabaseError as error:
        raise _broken(file, str(error)) from error
    if used and not runs:
        raise _broken(file, "it holds no runs, but their artifacts are there")


def broken_model(folder: str) -> ModelStoreBroken:
    return ModelStoreBroken(
        f"The champion's model is gone or damaged ({folder}): docs/operations.md says how to repair the model store."
    )


def _broken(file: Path, why: str) -> ModelStoreBroken:
    return ModelStoreBroken(f"The model store {file} cannot be used ({why}): docs/operations.md says how to repair it.")

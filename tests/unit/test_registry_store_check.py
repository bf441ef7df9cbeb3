"""A model store that was damaged or emptied is told of; MLflow itself would take it for a new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from energy_lib.registry.store_check import ModelStoreBroken, require_whole_store


def store(folder: Path, runs: int = 1) -> Path:
    """A store like MLflow's, as far as is looked at, whose runs left artifacts."""
    file = folder / "mlflow.db"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE runs (run_uuid TEXT)")
        made.executemany("INSERT INTO runs VALUES (?)", [(str(i),) for i in range(runs)])
    made.close()
    (folder / "artifacts" / "run").mkdir(parents=True)
    return file


def test_a_whole_store_and_none_at_all_are_fine(tmp_path: Path) -> None:
    require_whole_store(tmp_path / "mlflow.db")
    require_whole_store(store(tmp_path))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda file: file.unlink(), "gone"),
        (lambda file: file.write_bytes(b""), "empty"),
        (lambda file: file.write_bytes(b"x" * 5000), "not a database"),
        (lambda file: file.write_bytes(file.read_bytes()[:4096]), "malformed|not a database"),
        (lambda file: sqlite3.connect(file).execute("DROP TABLE runs").connection.commit(), "no runs"),
        (lambda file: sqlite3.connect(file).execute("DELETE FROM runs").connection.commit(), "no runs"),
    ],
)
def test_a_harmed_store_is_one_sentence(tmp_path: Path, harm: Callable[[Path], object], words: str) -> None:
    file = store(tmp_path, runs=500)
    harm(file)
    with pytest.raises(ModelStoreBroken, match=words) as told:
        require_whole_store(file)
    assert str(file) in str(told.value)
    assert "docs/operations.md" in str(told.value)
    assert told.value.exit_code == 2


def test_a_store_without_artifacts_is_new(tmp_path: Path) -> None:
    file = store(tmp_path, runs=0)
    (tmp_path / "artifacts" / "run").rmdir()
    require_whole_store(file)

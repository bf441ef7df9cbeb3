"""Which versions a service answers by, looked up without MLflow where the store is the default one.

MLflow takes 200 MB and seconds to import, and a service looks every few seconds. The default store is an SQLite file,
whose tables of the pinned MLflow are read as they are.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from energy_lib.config import Config
from energy_lib.registry.mlflow_store import DATA, store_file
from energy_lib.registry.store_check import require_whole_store
from energy_lib.registry.versions import CHAMPION, champion, versions_named

ALIASED = "SELECT CAST(version AS TEXT) FROM registered_model_aliases WHERE name = ? AND alias = ?"
VERSION = """SELECT v.source, t.value FROM model_versions v
JOIN model_version_tags t ON t.name = v.name AND t.version = v.version AND t.key = 'model'
WHERE v.name = ? AND CAST(v.version AS TEXT) = ? AND v.current_stage <> 'Deleted_Internal'"""


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """Model name, version and folder of the export."""

    name: str
    version: str
    path: str


def served_versions(config: Config) -> tuple[ServedVersion | None, ServedVersion | None]:
    """The champion and the challenger of `serving.challenger`; None where there is none.

    Raises ModelStoreBroken if the default store cannot be used.
    """
    file, challenger = store_file(config), config.serving.challenger
    if file is not None:
        return _in_file(file, config.mlflow.registered_model, challenger)
    chosen, named = champion(config), [] if challenger is None else versions_named(config, f"v{challenger}")
    return (
        None if chosen is None else ServedVersion(*chosen.ref),
        None if not named else ServedVersion(*named[-1].ref),
    )


def store_changed_at(config: Config) -> tuple[int, ...] | None:
    """What changes whenever the default store is written, () where there is none; None for a configured store."""
    file = store_file(config)
    if file is None:
        return None
    seen: list[int] = []
    for each in (file, file.with_name(f"{file.name}-wal")):
        if each.exists():
            status = each.stat()
            seen += [status.st_mtime_ns, status.st_size]
    return tuple(seen)


def _in_file(file: Path, model: str, challenger: str | None) -> tuple[ServedVersion | None, ServedVersion | None]:
    require_whole_store(file)
    if not file.is_file():
        return None, None
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as store:
        alias = store.execute(ALIASED, (model, CHAMPION)).fetchone()
        first, second = (
            None if version is None else _version(store, model, version)
            for version in (None if alias is None else alias[0], challenger)
        )
    return first, second


def _version(store: sqlite3.Connection, model: str, version: str) -> ServedVersion | None:
    found = store.execute(VERSION, (model, version)).fetchone()
    if found is None:
        return None
    source, name = found
    return ServedVersion(name, version, str(Path(source.removeprefix("file://")) / "data" / DATA))

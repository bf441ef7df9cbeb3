"""Files beside the tables that were made of them: shards, trainings, reports, Data Docs, artefacts of MLflow.

What can be made anew is removed where it names somebody; nothing of it is rewritten.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from energy_lib.data_rights.mentions import mentions

# Folders whose parts each stand for themselves: one part goes, the others stay.
IN_PARTS = ("reports", "comparison", "shards")
WHOLE = ("data_docs", "_staging")
# The layers, which are tables, and what the lake's own writers hold open.
TABLES_AND_LOCKS = ("bronze", "silver", "gold", "ops", "_locks")


def remove_derived(root: Path, pattern: re.Pattern[bytes]) -> list[str]:
    """Remove the parts of folders below the lake's `root` that name somebody; their paths below it."""
    parts = [part for name in IN_PARTS for part in sorted((root / name).glob("*")) if part.is_dir()]
    parts += [root / name for name in WHOLE if (root / name).is_dir()]
    named = [part for part in parts if any(mentions(file, pattern) for file in _files(part))]
    for part in named:
        shutil.rmtree(part)
    return [str(part.relative_to(root)) for part in named]


def remove_artifacts(root: Path, pattern: re.Pattern[bytes]) -> list[str]:
    """Remove files of MLflow's default artifact store that name somebody; their paths below `root`."""
    named = [file for file in _files(root / "mlflow" / "artifacts") if mentions(file, pattern)]
    for file in named:
        file.unlink()
    return [str(file.relative_to(root)) for file in named]


def datasets_that_name(root: Path, pattern: re.Pattern[bytes]) -> set[str]:
    """Ids of the shards' datasets that name somebody."""
    manifests = (root / "shards").glob("*/manifest.json")
    return {file.parent.name for file in manifests if any(mentions(each, pattern) for each in _files(file.parent))}


def trainings_on(root: Path, datasets: set[str]) -> set[str]:
    """Ids of the trainings whose checkpoints say that they were on one of the datasets."""
    specs = {
        file.parent.name: json.loads(file.read_text(encoding="utf-8"))
        for file in (root / "checkpoints").glob("*/spec.json")
    }
    return {training for training, spec in specs.items() if spec["dataset_id"] in datasets}


def remove_checkpoints(root: Path, trainings: set[str]) -> None:
    for training in sorted(trainings):
        shutil.rmtree(root / "checkpoints" / training, ignore_errors=True)


def files_that_still_name(root: Path, pattern: re.Pattern[bytes]) -> list[str]:
    """Files below the lake, but for the tables' own, that name somebody."""
    folders = [folder for folder in sorted(root.iterdir()) if folder.name not in TABLES_AND_LOCKS]
    return [str(file.relative_to(root)) for folder in folders for file in _files(folder) if mentions(file, pattern)]


def _files(place: Path) -> Iterator[Path]:
    """The files of a folder, or the file itself; none of what is not there."""
    return (path for path in (place, *sorted(place.rglob("*"))) if path.is_file())

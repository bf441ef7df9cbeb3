"""Landing folders with copies of data that lie elsewhere: ingest follows no link out of its landing folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


def land_files(data: Path, landing: Path, wanted: Callable[[str], bool] = lambda name: True) -> None:
    """Copy each file of `data` whose name is wanted into `landing`, with its modification time."""
    landing.mkdir(parents=True, exist_ok=True)
    for file in sorted(data.iterdir()):
        if file.is_file() and wanted(file.name):
            shutil.copy2(file, landing / file.name)
            (landing / file.name).chmod(0o644)

"""Landing folders of links to data that lies elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def link(data: Path, landing: Path, wanted: Callable[[str], bool] = lambda name: True) -> None:
    """Link each file of `data` whose name is wanted into `landing`."""
    landing.mkdir(parents=True, exist_ok=True)
    for file in sorted(data.resolve().iterdir()):
        if file.is_file() and wanted(file.name):
            (landing / file.name).symlink_to(file)

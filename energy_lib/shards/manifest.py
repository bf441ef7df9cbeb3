"""A dataset's manifest: its files, its sources, and which dataset a day's training uses.

<lake>/shards/<dataset_id>/manifest.json          written with the files, published by one rename
<lake>/shards/<dataset_id>/<part>/part-0000.parquet …   one row group a file
<lake>/shards/of/<day>-<recipe>.json              which dataset a day's training uses
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from energy_lib.config import Config
from energy_lib.encoding.tensors import Encoding
from energy_lib.shards.time_split import TimeSplit, time_split

FORMAT = 1
PARTS = ("train", "validation")


@dataclass(frozen=True, slots=True)
class PartFile:
    """One Parquet file: one row group of `rows` rows, `padding` of them repeated with weight 0."""

    path: str
    rows: int
    padding: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dataset of shards holds and what it was made from, as in manifest.json.

    columns: floats a row of each tensor; delta_versions: version of each table that was read.
    """

    dataset_id: str
    seed: int
    split: TimeSplit
    encoding: Encoding
    columns: dict[str, int]
    files: tuple[PartFile, ...]
    row_groups_per_file: int
    delta_versions: dict[str, int]

    def part(self, name: str) -> list[PartFile]:
        return [file for file in self.files if file.path.startswith(f"{name}/")]

    def rows(self, name: str) -> int:
        """Rows of a part without its padding."""
        return sum(file.rows - file.padding for file in self.part(name))

    def write(self, folder: Path) -> None:
        values = {
            "format": FORMAT,
            **asdict(self),
            "split": self.split.as_json(),
            "rows": {name: self.rows(name) for name in PARTS},
        }
        (folder / "manifest.json").write_text(json.dumps(values, indent=1, sort_keys=True), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        values = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return cls(
            values["dataset_id"],
            values["seed"],
            TimeSplit.from_json(values["split"]),
            Encoding.from_json(values["encoding"]),
            values["columns"],
            tuple(PartFile(**file) for file in values["files"]),
            values["row_groups_per_file"],
            values["delta_versions"],
        )


def dataset_id(seed: int, split: TimeSplit, encoding: Encoding, files: tuple[PartFile, ...]) -> str:
    """A hash of the content, not of the Delta versions: equal rows give the same id."""
    content = [FORMAT, seed, split.as_json(), encoding.as_json(), [(file.path, file.sha256) for file in files]]
    return digest(content)


def digest(content: Any) -> str:
    """Sixteen hex digits of the SHA-256 of `content` as JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def shards_root(config: Config) -> Path:
    return config.local_folder / "shards"


def pointer(config: Config, day: date) -> Path:
    """The file that says which dataset a training on `day` uses, for this recipe."""
    training = config.training
    recipe = [
        FORMAT,
        time_split(config, day).as_json(),
        config.features.model_dump(),
        training.seed,
        training.late_share,
    ]
    layout = [training.workers, training.row_groups_per_worker]
    return shards_root(config) / "of" / f"{day}-{digest([recipe, layout])}.json"


def find(config: Config, day: date) -> tuple[Path, Manifest] | None:
    """The dataset that write_shards made for a training on `day`, with its folder."""
    file = pointer(config, day)
    if not file.is_file():
        return None
    folder = shards_root(config) / json.loads(file.read_text(encoding="utf-8"))["dataset_id"]
    return (folder, Manifest.read(folder)) if (folder / "manifest.json").is_file() else None


def point(config: Config, day: date, manifest: Manifest, versions: dict[str, int]) -> None:
    """Record the dataset that a training on `day` uses, and the table versions it was checked at, atomically."""
    file = pointer(config, day)
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, json.dumps({"dataset_id": manifest.dataset_id, "delta_versions": versions}, sort_keys=True))


def checked_versions(config: Config, day: date) -> dict[str, int] | None:
    """Table versions at which the day's dataset was last made or confirmed."""
    file = pointer(config, day)
    return json.loads(file.read_text(encoding="utf-8"))["delta_versions"] if file.is_file() else None


def replace_file(file: Path, text: str) -> None:
    """Write beside, flush to disk, rename: a kill leaves the old content or the new."""
    beside = file.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)

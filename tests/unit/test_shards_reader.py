"""Petastorm over real shard files: disjoint, complete, in an order that follows the seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from energy_lib.shards.manifest import Manifest
from energy_lib.shards.reader import shard_reader
from tests.synthetic_features import feature_rows, write_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("dataset")
    return folder, write_dataset(folder, feature_rows(meters=3, days=45), files=4)


def keys_of(folder: Path, shard: int, shards: int, seed: int | None) -> list[tuple[str, int]]:
    """(meter, origin) of each row with weight, in the order they come."""
    found = []
    with shard_reader(
        folder / "train", shard, shards, columns=["meter_id", "origin_utc", "weight"], seed=seed
    ) as reader:
        for batch in reader:
            weights = [np.frombuffer(value, "<f4").sum() for value in batch.weight]
            rows = zip(batch.meter_id, batch.origin_utc, weights, strict=True)
            found += [(str(meter), int(origin.astype("int64"))) for meter, origin, weight in rows if weight > 0]
    return found


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_shards_are_disjoint_and_complete(dataset: tuple[Path, Manifest], shards: int) -> None:
    folder, manifest = dataset
    parts = [keys_of(folder, shard, shards, seed=5) for shard in range(shards)]
    everything = [key for part in parts for key in part]
    assert len(everything) == len(set(everything)) == manifest.rows("train")


def test_the_order_follows_the_seed(dataset: tuple[Path, Manifest]) -> None:
    folder, _ = dataset
    assert keys_of(folder, 0, 2, seed=5) == keys_of(folder, 0, 2, seed=5)
    assert keys_of(folder, 0, 2, seed=5) != keys_of(folder, 0, 2, seed=6)
    assert keys_of(folder, 0, 2, seed=None) == keys_of(folder, 0, 2, seed=None)


def test_every_file_holds_one_row_group_of_the_same_size(dataset: tuple[Path, Manifest]) -> None:
    _, manifest = dataset
    for part in ("train", "validation"):
        assert len({file.rows for file in manifest.part(part)}) == 1


def test_the_same_rows_give_the_same_dataset(dataset: tuple[Path, Manifest], tmp_path: Path) -> None:
    folder, manifest = dataset
    again = write_dataset(tmp_path, feature_rows(meters=3, days=45).sample(frac=1, random_state=1), files=4)
    assert again.dataset_id == manifest.dataset_id
    for file in manifest.files:
        assert (tmp_path / file.path).read_bytes() == (folder / file.path).read_bytes()
    assert Manifest.read(folder) == manifest


def test_one_changed_reading_gives_another_dataset(dataset: tuple[Path, Manifest], tmp_path: Path) -> None:
    _, manifest = dataset
    rows = feature_rows(meters=3, days=45)
    rows.loc[10, "target_kwh"] += 1
    assert write_dataset(tmp_path, rows, files=4).dataset_id != manifest.dataset_id

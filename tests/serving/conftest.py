"""The API over a small lake of known numbers, asked in this process or over the network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from report_areas import put_areas
from report_lake import make_lake
from served_api import put_more, served
from served_models import Championed, add_version, export

from energy_lib.config import Config
from energy_lib.models.config import load_config


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put_more(put_areas(make_lake(tmp_path_factory.mktemp("lake"), days=3)))


@pytest.fixture
def lake(root: Path, tmp_path: Path) -> Path:
    """A lake that the test may write to, to which nobody has posted feedback."""
    lake = Path(shutil.copytree(root, tmp_path / "lake"))
    shutil.rmtree(lake / "ops" / "posted_feedback")
    return lake


@pytest.fixture(scope="session")
def api(root: Path) -> Iterator[httpx.Client]:
    with served(Config(lake=str(root))) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def championed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Championed]:
    folder = tmp_path_factory.mktemp("championed")
    lake = shutil.copytree(root, folder / "lake")
    config = load_config(None, [
        f"lake={lake}", f"landing={folder / 'landing'}", "serving.look_seconds=0.1", "serving.burst=1000000",
        "serving.readings_source=posted_readings",
    ])[0]  # fmt: skip
    add_version(config, export(folder / "one", "one"), promoted=True)
    with served(config) as address, httpx.Client(base_url=address, timeout=60) as client:
        made = Championed(client, config, folder)
        made.wait_for("1")
        yield made

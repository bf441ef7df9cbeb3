"""One small utility and one uninterrupted night over it, shared by the tests of whole jobs."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_utility import Utility


@pytest.fixture(scope="session")
def utility(tmp_path_factory: pytest.TempPathFactory) -> Utility:
    folder = tmp_path_factory.mktemp("utility")
    made = Utility(folder / "landing")
    made.run("simulate", folder / "unused")
    return made


@pytest.fixture(scope="session")
def reference(utility: Utility, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of one uninterrupted night."""
    lake = tmp_path_factory.mktemp("reference") / "lake"
    utility.night(lake)
    return lake

"""A service finds the champion in the store that MLflow wrote, without MLflow."""

from __future__ import annotations

from pathlib import Path

import pytest
from served_models import add_version, export

from energy_lib.models.config import load_config
from energy_lib.registry.served_versions import served_versions, store_changed_at
from energy_lib.registry.versions import champion, versions

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own


def test_the_file_says_what_mlflow_says(tmp_path: Path) -> None:
    config = load_config(None, [f"lake={tmp_path / 'lake'}", "serving.challenger='3'"])[0]
    assert (served_versions(config), store_changed_at(config)) == ((None, None), ())
    for name, promoted in (("one", True), ("two", True), ("three", False)):
        before = store_changed_at(config)
        add_version(config, export(tmp_path / name, name), promoted=promoted)
        assert store_changed_at(config) != before
    first, second = served_versions(config)
    chosen = champion(config)
    assert first is not None
    assert chosen is not None
    assert (first.name, first.version, first.path) == chosen.ref
    assert chosen.version == "2"
    assert second is not None
    assert (second.name, second.version, second.path) == versions(config)[2].ref

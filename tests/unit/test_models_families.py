"""A model family is one object: a made-up one in the mapping is configured, specified, searched and loaded."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from energy_lib.config import Section, read_config
from energy_lib.encoding.tensors import Encoding, Floats, Tensors
from energy_lib.errors import BadConfig
from energy_lib.models.config import config_class, load_config, training_class
from energy_lib.models.exported_model import load_model
from energy_lib.models.families import FAMILIES, family_of
from energy_lib.models.families.family import Answer, Family, Search, Trial
from energy_lib.training.spec import TrainingSpec, training_spec
from energy_lib.training.tuning.study import as_config

# Of the default config on the dataset "abc".
IDS = {"dense": "4b8ee703885fbf0a", "lightgbm": "27325e32eaf006dc", "ensemble": "0b4527a322de776a"}


class ForestConfig(Section):
    trees: int = 10


def load_answer(folder: Path, encoding: Encoding) -> Answer:
    level = float((folder / "forest.txt").read_text())

    def answer(tensors: Tensors) -> Floats:
        return np.full((len(tensors.level), encoding.horizon_hours, 7), level, dtype=np.float32)

    return answer


def suggested(trial: Trial) -> dict[str, Any]:
    return {"trees": trial.suggest_int("trees", 1, 100)}


FOREST = Family(
    name="forest",
    models=("random_forest",),
    load_answer=load_answer,
    requirements=("numpy",),
    workers={"forest": "energy_lib.training.families.forest.worker"},
    search=Search(suggested, "forest", "energy_lib.training.families.forest.trials", warm_up_steps=1),
    one_process=True,
    sections={"forest": ForestConfig},
)


@pytest.fixture
def forest(monkeypatch: pytest.MonkeyPatch) -> Family:
    monkeypatch.setitem(FAMILIES, FOREST.name, FOREST)
    return FOREST


def test_a_new_family_is_configured_specified_and_searched(forest: Family) -> None:
    schema = config_class(training_class(FAMILIES.values()))
    config, _ = read_config(None, ["training.model=random_forest", "training.forest.trees=3"], schema)
    spec = training_spec(config, SimpleNamespace(dataset_id="d"))  # type: ignore[arg-type]  # no shards needed
    assert (spec.framework, spec.workers, spec.settings) == ("forest", 1, {"forest": {"trees": 3}})
    assert TrainingSpec.from_json(spec.as_json()) == spec
    assert as_config(spec, {"trees": 7})["training"] == {"model": "random_forest", "forest": {"trees": 7}}
    with pytest.raises(BadConfig, match=r"training\.forest\.tress"):
        read_config(None, ["training.forest.tress=3"], schema)
    with pytest.raises(BadConfig, match=r"'ensemble', .*'random_forest'|'ensemble' or 'random_forest'"):
        read_config(None, ["training.model=foo"], schema)


def test_a_new_familys_export_is_loaded(forest: Family, tmp_path: Path) -> None:
    encoding = Encoding(("weekday",), (0.0,), (1.0,), 24, "set", 1.0)
    described = {"name": "random_forest", "family": "forest", "training_id": "t", "trained_until": "2024-01-01"}
    (tmp_path / "model.json").write_text(json.dumps({**described, "encoding": encoding.as_json()}))
    (tmp_path / "forest.txt").write_text("2.5")
    features = np.zeros((1, 24, 2), dtype=np.float32)
    tensors = Tensors(features[:, :, 0], features, np.array([2.0], dtype=np.float32), np.array(["m"]))
    assert (load_model(tmp_path).quantiles(tensors) == 5.0).all()


def test_the_modules_that_families_name_are_there() -> None:
    for family in FAMILIES.values():
        for module in (*family.workers.values(), family.search.objective_module):
            assert find_spec(module) is not None, f"{family.name} names {module}"


def test_every_model_has_one_family_and_an_unknown_one_is_refused() -> None:
    models = [model for family in FAMILIES.values() for model in family.models]
    assert sorted(models) == sorted(set(models))
    assert {model: family_of(model).name for model in ("dense", "lightgbm", "ensemble")} == {
        "dense": "network",
        "lightgbm": "boosting",
        "ensemble": "ensemble",
    }
    with pytest.raises(BadConfig, match=r"choose one of .*dense, .*ensemble"):
        family_of("no_such_model")


def test_the_ids_of_trainings_are_those_of_before_families_were_objects() -> None:
    """An equal training is not repeated: its folder is named by its id."""
    ids = {}
    for model in ("dense", "lightgbm", "ensemble"):
        config, _ = load_config(None, [f"training.model={model}"])
        manifest: Any = SimpleNamespace(dataset_id="abc")
        ids[model] = training_spec(config, manifest).training_id
    assert ids == IDS

"""Configuration: layering, provenance and the sentences for what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from energy_lib.config import ZeroRunHours, describe
from energy_lib.errors import BadConfig
from energy_lib.models.config import TrainingConfig, load_config
from tests.programs import python

REPOSITORY = Path(__file__).parents[2]


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_a_file_lies_over_what_it_extends_and_set_over_both(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "lake: a\nlanding: b\nspark:\n  conf: {spark.x: '1', spark.y: '1'}\n")
    top = write(tmp_path, "top.yaml", "extends: base.yaml\nlake: c\nspark:\n  conf: {spark.y: '2'}\n")
    config, origins = load_config(top, ["training.workers=3", "spark.conf.spark.z=4"])
    assert (config.lake, config.landing, config.training.workers) == ("c", "b", 3)
    assert config.spark.conf == {"spark.x": "1", "spark.y": "2", "spark.z": "4"}
    assert origins["lake"] == top
    assert origins["training.workers"] == "--set"


def test_a_key_set_in_a_section_leaves_its_other_keys_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", "cleaning: {zero_run_hours: {electricity: 5}}\n")
    for given in ("cleaning.zero_run_hours.gas=12", "cleaning={zero_run_hours: {gas: 12}}"):
        config, origins = load_config(path, [given])
        assert config.cleaning.zero_run_hours == ZeroRunHours(electricity=5, gas=12)
        assert origins["cleaning.zero_run_hours.electricity"] == path
    assert load_config(None, [given])[0].cleaning.zero_run_hours == ZeroRunHours(electricity=3, gas=12)


def test_print_config_says_where_each_value_came_from(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", "lake: here\n")
    lines = describe(*load_config(path, ["training.seed=5"])).splitlines()
    assert f"lake = 'here'  # {path}" in lines
    assert "training.seed = 5  # --set" in lines
    assert "landing = 'data/landing'  # default" in lines


def test_print_config_says_where_each_spark_setting_came_from_and_what_overrules_it(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "spark:\n  conf: {spark.x: '1', spark.y: '1'}\n")
    top = write(tmp_path, "top.yaml", "extends: base.yaml\nspark:\n  master: local[7]\n  conf: {spark.y: '2'}\n")
    config, origins = load_config(top, ["spark.conf.spark.z=4"])
    lines = describe(config, origins, {"spark.master": ("local[1]", "spark-submit (--master)")}).splitlines()
    assert f"spark.conf.spark.x = '1'  # {tmp_path / 'base.yaml'}" in lines
    assert f"spark.conf.spark.y = '2'  # {top}" in lines
    assert "spark.conf.spark.z = '4'  # --set" in lines
    assert "spark.master = 'local[1]'  # spark-submit (--master)" in lines
    assert not any("local[7]" in line for line in lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lak: x\n", ["lak", "--print-config"]),
        ("training: {workers: 0}\n", ["training.workers", "0"]),
        ("training: {wrokers: 1}\n", ["training.wrokers"]),
        ("cleaning: {zero_run_hours: {water: 3}}\n", ["cleaning.zero_run_hours.water"]),
        ("- a\n", ["key: value"]),
        ("a: [\n", ["not YAML"]),
        ("simulate: {first_date: 2024-13-01}\n", ["not YAML", "month"]),
        ("extends: a.yaml\n", ["a.yaml, which extends a.yaml"]),
        ("extends: [b.yaml]\n", ["no config file"]),
        ("training: {train_days: -5}\n", ["training.train_days", "-5"]),
        ("training: {model: foo}\n", ["training.model", "'dense'", "'ensemble'"]),
        ("training: {framework: jax}\n", ["training.framework", "'tensorflow'", "'torch'"]),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(BadConfig) as refused:
        load_config(write(tmp_path, "a.yaml", text))
    message = str(refused.value)
    assert "\n" not in message
    assert all(word in message for word in words)


def test_a_missing_file_and_a_malformed_override_are_refused() -> None:
    with pytest.raises(BadConfig, match=r"nowhere\.yaml"):
        load_config("nowhere.yaml")
    with pytest.raises(BadConfig, match="key=value"):
        load_config(None, ["lake"])


def test_a_circle_of_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", "extends: a.yaml\n")
    with pytest.raises(BadConfig, match=r"a\.yaml, which extends b\.yaml, which extends a\.yaml"):
        load_config(write(tmp_path, "a.yaml", "extends: b.yaml\n"))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("lake: Zähler\n".encode("latin-1"))
    with pytest.raises(BadConfig, match="save it as UTF-8"):
        load_config(str(tmp_path / "latin.yaml"))


@pytest.mark.slow
def test_the_models_to_choose_from_are_those_there_are() -> None:
    """In a process of its own: the networks' module brings TensorFlow with it."""
    program = "from energy_lib.models.networks.tensorflow.networks import NETWORKS; print(*NETWORKS)"
    networks = python(program).split()
    models, choices = (get_args(TrainingConfig.model_fields[key].annotation) for key in ("model", "network"))
    assert sorted(networks) == sorted(choices)
    assert {*networks, "lightgbm", "ensemble"} <= set(models)


@pytest.mark.parametrize("override", ["lake=[abc", "lake=@x", "simulate.first_date=2024-13-01"])
def test_an_override_that_is_not_yaml_is_refused(override: str) -> None:
    with pytest.raises(BadConfig, match="not YAML") as refused:
        load_config(None, [override])
    assert f"--set {override}" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", sorted(path.name for path in (REPOSITORY / "conf").glob("*.yaml")))
def test_shipped_configs_load(name: str) -> None:
    config, _ = load_config(str(REPOSITORY / "conf" / name))
    assert config.spark.conf["spark.sql.session.timeZone"] == "UTC"


SHIPPED = [
    file for file in sorted((REPOSITORY / "conf").rglob("*.yaml")) if file.parent.name not in ("scenarios", "sources")
]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_config_is_valid(file: Path) -> None:
    config, _ = load_config(str(file))
    named = {"demo": "dense", "dense": "dense", "tide": "tide", "lightgbm": "lightgbm"}
    assert config.training.model == named.get(file.stem, "ensemble")


def test_a_shipped_config_is_at_hand_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config("conf/demo.yaml")[0].lake == "data/demo/lake"
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "demo.yaml").write_text("lake: mine\n")
    assert load_config("conf/demo.yaml")[0].lake == "mine"

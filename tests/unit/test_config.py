"""Configuration: layering, provenance and the sentences for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_lib.config import ZeroRunHours, describe, load_config
from energy_lib.errors import BadConfig

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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lak: x\n", ["lak", "--print-config"]),
        ("training: {workers: 0}\n", ["training.workers", "0"]),
        ("training: {wrokers: 1}\n", ["training.wrokers"]),
        ("cleaning: {zero_run_hours: {water: 3}}\n", ["cleaning.zero_run_hours.water"]),
        ("- a\n", ["key: value"]),
        ("a: [\n", ["not YAML"]),
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


@pytest.mark.parametrize("name", sorted(path.name for path in (REPOSITORY / "conf").glob("*.yaml")))
def test_shipped_configs_load(name: str) -> None:
    config, _ = load_config(str(REPOSITORY / "conf" / name))
    assert config.spark.conf["spark.sql.session.timeZone"] == "UTC"

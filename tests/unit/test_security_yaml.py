"""YAML of users is data: bombs, objects and values that cannot be are one sentence, for configs and for sources."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from energy_lib.config import Config, read_config
from energy_lib.errors import BadConfig
from energy_lib.landing.sources.loading import load_source
from energy_lib.security.safe_yaml import MOST_VALUES, load_yaml
from jobs import api_keys

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
)
HOSTILE = {
    "laughs": (LAUGHS, "stand for more than 100,000 values"),
    "merged laughs": (LAUGHS.replace("[x", "[{x: 1}") + "z: {<<: *a8}\n", "stand for more than"),
    "itself": ("lake: &a [*a]\n", "names nothing that is whole before it"),
    "itself as key": ("lake: &a {b: *a}\n", "names nothing that is whole before it"),
    "unknown alias": ("lake: *a\n", "alias"),
    "deep": ("lake: " + "[" * 100_000, "nests deeper than 50"),
    "deep blocks": ("".join(f"{' ' * i}a:\n" for i in range(300)), "nests deeper than 50"),
    "large": ("lake: x\n" + "#" * (1 << 20), "larger than 1,048,576 bytes"),
    "object": ("lake: !!python/object/apply:os.system ['touch /tmp/was-here']\n", "could not determine a constructor"),
    "name": ("lake: !!python/name:os.system\n", "could not determine a constructor"),
    "long number": ("lake: 0x" + "f" * 50_000 + "\n", "not in quotes"),
    "month 13": ("description: 2024-13-01\n", "month must be in 1..12"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_config_or_source_is_one_short_sentence_at_once(tmp_path: Path, name: str) -> None:
    text, words = HOSTILE[name]
    file = tmp_path / "hostile.yaml"
    file.write_text(text)
    began = time.process_time()
    for read in (lambda: read_config(str(file), [], Config), lambda: load_source(file)):
        with pytest.raises(BadConfig) as refused:
            read()
        assert words in str(refused.value)
        assert len(str(refused.value)) < 500
    assert time.process_time() - began < 5


def test_a_hostile_config_ends_a_job_with_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.yaml").write_text(HOSTILE["deep"][0])
    assert api_keys.main(["--config", str(tmp_path / "c.yaml")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_wrong_value_is_shown_in_short_and_a_secret_not_at_all() -> None:
    with pytest.raises(BadConfig) as refused:
        read_config(None, [f"simulate.meters={'x' * 3000}"], Config)
    assert len(str(refused.value)) < 250
    with pytest.raises(BadConfig) as refused:
        read_config(None, ["stream.password=hunter2"], Config)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(BadConfig) as refused:
        read_config(None, ["tuning.storage=[postgresql://me:hunter2@db/optuna]"], Config)
    assert "hunter2" not in str(refused.value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_what_is_small_is_read_as_before_with_aliases_too(value: object) -> None:
    text = yaml.dump([value, value], allow_unicode=True)
    assert load_yaml(text) == yaml.safe_load(text)
    assert load_yaml(text.encode()) == yaml.safe_load(text)


def test_the_limit_counts_what_aliases_stand_for() -> None:
    tens = MOST_VALUES // 1000
    fits = f"a: &a [{', '.join(['x'] * 900)}]\nb: [{', '.join(['*a'] * (tens - 2))}]\n"
    assert len(load_yaml(fits)["b"]) == tens - 2
    with pytest.raises(yaml.YAMLError, match="stand for more"):
        load_yaml(fits.replace("b: [", "b: [" + "*a, " * 20))

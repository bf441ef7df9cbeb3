"""pre-commit and `make check` run the same commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOOKS: list[dict[str, Any]] = [
    hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repository["hooks"]
]


def make_check_commands() -> list[str]:
    """The recipe of the target `check`, without the prefix that sets its environment."""
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    return [line.strip().removeprefix("$(RUN) ") for line in recipe[1].splitlines()]


def test_pre_commit_runs_what_make_check_runs() -> None:
    assert [hook["entry"] for hook in HOOKS] == make_check_commands()


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
def test_a_hook_checks_the_whole_tree_with_the_installed_tools(hook: dict[str, Any]) -> None:
    assert hook["language"] == "system"
    assert hook["pass_filenames"] is False

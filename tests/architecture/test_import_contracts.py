"""The import contracts name what they claim to hold."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
WITHOUT_SPARK = "Kernels, metrics, encoding and prediction load neither Spark nor a training framework"
# What of a room is not pure: it applies the pure files to frames, reads and writes, or holds the networks.
APPLIED = ("__init__", "spark", "pipeline", "networks")


@pytest.mark.parametrize(
    "room",
    [
        *("cleaning", "evaluation", "features", "forecasting", "landing", "models"),
        *("insights.recommendations", "insights.scenarios"),
    ],
)
def test_every_pure_file_of_a_room_is_held_to_load_no_spark(room: str) -> None:
    """`lint-imports` says nothing of a file that the contract does not name: name a new one in pyproject.toml."""
    files = [
        path
        for path in (ROOT / "energy_lib").joinpath(*room.split(".")).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    ]
    pure = {f"energy_lib.{room}.{path.stem}" for path in files if path.stem not in APPLIED}
    named = {
        module for module in CONTRACTS[WITHOUT_SPARK]["source_modules"] if module.startswith(f"energy_lib.{room}.")
    }
    assert named == pure

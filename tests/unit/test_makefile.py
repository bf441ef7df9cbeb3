"""make install names what is missing in one sentence, before it makes anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"
NEEDED = ("requirements.lock", "pyproject.toml", "energy_lib/lake/install_jars.py")


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def install(folder: Path, python: str, **environment: str) -> str:
    """The last line of `make install`, which fails, in a checkout that holds nothing but what it depends on."""
    shutil.copy(MAKEFILE, folder)
    for name in NEEDED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    program(folder / "python", python)
    path = f"{folder / 'onpath'}:/usr/bin:/bin"
    # The tests may have been started by make themselves.
    outside = {k: v for k, v in os.environ.items() if k != "JAVA_HOME" and not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "install", f"PYTHON={folder / 'python'}"], cwd=folder, capture_output=True, text=True,
        env={**outside, "PATH": path, **environment},
    )  # fmt: skip
    assert done.returncode == 2
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("home", "on_path", "named"), [("11", "17", "home"), (None, "11", "java is missing"), ("17", "11", None)]
)
def test_the_java_that_spark_takes_is_the_one_that_is_checked(
    tmp_path: Path, home: str | None, on_path: str, named: str | None
) -> None:
    for version, java in ((home, tmp_path / "home/bin/java"), (on_path, tmp_path / "onpath/java")):
        if version is not None:
            program(java, f"echo 'openjdk version \"{version}.0.1\"' >&2")
    environment = {"JAVA_HOME": str(tmp_path / "home")} if home else {}
    # A Python that is right, and makes no environment.
    said = install(tmp_path, '[ "$1" = -c ]', **environment)
    assert said.startswith("Java 17 is needed") == (named is not None)
    assert named is None or named in said


def test_a_wrong_python_is_named(tmp_path: Path) -> None:
    assert install(tmp_path, "exit 1").startswith("Python 3.11 is needed and ")

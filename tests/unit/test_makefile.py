"""What is missing is named in one sentence, before anything is made; one name says which lake is meant."""

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


@pytest.mark.parametrize("target", ["pages", "serve", "notebooks"])
def test_one_name_says_which_lake(tmp_path: Path, target: str) -> None:
    def make(lake: Path, *options: str) -> subprocess.CompletedProcess[str]:
        command = ["make", "-f", str(MAKEFILE), "-o", "install", *options, target, f"ENERGY_LAKE={lake}"]
        # Below `make test` a second make would name the folder that it enters before its own sentence.
        environment = {name: value for name, value in os.environ.items() if name not in ("MAKELEVEL", "MAKEFLAGS")}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    missing = make(tmp_path / "missing")
    assert missing.returncode == 2
    assert missing.stdout.startswith(f"There is no lake at {tmp_path / 'missing'}: run make demo, or name yours")
    here = tmp_path / "my lake"
    here.mkdir()
    assert f'"{here}"' in make(here, "--dry-run").stdout.splitlines()[-1]

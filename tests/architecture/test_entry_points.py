"""Every job is a program of the installed wheel."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_job_has_an_entry_point() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    jobs = [path.stem for path in (ROOT / "jobs").glob("*.py") if path.stem != "__init__"]
    expected = {f"energy-{job.replace('_', '-')}": f"jobs.{job}:main" for job in jobs}
    assert scripts == {**expected, "energy-serve": "energy_lib.serving.__main__:main"}
